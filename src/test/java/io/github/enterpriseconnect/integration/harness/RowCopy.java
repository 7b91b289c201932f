package io.github.enterpriseconnect.integration.harness;

import java.util.Map;

/**
 * How copies of a row differ from it.
 *
 * @param first number of the first copy
 * @param last number of the last one
 * @param changed SQL expressions by column; {@code t} is the row, {@code n.X} the number of the copy
 */
public record RowCopy(int first, int last, Map<String, String> changed) {}
