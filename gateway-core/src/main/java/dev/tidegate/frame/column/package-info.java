/**
 * Columns of numbers as bits: what makes a frame small. Knows nothing of records or frames, imports
 * nothing, and has one decoder for each encoding, which never trusts what it reads.
 */
@NullMarked
package dev.tidegate.frame.column;

import org.jspecify.annotations.NullMarked;
