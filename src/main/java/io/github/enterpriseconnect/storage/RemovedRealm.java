package io.github.enterpriseconnect.storage;

import java.time.Instant;

/**
 * One removal of a realm, whose rows are kept apart.
 *
 * @param id what the rows bear instead of the realm's id meanwhile; no realm has it
 * @param realm the id that the realm had; another one may have it by now
 * @param endsAt when what has not been taken back ends
 * @param looks how often it was looked for in vain, since anything of it came back
 * @param back whether this very realm has come back, as {@link RealmReturn#takeBack} found
 */
public record RemovedRealm(String id, String realm, Instant endsAt, int looks, boolean back) {}
