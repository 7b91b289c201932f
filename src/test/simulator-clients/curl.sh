#!/bin/sh
# Walks the simulator at $SIMULATOR as $CLIENT_ID / $CLIENT_SECRET with nothing but curl; stops at the first surprise.
set -eu
: "${SIMULATOR:?write SIMULATOR=http://127.0.0.1:PORT}" "${CLIENT_ID:?}" "${CLIENT_SECRET:?}"
redirect='http://localhost/back'
# A callback needs somebody to take it: here the simulator itself (its 404 does no harm), read back from its control API.
callback="$SIMULATOR/nobody?ticket=1"
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# step NAME EXPECTED-STATUS curl-arguments...: one request, one line
step() {
  name=$1 expected=$2
  shift 2
  status=$(curl -sS -o "$answer" -w '%{http_code}' "$@")
  if [ "$status" != "$expected" ]; then
    echo "SURPRISE $name: $status instead of $expected: $(cat "$answer")" >&2
    exit 1
  fi
  echo "ok $status $name"
}

# expect NAME TEXT: the last answer holds this text
expect() {
  if ! grep -qF -- "$2" "$answer"; then
    echo "SURPRISE $1: no $2 in $(cat "$answer")" >&2
    exit 1
  fi
}

# member NAME: the value of a string member of the last answer
member() {
  sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" "$answer"
}

token() {
  name=$1 expected=$2
  shift 2
  step "$name" "$expected" "$SIMULATOR/oauth/token" \
    --data-urlencode "client_id=$CLIENT_ID" --data-urlencode "client_secret=$CLIENT_SECRET" "$@"
}

authorize="$SIMULATOR/enterprise_connect/oauth/authorize"
set -- --data-urlencode "response_type=code" --data-urlencode "client_id=$CLIENT_ID" \
  --data-urlencode "redirect_uri=$redirect" --data-urlencode "scope=service_account/accounts/manage" \
  --data-urlencode "delegated_scope=read_write" --data-urlencode "state=a b&c"

step "authorize page" 200 -G "$authorize" "$@"
expect "authorize page" 'value="approve"'
location=$(curl -sS -o /dev/null -w '%{redirect_url}' "$authorize" "$@" -d domain=example.com -d decision=approve)
code=$(printf '%s' "$location" | sed -n 's/.*[?&]code=\([A-Za-z0-9_-]\{32\}\)&state=a+b%26c$/\1/p')
[ -n "$code" ] || { echo "SURPRISE approve: $location" >&2; exit 1; }
echo "ok 302 approve"
location=$(curl -sS -o /dev/null -w '%{redirect_url}' "$authorize" "$@" -d decision=decline)
case $location in *error=access_denied*) echo "ok 302 decline" ;; *) echo "SURPRISE decline: $location" >&2; exit 1 ;; esac

token "exchange with a wrong URL" 400 -d grant_type=authorization_code -d "code=$code" --data-urlencode "redirect_uri=$redirect/"
expect "exchange with a wrong URL" '"error":"invalid_grant"'
token "exchange" 200 -d grant_type=authorization_code -d "code=$code" --data-urlencode "redirect_uri=$redirect"
expect "exchange" '"expires_in":1800'
bearer=$(member access_token) service_account=$(member sub)
step "userinfo of the service account" 200 "$SIMULATOR/v1/userinfo" -H "Authorization: Bearer $bearer"
expect "userinfo of the service account" '"cronofy.type":"service_account"'
step "calendars of the service account" 403 "$SIMULATOR/v1/calendars" -H "Authorization: Bearer $bearer"

step "delegate" 202 "$SIMULATOR/v1/service_account_authorizations" -H "Authorization: Bearer $bearer" \
  -H 'Content-Type: application/json' \
  -d "{\"email\":\"joe@example.com\",\"callback_url\":\"$callback\",\"scope\":\"read_write\",\"state\":\"s\"}"
tries=0
until curl -sS "$SIMULATOR/_simulator/requests?method=POST&path=/nobody" >"$answer" && grep -q 'authorization' "$answer"; do
  tries=$((tries + 1))
  [ "$tries" -le 50 ] || { echo "SURPRISE callback: none came" >&2; exit 1; }
  sleep 0.1
done
code=$(sed -n 's/.*\\"code\\":\\"\([A-Za-z0-9_-]\{32\}\)\\".*/\1/p' "$answer")
[ -n "$code" ] || { echo "SURPRISE callback: no code in $(cat "$answer")" >&2; exit 1; }
expect "callback" 'cronofy-hmac-sha256'
echo "ok     callback"
token "exchange of the delegated code" 200 -d grant_type=authorization_code -d "code=$code" --data-urlencode "callback_url=$callback"
expect "exchange of the delegated code" '"profile_name":"joe@example.com"'
bearer=$(member access_token) refresh=$(member refresh_token)
step "userinfo of the mailbox" 200 "$SIMULATOR/v1/userinfo" -H "Authorization: Bearer $bearer"
step "calendars" 200 "$SIMULATOR/v1/calendars" -H "Authorization: Bearer $bearer"
step "events" 200 "$SIMULATOR/v1/events?tzid=Etc%2FUTC" -H "Authorization: Bearer $bearer"
token "refresh" 200 -d grant_type=refresh_token -d "refresh_token=$refresh"

step "revoke the service account" 200 "$SIMULATOR/oauth/token/revoke" \
  -d "client_id=$CLIENT_ID" -d "client_secret=$CLIENT_SECRET" -d "sub=$service_account"
step "userinfo after it" 401 "$SIMULATOR/v1/userinfo" -H "Authorization: Bearer $bearer"
token "refresh after it" 400 -d grant_type=refresh_token -d "refresh_token=$refresh"
expect "refresh after it" '"error":"invalid_grant"'
step "revoke as a wrong client" 400 "$SIMULATOR/oauth/token/revoke" -d "client_id=$CLIENT_ID" -d client_secret=wrong -d sub=x
expect "revoke as a wrong client" '"error":"invalid_client"'
