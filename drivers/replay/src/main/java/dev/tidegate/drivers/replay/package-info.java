/**
 * Plays a recording, a CSV file with a header, as if a device were measuring it now; and reads
 * recordings at their original times.
 *
 * <p>Imports {@code driver-api} alone. {@link dev.tidegate.drivers.replay.Recording} is the reader,
 * for the driver and for everyone else.
 */
@NullMarked
package dev.tidegate.drivers.replay;

import org.jspecify.annotations.NullMarked;
