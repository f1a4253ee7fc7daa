package dev.tidegate.timekeeping;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The machine's clocks as they are, before anyone has judged them. Safe for use by any thread. */
interface WallSource {
  /** Nanoseconds since the Unix epoch as the wall clock has it. */
  long wallNanos();

  /** Nanoseconds since the kernel booted, never stepped. */
  long kernelNanos();

  /** What the kernel says of the wall clock. */
  KernelClock.State state();

  /** Random id that the kernel made at its boot; empty where there is none. */
  String kernelBootId();

  /** The machine's own. */
  static WallSource system() {
    String file = System.getProperty(TrustedClock.UNSAFE_FILE);
    return file == null ? new Machine(null) : new Machine(Path.of(file));
  }

  /** The machine's own, set forward or back by what a file says, where there is one. */
  final class Machine implements WallSource {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final long READ_EVERY_NANOS = 100_000_000L;
    private final @Nullable Path unsafe;
    private volatile Said said = new Said(Long.MIN_VALUE, 0, null);

    /** What the file said, and when. */
    private record Said(long atNanos, long aheadNanos, @Nullable Boolean isSynchronised) {}

    Machine(@Nullable Path unsafe) {
      this.unsafe = unsafe;
    }

    private Said said() {
      Path file = unsafe;
      long now = System.nanoTime();
      Said last = said;
      if (file == null
          || (last.atNanos != Long.MIN_VALUE && now - last.atNanos < READ_EVERY_NANOS)) {
        return last;
      }
      try {
        String[] words = Files.readString(file).strip().split("\\s+", -1);
        Boolean isSynchronised = words.length < 2 ? null : words[1].equals("synchronised");
        last = new Said(now, Long.parseLong(words[0]), isSynchronised);
      } catch (IOException | NumberFormatException e) {
        last = new Said(now, last.aheadNanos, last.isSynchronised); // it is being written
      }
      said = last;
      return last;
    }

    @Override
    public long wallNanos() {
      Instant now = Instant.now();
      return now.getEpochSecond() * 1_000_000_000L + now.getNano() + said().aheadNanos;
    }

    @Override
    public long kernelNanos() {
      return System.nanoTime(); // CLOCK_MONOTONIC on Linux
    }

    @Override
    public KernelClock.State state() {
      Boolean isSynchronised = said().isSynchronised;
      return isSynchronised == null
          ? KernelClock.state()
          : new KernelClock.State(isSynchronised, -1);
    }

    @Override
    public String kernelBootId() {
      try {
        return Files.readString(BOOT_ID, StandardCharsets.US_ASCII).strip();
      } catch (IOException e) {
        return "";
      }
    }
  }
}
