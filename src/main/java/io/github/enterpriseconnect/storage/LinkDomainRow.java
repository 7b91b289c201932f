package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.LinkDomain;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_LINK_DOMAIN}. */
@Embeddable
@NullUnmarked
class LinkDomainRow {
    @Column(name = "NAME")
    private String name;

    @Column(name = "APPROVED")
    private boolean approved;

    protected LinkDomainRow() {}

    LinkDomainRow(LinkDomain domain) {
        this.name = domain.domain().name();
        this.approved = domain.approved();
    }

    LinkDomain toDomain() {
        return new LinkDomain(new Domain(name), approved);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LinkDomainRow row && row.name.equals(name) && row.approved == approved;
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }
}
