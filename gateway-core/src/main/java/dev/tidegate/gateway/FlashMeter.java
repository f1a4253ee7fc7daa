package dev.tidegate.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes go to the disk: by the process's own account (proc(5), {@code /proc/self/io},
 * write_bytes: what it caused to be sent to the storage layer), and by the counters of the device
 * that holds the data folder (kernel, {@code Documentation/block/stat.rst}, field 7, of 512 bytes),
 * which count other programs too. Safe for use by any thread.
 */
final class FlashMeter {
  private static final Path OWN = Path.of("/proc/self/io");
  private static final int SECTORS_WRITTEN = 6;
  private static final long SECTOR_BYTES = 512;

  private final @Nullable Path device;

  FlashMeter(Path folder) {
    device = device(folder);
  }

  private static @Nullable Path device(Path folder) {
    try {
      long number = ((Number) Files.getAttribute(folder, "unix:dev")).longValue();
      long major = (number >>> 8) & 0xfff; // makedev(3), as glibc packs it
      long minor = (number & 0xff) | ((number >>> 12) & 0xfff00);
      Path stat = Path.of("/sys/dev/block/" + major + ":" + minor + "/stat");
      return Files.isReadable(stat) ? stat : null;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return null; // an overlay, a RAM disk, another system
    }
  }

  /** Written by this process since its start; 0 where nobody counts. */
  long processBytes() {
    try {
      List<String> lines = Files.readAllLines(OWN);
      for (String line : lines) {
        if (line.startsWith("write_bytes: ")) {
          return Long.parseLong(line.substring("write_bytes: ".length()).strip());
        }
      }
      return 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Written to the device since it was attached; -1 where it has no counters. */
  long deviceBytes() {
    Path stat = device;
    if (stat == null) {
      return -1;
    }
    try {
      String[] fields = Files.readString(stat).strip().split("\\s+", -1);
      return Long.parseLong(fields[SECTORS_WRITTEN]) * SECTOR_BYTES;
    } catch (IOException e) {
      return -1;
    }
  }
}
