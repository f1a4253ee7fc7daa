/**
 * The database file: opening it in its folder, its statements and transactions, reading frames
 * back. It does what it is told; what to keep and what to give up is decided one package up. The
 * only package that loads SQLite. The file is described in docs/spec/buffer.md.
 *
 * <p>May import {@code flow}, {@code frame} and {@code health}; never {@code buffer}, which stands
 * upon it.
 */
@NullMarked
package dev.tidegate.buffer.store;

import org.jspecify.annotations.NullMarked;
