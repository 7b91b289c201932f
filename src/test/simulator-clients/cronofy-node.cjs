// Walks the simulator at $SIMULATOR with Cronofy's own client (npm cronofy): one line per step, exit 1 on a surprise.
'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const Cronofy = require('cronofy');

const { SIMULATOR: simulator, CLIENT_ID: client_id, CLIENT_SECRET: client_secret } = process.env;
assert.ok(simulator && client_id && client_secret, 'write SIMULATOR, CLIENT_ID and CLIENT_SECRET');

function client(tokens = {}) {
  const made = new Cronofy({ client_id, client_secret, ...tokens });
  made.urls.api = simulator;
  return made;
}

async function step(name, work) {
  const result = await work();
  console.log(`ok ${name}`);
  return result;
}

async function refused(status, work) {
  const error = await work().then(() => assert.fail(`no ${status}`), (failure) => failure);
  assert.equal(error.statusCode, status, error.message);
  return error.error.entity;
}

async function main() {
  const calls = [];
  const waiting = [];
  const receiver = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const call = { url: request.url, body, headers: request.headers };
      response.end();
      waiting.length ? waiting.shift()(call) : calls.push(call);
    });
  });
  await new Promise((listening) => receiver.listen(0, '127.0.0.1', listening));
  const callback_url = `http://127.0.0.1:${receiver.address().port}/callback?ticket=1`;
  const called = () => (calls.length ? Promise.resolve(calls.shift()) : new Promise((come) => waiting.push(come)));

  const redirect_uri = 'http://localhost/back';
  const code = await step('the administrator approves', async () => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri,
      scope: 'service_account/accounts/manage service_account/resources/manage',
      delegated_scope: 'read_write',
      state: 'the state',
    });
    const answer = await fetch(`${simulator}/enterprise_connect/oauth/authorize?${query}`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ decision: 'approve', domain: 'example.com' }),
    });
    assert.equal(answer.status, 302);
    const back = new URL(answer.headers.get('location'));
    assert.equal(back.searchParams.get('state'), 'the state');
    return back.searchParams.get('code');
  });

  const service = client();
  const link = await step('requestAccessToken of the service account', async () => {
    const tokens = await service.requestAccessToken({ code, redirect_uri });
    assert.equal(tokens.expires_in, 1800);
    assert.equal(tokens.sub, tokens.service_account_id);
    return tokens;
  });
  await step('userInfo of the service account', async () => {
    const info = await service.userInfo();
    assert.equal(info.sub, link.sub);
    assert.equal(info['cronofy.data'].service_account.domain, 'example.com');
  });
  await step('authorizeWithServiceAccount, single', async () => {
    const scope = 'read_write';
    const answer = await service.authorizeWithServiceAccount({ email: 'joe@example.com', callback_url, scope, state: 'j' });
    assert.equal(answer, '');
  });
  const single = await step('its callback', called);
  await step('hmacValid', () => {
    assert.equal(single.url, '/callback?ticket=1');
    const hmac = single.headers['cronofy-hmac-sha256'];
    assert.equal(service.hmacValid({ hmac, body: single.body }), true);
    assert.equal(service.hmacValid({ hmac, body: `${single.body} ` }), false);
  });
  await step('authorizeWithServiceAccount, bulk, with one refusal', async () => {
    await service.authorizeWithServiceAccount({
      service_account_authorizations: [
        { email: 'jane@example.com', callback_url, scope: 'read_write', state: 'good' },
        { email: 'jim@elsewhere.test', callback_url, scope: 'read_write', state: 'bad' },
      ],
    });
    const answers = [await called(), await called()].map((call) => JSON.parse(call.body).authorization);
    assert.equal(answers.find((one) => one.state === 'good').code.length, 32);
    assert.equal(answers.find((one) => one.state === 'bad').error, 'access_denied');
  });
  await step('a batch of 51 is refused', async () => {
    const many = Array.from({ length: 51 }, (_, i) => ({ email: `u${i}@example.com`, callback_url, scope: 'read_write' }));
    const body = await refused(422, () => service.authorizeWithServiceAccount({ service_account_authorizations: many }));
    assert.ok(body.errors.service_account_authorizations[0].key);
  });

  const joe = client();
  const tokens = await step('requestAccessToken with callback_url, on a new client', async () => {
    const { authorization } = JSON.parse(single.body);
    assert.equal(authorization.state, 'j');
    const granted = await joe.requestAccessToken({ code: authorization.code, callback_url });
    assert.equal(granted.linking_profile.profile_name, 'joe@example.com');
    assert.equal(granted.account_id, granted.sub);
    return { ...granted };
  });
  await step('userInfo', async () => assert.equal((await joe.userInfo()).sub, tokens.sub));
  const calendar_id = await step('listCalendars', async () => {
    const { calendars } = await joe.listCalendars();
    assert.equal(calendars.length, 1);
    return calendars[0].calendar_id;
  });
  await step('readEvents', async () => {
    const { events, pages } = await joe.readEvents({ tzid: 'Etc/UTC', calendar_ids: [calendar_id] });
    assert.equal(events.length, 3);
    assert.equal(pages.current, 1);
  });
  await step('createEvent and deleteEvent', async () => {
    const event = { calendar_id, event_id: 'e', summary: 's', start: '2026-01-01', end: '2026-01-02' };
    await joe.createEvent(event);
    await joe.deleteEvent({ calendar_id, event_id: 'e' });
  });
  await step('freeBusy', async () => assert.ok((await joe.freeBusy({ tzid: 'Etc/UTC' })).free_busy.length));
  await step('accountInformation and profileInformation', async () => {
    assert.equal((await joe.accountInformation()).account.account_id, tokens.sub);
    assert.equal((await joe.profileInformation()).profiles.length, 1);
  });
  await step('createNotificationChannel, its verification, deleteNotificationChannel', async () => {
    const { channel } = await joe.createNotificationChannel({ callback_url });
    const verification = await called();
    assert.equal(JSON.parse(verification.body).notification.type, 'verification');
    assert.equal((await joe.listNotificationChannels()).channels.length, 1);
    await joe.deleteNotificationChannel({ channel_id: channel.channel_id });
  });
  await step('refreshAccessToken', async () => {
    const fresh = await joe.refreshAccessToken();
    assert.notEqual(fresh.access_token, tokens.access_token);
    assert.equal(fresh.refresh_token, tokens.refresh_token);
  });
  await step('revokeAuthorization', () => joe.revokeAuthorization({ token: tokens.refresh_token }));
  const gone = client(tokens);
  await step('userInfo is 401 now', () => refused(401, () => gone.userInfo()));
  await step('refreshAccessToken is 400 now', async () => {
    assert.deepEqual(await refused(400, () => gone.refreshAccessToken()), { error: 'invalid_grant' });
  });
  await step('the service account is still good', () => service.userInfo());
  receiver.close();
}

const deadline = setTimeout(() => {
  console.error('SURPRISE: not done after a minute');
  process.exit(1);
}, 60_000);

main().then(
  () => clearTimeout(deadline),
  (error) => {
    console.error('SURPRISE:', error);
    process.exit(1);
  },
);
