/**
 * What a value of the configuration can look like: kinds, keys, and sections of keys, each of which
 * decodes the file and describes itself to an editor. Which keys there are is {@code
 * config.decode}'s.
 *
 * <p>May import {@code config}, {@code config.yaml} and {@code driver-api}.
 */
@NullMarked
package dev.tidegate.config.kind;

import org.jspecify.annotations.NullMarked;
