package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import java.util.Optional;

/**
 * A member who is to be asked for, and of whom nothing has become yet.
 *
 * @param link that the member was found by; who decides afresh may find another
 * @param signIn that it is about; empty if the last one counts
 */
public record WaitingMember(LinkId link, String userId, Optional<SignIn> signIn) {}
