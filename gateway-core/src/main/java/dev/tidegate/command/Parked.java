package dev.tidegate.command;

import dev.tidegate.flow.Inbox.Received;

/**
 * A desired value that waits for what comes by itself: the end of a write, a sensor's first value,
 * a device that is not open yet.
 *
 * @param begun whether the file says that it was begun
 * @param againNanos not to be tried earlier than this
 * @param pauseNanos from one try of its device to the next
 */
record Parked(Received received, boolean begun, long againNanos, long pauseNanos) {}
