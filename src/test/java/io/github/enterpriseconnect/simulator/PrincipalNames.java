package io.github.enterpriseconnect.simulator;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The names that the customer's directory has for mailboxes besides their addresses, such as Microsoft's user principal names,
 * and which of the two an ask wants and an answer bears (contract 13).
 */
record PrincipalNames(Switches switches) {
    /** The mailbox's principal name; its address where it has no other. */
    private String of(String address) {
        return switches.get(Switch.PRINCIPAL_NAMES).entrySet().stream()
                .filter(one -> one.getKey().equalsIgnoreCase(address))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseGet(() -> {
                    String domain = switches.get(Switch.PRINCIPAL_DOMAIN);
                    return domain.isEmpty() ? address : local(address) + "@" + domain;
                });
    }

    /**
     * The address of the mailbox that an ask names.
     *
     * @param domain of the service account
     */
    String address(String name, String domain) {
        Optional<String> listed = switches.get(Switch.PRINCIPAL_NAMES).entrySet().stream()
                .filter(one -> one.getValue().equalsIgnoreCase(name))
                .map(Map.Entry::getKey)
                .findFirst();
        String ofPrincipals = "@" + switches.get(Switch.PRINCIPAL_DOMAIN).toLowerCase(Locale.ROOT);
        return listed.orElseGet(
                () -> ofPrincipals.length() > 1 && name.toLowerCase(Locale.ROOT).endsWith(ofPrincipals)
                        ? local(name) + "@" + domain
                        : name);
    }

    /** Whether an ask may name the mailbox so. */
    boolean mayBeAsked(String name, String address) {
        return switch (switches.get(Switch.ASKED_NAME)) {
            case EITHER -> true;
            case ADDRESS -> name.equalsIgnoreCase(address);
            case PRINCIPAL -> name.equalsIgnoreCase(of(address));
        };
    }

    /** The name of the mailbox's profile. */
    String ofProfile(String address) {
        return switch (switches.get(Switch.PROFILE_NAME)) {
            case ADDRESS -> address;
            case PRINCIPAL -> of(address);
            case OTHER -> "calendar-of-" + address;
        };
    }

    private static String local(String address) {
        return address.substring(0, Math.max(0, address.indexOf('@')));
    }
}
