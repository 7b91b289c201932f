package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The account by which a customer's administrator lets an application into the domain (contract 1). */
final class ServiceAccount extends Account {
    private static final Pattern ROOM = Pattern.compile("room([1-9][0-9]{0,3})");

    private final String domain;
    private volatile String email;
    private volatile Scopes delegatedScope = new Scopes(Set.of());

    ServiceAccount(Application application, String sub, String domain) {
        super(application, sub);
        this.domain = domain;
        this.email = "service-account@" + domain;
    }

    Scopes delegatedScope() {
        return delegatedScope;
    }

    void authorized(Scopes granted, Scopes delegated, String as) {
        delegatedScope = delegated;
        email = as;
        authorized(granted);
    }

    boolean isDomainOf(String address) {
        return address.toLowerCase(Locale.ROOT).endsWith("@" + domain);
    }

    /** Invented: {@code room1@…} and so on up to the switch are the domain's resources. */
    static boolean isResource(String address, Switches switches) {
        String local = address.substring(0, Math.max(0, address.indexOf('@'))).toLowerCase(Locale.ROOT);
        Matcher room = ROOM.matcher(local);
        return room.matches() && Integer.parseInt(room.group(1)) <= switches.get(Switch.RESOURCE_COUNT);
    }

    @Override
    String kind() {
        return "service_account";
    }

    @Override
    String address() {
        return domain;
    }

    @Override
    int tokenSeconds(Switches switches) {
        return switches.get(Switch.SERVICE_ACCOUNT_TOKEN_SECONDS);
    }

    @Override
    void addToTokenAnswer(ObjectNode answer, Switches switches) {
        Choice.Identifiers named = switches.get(Switch.SERVICE_ACCOUNT_IDENTIFIERS);
        if (named == Choice.Identifiers.BOTH || named == Choice.Identifiers.SERVICE_ACCOUNT_ID) {
            answer.put("service_account_id", sub());
        }
        if (named == Choice.Identifiers.BOTH || named == Choice.Identifiers.SUB) {
            answer.put("sub", sub());
        }
    }

    @Override
    ObjectNode userinfo(Switches switches) {
        Choice.ServiceAccountShape shape = switches.get(Switch.SERVICE_ACCOUNT_USERINFO);
        ObjectNode info = Json.object().put("sub", sub());
        if (shape == Choice.ServiceAccountShape.FLAT) {
            return info.put("cronofy.type", kind())
                    .put("cronofy.service_account.domain", domain)
                    .put("cronofy.service_account.email", email);
        }
        info.put("cronofy.type", kind());
        ObjectNode data = info.putObject("cronofy.data");
        ObjectNode self = data.putObject("service_account").put("provider_name", switches.get(Switch.PROVIDER_NAME));
        if (shape == Choice.ServiceAccountShape.FULL) {
            self.put("domain", domain);
        }
        addProtocol(self, switches);
        data.putObject("authorization")
                .put("scope", scope().text())
                .put("status", switches.get(Switch.AUTHORIZATION_STATUS))
                .put("delegated_scope", delegatedScope.text());
        return shape == Choice.ServiceAccountShape.FLAT_DOMAIN
                ? info.put("cronofy.service_account.domain", domain).put("cronofy.service_account.email", email)
                : info.put("email", email);
    }

    /** Where these members stand is inferred (contract 13). */
    private static void addProtocol(ObjectNode self, Switches switches) {
        String protocol = switches.get(Switch.PROVIDER_PROTOCOL);
        if (!protocol.isEmpty()) {
            self.put("provider_protocol", protocol);
        }
        String migration = switches.get(Switch.GRAPH_API_MIGRATION_URL);
        if (!migration.isEmpty()) {
            self.put("graph_api_migration_url", migration);
        }
    }

    @Override
    ObjectNode account() {
        ObjectNode answer = Json.object();
        answer.putObject("account").put("account_id", sub()).put("email", email).put("scope", scope().text());
        return answer;
    }
}
