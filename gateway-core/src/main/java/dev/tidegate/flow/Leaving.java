package dev.tidegate.flow;

import org.jspecify.annotations.Nullable;

/** What of a record may leave the gateway. Safe for use by any thread. */
@FunctionalInterface
public interface Leaving {
  /** The record, or as much of it as may leave; null for nothing. The same for the same record. */
  @Nullable Entry of(Entry entry);
}
