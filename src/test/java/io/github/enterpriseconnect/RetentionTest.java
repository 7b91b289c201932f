package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.storage.Retention;
import io.github.enterpriseconnect.storage.Tables;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What docs/operations.md says of how long rows are kept is what is done. */
class RetentionTest {
    private static final Path DOCUMENT = Path.of("docs/operations.md");

    @TestFactory
    Stream<DynamicTest> the_document_states_for_how_long_the_rows_of_each_table_are_kept() {
        return tables().map(table -> DynamicTest.dynamicTest(table, () -> assertThat(row(table))
                .as("a row that begins with `%s`", table)
                .isPresent()));
    }

    @TestFactory
    Stream<DynamicTest> the_document_states_the_numbers_that_the_purge_goes_by() {
        return Arrays.stream(Retention.values())
                .map(retention -> DynamicTest.dynamicTest(retention.name(), () -> assertThat(row(retention.table())
                                .map(row -> row.substring(row.lastIndexOf('|', row.length() - 2))))
                        .hasValueSatisfying(kept -> assertThat(kept).contains(retention.days() + " days"))));
    }

    @Test
    void no_number_of_days_is_stated_that_nothing_goes_by() throws IOException {
        List<String> stated = rows().filter(row -> row.contains(" days")).toList();

        assertThat(stated)
                .allSatisfy(row -> assertThat(Arrays.stream(Retention.values())).anySatisfy(retention -> assertThat(row)
                        .contains("`" + retention.table() + "`", retention.days() + " days")));
    }

    private static Stream<String> tables() {
        return new Tables()
                .getEntities().stream()
                        .flatMap(entity -> Stream.concat(
                                Stream.ofNullable(entity.getAnnotation(Table.class))
                                        .map(Table::name),
                                Arrays.stream(entity.getDeclaredFields())
                                        .flatMap(field -> Stream.ofNullable(field.getAnnotation(CollectionTable.class)))
                                        .map(CollectionTable::name)));
    }

    private static Optional<String> row(String table) throws IOException {
        return rows().filter(row -> row.substring(0, row.indexOf('|', 1)).contains("`" + table + "`"))
                .findFirst();
    }

    private static Stream<String> rows() throws IOException {
        return Files.readAllLines(DOCUMENT, StandardCharsets.UTF_8).stream().filter(line -> line.startsWith("| `EC_"));
    }
}
