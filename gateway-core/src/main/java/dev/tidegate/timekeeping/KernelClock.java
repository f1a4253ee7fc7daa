package dev.tidegate.timekeeping;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel says of its wall clock: adjtimex(2), asked and never set, through the
 * foreign-function API.
 *
 * <pre>
 *   struct timex, 64-bit Linux (linux/timex.h)
 *     0  unsigned modes    0: look, change nothing
 *     8  long offset, 16 freq, 24 maxerror (µs), 32 esterror
 *    40  int status        0x40 STA_UNSYNC: nobody steers the clock
 *    …   208 bytes in all
 *   answer: 5 TIME_ERROR  the clock is not synchronised
 * </pre>
 *
 * Where there is no such call (another system, no native access), nothing vouches for the clock.
 * Safe for use by any thread.
 */
final class KernelClock {
  private static final int TIMEX_BYTES = 208;
  private static final int MODES = 0;
  private static final int MAX_ERROR = 24;
  private static final int STATUS = 40;
  private static final int STA_UNSYNC = 0x40;
  private static final int TIME_ERROR = 5;
  private static final @Nullable MethodHandle ADJTIMEX = lookup();

  private KernelClock() {}

  @SuppressWarnings("restricted") // native access is what this file is for
  private static @Nullable MethodHandle lookup() {
    boolean isKnown =
        "Linux".equals(System.getProperty("os.name"))
            && ValueLayout.ADDRESS.byteSize() == Long.BYTES;
    if (!isKnown) {
      return null;
    }
    try {
      Linker linker = Linker.nativeLinker();
      SymbolLookup symbols = linker.defaultLookup();
      return symbols
          .find("adjtimex")
          .map(
              symbol ->
                  linker.downcallHandle(
                      symbol, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS)))
          .orElse(null);
    } catch (RuntimeException | LinkageError e) {
      return null; // no native access, or a JVM without a linker: nothing vouches for the clock
    }
  }

  /**
   * How the clock is kept.
   *
   * @param isSynchronised whether a time source steers it
   * @param maxErrorNanos the most that it can be off, as the kernel estimates; -1 for not known
   */
  record State(boolean isSynchronised, long maxErrorNanos) {
    static final State UNKNOWN = new State(false, -1);
  }

  /** Asks the kernel; about a microsecond. */
  static State state() {
    MethodHandle adjtimex = ADJTIMEX;
    if (adjtimex == null) {
      return State.UNKNOWN;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment timex = arena.allocate(TIMEX_BYTES, Long.BYTES);
      timex.set(ValueLayout.JAVA_INT, MODES, 0);
      int answer = (int) adjtimex.invokeExact(timex);
      if (answer < 0) {
        return State.UNKNOWN; // a sandbox that forbids the call
      }
      int status = timex.get(ValueLayout.JAVA_INT, STATUS);
      return new State(
          answer != TIME_ERROR && (status & STA_UNSYNC) == 0,
          timex.get(ValueLayout.JAVA_LONG, MAX_ERROR) * 1_000);
    } catch (Throwable e) {
      throw new AssertionError("adjtimex declares no exception", e);
    }
  }
}
