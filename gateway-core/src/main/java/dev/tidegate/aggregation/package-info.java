/**
 * Aligned windows over event time: samples in, {@link dev.tidegate.flow.Summary summaries} out,
 * exact about gaps and late samples; and report by exception. The semantics: docs/spec/windows.md.
 *
 * <p>May import {@code config}, {@code flow}, {@code health} and {@code driver-api}. Owned by the
 * pipeline thread; asks no clock: every time is an argument.
 */
@NullMarked
package dev.tidegate.aggregation;

import org.jspecify.annotations.NullMarked;
