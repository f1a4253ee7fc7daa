/**
 * A disk for tests: notes what a process does to a folder, works out what a power cut would leave
 * of it, and fails on demand. Knows nothing of the buffer, and imports nothing of Tidegate.
 */
@NullMarked
package dev.tidegate.buffer.crash;

import org.jspecify.annotations.NullMarked;
