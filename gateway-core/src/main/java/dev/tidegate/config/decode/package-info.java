/**
 * The keys of {@code gateway.yaml}, declared once: the same declarations decode the file, make the
 * editor's JSON Schema and are listed in docs/operating/configuration.md.
 *
 * <p>May import {@code config}, {@code config.yaml}, {@code config.kind}, {@code driver-api}, and
 * the JSON library for the schema.
 */
@NullMarked
package dev.tidegate.config.decode;

import org.jspecify.annotations.NullMarked;
