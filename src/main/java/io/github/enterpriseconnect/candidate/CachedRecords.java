package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Circumstances;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.Search;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What is on record as far as a sign-in may look: no table is asked, and what only a table could tell counts in favour.
 */
record CachedRecords(SignIn signIn, Function<LinkId, Link> links) implements Records {
    @Override
    public Link link(LinkId id) {
        return links.apply(id);
    }

    @Override
    public boolean suspended(Suspensions.Subject subject) {
        return false;
    }

    @Override
    public boolean optedOut() {
        return false;
    }

    @Override
    public boolean proven(Mailbox mailbox) {
        return true;
    }

    @Override
    public boolean cameThrough(Set<String> identityProviders) {
        return signIn.identityProvider() != null && identityProviders.contains(signIn.identityProvider());
    }

    @Override
    public boolean doubtfullyWithout(LinkId link, Supplier<Optional<String>> setUp) {
        return false;
    }

    @Override
    public boolean coolingDown(Mailbox mailbox) {
        return false;
    }

    @Override
    public boolean answeredOtherwise(Circumstances circumstances) {
        return false;
    }

    @Override
    public Optional<NameOrigin> nameOrigin(String attribute) {
        return Optional.empty();
    }

    @Override
    public boolean heldElsewhere(Mailbox mailbox, Search how, Predicate<Search> search) {
        return false;
    }

    @Override
    public boolean ofResource(Mailbox mailbox) {
        return false;
    }

    @Override
    public boolean noticed(LinkId link) {
        return true;
    }

    @Override
    public boolean searching() {
        return false;
    }
}
