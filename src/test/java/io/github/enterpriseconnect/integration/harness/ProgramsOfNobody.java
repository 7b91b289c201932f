package io.github.enterpriseconnect.integration.harness;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/**
 * The library's PostgreSQL, for root where user namespaces are forbidden, as in most containers. PostgreSQL refuses to
 * run as root, so the programs that the library starts become {@code nobody} first.
 */
final class ProgramsOfNobody implements PgBinaryResolver {
    private static final int NOBODY = 65534;
    private static final String ORIGINAL = ".original";
    private static final Pattern STARTED = Pattern.compile("(\\./)?bin/(initdb|pg_ctl)");
    private static final byte[] SCRIPT = """
            #!/bin/sh
            cd / && exec setpriv --reuid=%1$d --regid=%1$d --clear-groups "$0%2$s" "$@"
            """.formatted(NOBODY, ORIGINAL).getBytes(StandardCharsets.UTF_8);

    @Override
    public InputStream getPgBinary(String system, String hardware) throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (InputStream original = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, hardware);
                TarArchiveInputStream in = new TarArchiveInputStream(new XZInputStream(original));
                TarArchiveOutputStream out =
                        new TarArchiveOutputStream(new XZOutputStream(archive, new LZMA2Options(0)))) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (STARTED.matcher(entry.getName()).matches()) {
                    TarArchiveEntry script = new TarArchiveEntry(entry.getName());
                    script.setSize(SCRIPT.length);
                    out.putArchiveEntry(script);
                    out.write(SCRIPT);
                    out.closeArchiveEntry();
                    entry.setName(entry.getName() + ORIGINAL);
                }
                out.putArchiveEntry(entry);
                in.transferTo(out);
                out.closeArchiveEntry();
            }
        }
        return new ByteArrayInputStream(archive.toByteArray());
    }

    static void own(Path directory) throws IOException {
        Files.setAttribute(directory, "unix:uid", NOBODY);
        Files.setAttribute(directory, "unix:gid", NOBODY);
    }
}
