/**
 * Encodes and decodes lane frames; deterministic CBOR (RFC 8949, section 4.2.1). The bytes are
 * drawn in docs/spec/frame.md.
 *
 * <p>May import {@code flow} and {@code driver-api} alone.
 */
@NullMarked
package dev.tidegate.frame;

import org.jspecify.annotations.NullMarked;
