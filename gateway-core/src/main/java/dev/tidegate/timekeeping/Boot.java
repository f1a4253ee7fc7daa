package dev.tidegate.timekeeping;

import java.util.UUID;

/**
 * Which run of the gateway this is. One run has one timeline ({@link
 * dev.tidegate.time.Clock#monotonicNanos()}); times of different runs cannot be compared by
 * themselves. The kernel's boot id would not do: a process that is started again within one boot
 * begins a new timeline.
 */
public final class Boot {
  private static final String ID = UUID.randomUUID().toString();

  private Boot() {}

  /** A random UUID, made when the process asked first. */
  public static String id() {
    return ID;
  }
}
