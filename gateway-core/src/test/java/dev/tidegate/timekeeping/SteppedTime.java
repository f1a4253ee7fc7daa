package dev.tidegate.timekeeping;

import dev.tidegate.time.Clock;
import java.nio.file.Path;

/** A trusted clock over one that a test moves. */
public final class SteppedTime {
  private SteppedTime() {}

  /** Shows that clock's times, which are taken for synchronised. */
  public static TrustedClock over(Clock clock, Path folder) {
    return new TrustedClock(
        new WallSource() {
          @Override
          public long wallNanos() {
            return clock.wallNanos();
          }

          @Override
          public long kernelNanos() {
            return clock.monotonicNanos();
          }

          @Override
          public KernelClock.State state() {
            return new KernelClock.State(true, 500);
          }

          @Override
          public String kernelBootId() {
            return "k1";
          }
        },
        "b1",
        folder.resolve("clock.state"));
  }
}
