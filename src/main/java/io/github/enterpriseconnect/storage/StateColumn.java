package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Revocation;
import jakarta.persistence.AttributeConverter;
import org.jspecify.annotations.Nullable;

/** A state by its name, for reading and for queries; see {@link Names} for what a newer version has written. */
abstract sealed class StateColumn<E extends Enum<E>> implements AttributeConverter<E, String> {
    private final Class<E> type;
    private final E unknown;

    private StateColumn(Class<E> type, E unknown) {
        this.type = type;
        this.unknown = unknown;
    }

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable E state) {
        return Names.of(state);
    }

    @Override
    public @Nullable E convertToEntityAttribute(@Nullable String column) {
        return Names.read(type, column, unknown);
    }

    /** Of a delegation. */
    static final class OfDelegation extends StateColumn<Delegation.State> {
        OfDelegation() {
            super(Delegation.State.class, Delegation.State.UNKNOWN);
        }
    }

    /** Of a link. */
    static final class OfLink extends StateColumn<Link.State> {
        OfLink() {
            super(Link.State.class, Link.State.UNKNOWN);
        }
    }

    /** Of a revocation. */
    static final class OfRevocation extends StateColumn<Revocation.State> {
        OfRevocation() {
            super(Revocation.State.class, Revocation.State.UNKNOWN);
        }
    }
}
