/**
 * YAML to one immutable tree of records, or all complaints at once with file:line:column and a
 * suggestion. The only package that sees the YAML library.
 *
 * <p>May import {@code driver-api} alone. Everything that YAML can say can be built in code from
 * the records here.
 */
@NullMarked
package dev.tidegate.config;

import org.jspecify.annotations.NullMarked;
