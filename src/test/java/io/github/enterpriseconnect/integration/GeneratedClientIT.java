package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.simulator.Simulator;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.example.calendar.ApiClient;
import org.example.calendar.ApiException;
import org.example.calendar.ApiResponse;
import org.example.calendar.api.ApplicationsApi;
import org.example.calendar.api.ApplicationsApi.APIExchangeTokenRequest;
import org.example.calendar.api.ApplicationsApi.APIFetchTokenRequest;
import org.example.calendar.api.LinksApi;
import org.example.calendar.api.LinksApi.APIGetLinkRequest;
import org.example.calendar.api.LinksApi.APIInviteRequest;
import org.example.calendar.api.LinksApi.APIListInvitationsRequest;
import org.example.calendar.api.LinksApi.APIListLinksRequest;
import org.example.calendar.api.LinksApi.APIPutLinkRequest;
import org.example.calendar.api.MembersApi;
import org.example.calendar.api.MembersApi.APIGetMemberRequest;
import org.example.calendar.api.MembersApi.APIListDelegationsRequest;
import org.example.calendar.api.SettingsApi;
import org.example.calendar.api.SettingsApi.APIGetSettingsRequest;
import org.example.calendar.api.SettingsApi.APIPutSettingsRequest;
import org.example.calendar.model.AccessTokenType;
import org.example.calendar.model.AdminError;
import org.example.calendar.model.DelegationState;
import org.example.calendar.model.Delegations;
import org.example.calendar.model.ExchangeAnswer;
import org.example.calendar.model.ExchangeRefused;
import org.example.calendar.model.Invited;
import org.example.calendar.model.Link;
import org.example.calendar.model.LinkState;
import org.example.calendar.model.ListedMember;
import org.example.calendar.model.Member;
import org.example.calendar.model.NewInvitation;
import org.example.calendar.model.NewLink;
import org.example.calendar.model.NewLinkPolicy;
import org.example.calendar.model.NewSettings;
import org.example.calendar.model.NotDelegatedOrNotFound;
import org.example.calendar.model.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client that {@code openapi-generator} has made from {@code docs/openapi.yaml}, as it comes, and a real Keycloak. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GeneratedClientIT {
    private static final String DOMAIN = "generated.test";

    private final ConnectedRealm realm;
    private final String name;
    private final String link;
    private final io.github.enterpriseconnect.integration.harness.Member maria;
    private final ObjectMapper json;
    private final ApplicationsApi applications;
    private final SettingsApi settings;
    private final LinksApi links;
    private final MembersApi members;

    GeneratedClientIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.name = AdminClient.newRealmName(GeneratedClientIT.class);
        this.realm = ConnectedRealm.create(server, admin, simulator, name, true);
        Map<String, Object> changed = new HashMap<>(realm.settings());
        changed.put("consumers", List.of(Map.of("clientId", "calendar-app", "rights", List.of("member", "offline"))));
        admin.put(realm.api("settings"), changed).expect(204);
        this.link = realm.linked("customer", DOMAIN, Map.of());
        this.maria = realm.member(link, "maria", "maria@" + DOMAIN).connect();
        String keycloak = server.baseUri().toString();
        String secret = ConnectedRealm.CONSUMER + ":" + ConnectedRealm.CONSUMER_SECRET;
        ApiClient application = client(
                keycloak, "Basic " + Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
        ApiClient administrator = client(
                keycloak,
                "Bearer "
                        + OidcClient.withoutBrowser(server.realm("master"), "admin-cli")
                                .directGrant(KeycloakServer.ADMIN, KeycloakServer.ADMIN_PASSWORD)
                                .accessToken());
        this.json = application.getObjectMapper();
        this.applications = new ApplicationsApi(application);
        this.settings = new SettingsApi(administrator);
        this.links = new LinksApi(administrator);
        this.members = new MembersApi(administrator);
    }

    private static ApiClient client(String keycloak, String authorization) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(keycloak);
        client.setRequestInterceptor(request -> request.header("Authorization", authorization));
        return client;
    }

    private APIExchangeTokenRequest exchange(String subjectToken) {
        return APIExchangeTokenRequest.newBuilder()
                .realm(name)
                .grantType("urn:ietf:params:oauth:grant-type:token-exchange")
                .requestedIssuer("enterprise-connect")
                .subjectToken(subjectToken)
                .subjectTokenType(AccessTokenType.URN_IETF_PARAMS_OAUTH_TOKEN_TYPE_ACCESS_TOKEN)
                .build();
    }

    @Test
    void a_users_token_is_exchanged() throws Exception {
        ExchangeAnswer answer =
                applications.exchangeToken(exchange(maria.signIn().accessToken()));

        assertThat(answer.getAccessToken()).isNotBlank();
        assertThat(answer.getMailbox()).isEqualTo(maria.address());
        assertThat(answer.getScope()).isEqualTo("read_write");
        assertThat(answer.getExpiresIn()).isPositive();
        assertThat(answer.getIssuedTokenType())
                .isEqualTo(AccessTokenType.URN_IETF_PARAMS_OAUTH_TOKEN_TYPE_ACCESS_TOKEN);
    }

    @Test
    void why_there_is_no_token_has_a_type() throws Exception {
        ApiException refused =
                catchThrowableOfType(ApiException.class, () -> applications.exchangeToken(exchange("garbage")));

        assertThat(refused.getCode()).isEqualTo(400);
        assertThat(json.readValue(refused.getResponseBody(), ExchangeRefused.class)
                        .getError())
                .isEqualTo(ExchangeRefused.ErrorEnum.INVALID_GRANT);
    }

    @Test
    void a_token_of_somebody_who_is_away_is_fetched_by_the_id_alone() throws Exception {
        assertThat(applications
                        .fetchToken(APIFetchTokenRequest.newBuilder()
                                .realm(name)
                                .user(maria.id())
                                .build())
                        .getMailbox())
                .isEqualTo(maria.address());
    }

    @Test
    void that_somebody_is_unknown_has_a_type_too() throws Exception {
        ApiException refused = catchThrowableOfType(
                ApiException.class,
                () -> applications.fetchToken(APIFetchTokenRequest.newBuilder()
                        .realm(name)
                        .user("9e107d9d-372b-4c5f-8c8e-000000000000")
                        .build()));

        assertThat(refused.getCode()).isEqualTo(404);
        assertThat(json.readValue(refused.getResponseBody(), NotDelegatedOrNotFound.class)
                        .getError())
                .isEqualTo("not_delegated");
    }

    @Test
    void settings_are_read_and_replaced_unless_somebody_else_was_faster() throws Exception {
        APIGetSettingsRequest reading =
                APIGetSettingsRequest.newBuilder().realm(name).build();
        ApiResponse<Settings> read = settings.getSettingsWithHttpInfo(reading);
        Settings before = read.getData();
        assertThat(before.getConsumers()).singleElement().satisfies(consumer -> assertThat(consumer.getClientId())
                .isEqualTo("calendar-app"));
        NewSettings changed = new NewSettings()
                .enabled(before.getEnabled())
                .clientId(Objects.requireNonNull(before.getClientId()))
                .dataCenter(before.getDataCenter())
                .consumers(before.getConsumers())
                .signatureRequired(true);
        APIPutSettingsRequest replacing = APIPutSettingsRequest.newBuilder()
                .realm(name)
                .newSettings(changed)
                .ifMatch(Objects.requireNonNull(read.getHeaders().get("etag")).get(0))
                .build();

        settings.putSettings(replacing);
        ApiException late = catchThrowableOfType(ApiException.class, () -> settings.putSettings(replacing));

        Settings after = settings.getSettings(reading);
        assertThat(after.getSignatureRequired()).isTrue();
        assertThat(after.getConsumers()).isEqualTo(before.getConsumers());
        assertThat(late.getCode()).isEqualTo(412);
        assertThat(json.readValue(late.getResponseBody(), AdminError.class).getErrorMessage())
                .contains("read it again");
    }

    @Test
    void what_a_link_is_not_told_stays_as_it_is() throws Exception {
        Link before = links.getLink(
                APIGetLinkRequest.newBuilder().realm(name).id(link).build());

        Link after = links.putLink(APIPutLinkRequest.newBuilder()
                .realm(name)
                .id(link)
                .newLink(new NewLink().policy(new NewLinkPolicy().optOut(true)))
                .build());

        assertThat(before.getState()).isEqualTo(LinkState.ACTIVE);
        assertThat(before.getDomains()).singleElement().satisfies(domain -> assertThat(domain.getName())
                .isEqualTo(DOMAIN));
        assertThat(after.getDomains()).isEqualTo(before.getDomains());
        assertThat(after.getPolicy().getOptOut()).isTrue();
        assertThat(after.getPolicy().getProof()).isEqualTo(before.getPolicy().getProof());
    }

    @Test
    void links_members_and_what_would_become_of_them_are_listed() throws Exception {
        List<Link> all = links.listLinks(
                APIListLinksRequest.newBuilder().realm(name).max(10).build());
        Delegations delegations = members.listDelegations(
                APIListDelegationsRequest.newBuilder().realm(name).id(link).build());
        Member member = members.getMember(
                APIGetMemberRequest.newBuilder().realm(name).user(maria.id()).build());

        assertThat(all).extracting(Link::getId).containsExactly(link);
        assertThat(delegations.getMembers())
                .extracting(ListedMember::getMailbox)
                .containsExactly(maria.address());
        assertThat(Objects.requireNonNull(delegations.getStates())).containsEntry("granted", 1);
        assertThat(member.getState()).isEqualTo(DelegationState.GRANTED);
        assertThat(member.getMailbox()).isEqualTo(maria.address());
        assertThat(member.getGate()).isNotEmpty();
    }

    @Test
    void somebody_is_invited_and_the_address_is_there() throws Exception {
        Invited invited = links.invite(APIInviteRequest.newBuilder()
                .realm(name)
                .id(link)
                .newInvitation(new NewInvitation().expiresIn(600))
                .build());

        assertThat(invited.getUrl())
                .asString()
                .startsWith(realm.resource("invitation/").toString());
        assertThat(links.listInvitations(APIListInvitationsRequest.newBuilder()
                        .realm(name)
                        .id(link)
                        .build()))
                .anySatisfy(one -> assertThat(one.getId()).isEqualTo(invited.getId()));
    }
}
