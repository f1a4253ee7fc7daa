package dev.tidegate.driver;

import dev.tidegate.reading.PointId;
import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with a device's configuration.
 *
 * @param point the point it is about, or null for the device itself
 * @param option the key it is about, or null for the whole device or point
 * @param message what is wrong and what was expected instead, in one sentence without a full stop
 */
public record Complaint(@Nullable PointId point, @Nullable String option, String message) {}
