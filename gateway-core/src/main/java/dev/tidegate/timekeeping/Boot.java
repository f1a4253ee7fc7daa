package dev.tidegate.timekeeping;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Which run of the machine this is: times of different boots cannot be compared by themselves. */
public final class Boot {
  private static final Path KERNEL = Path.of("/proc/sys/kernel/random/boot_id");

  private Boot() {}

  /**
   * The kernel's id of this boot; where the kernel has none, an id of this process, which is
   * stricter and never wrong.
   */
  public static String id() {
    try {
      return UUID.fromString(Files.readString(KERNEL).strip()).toString();
    } catch (IOException | IllegalArgumentException e) {
      return OfThisProcess.ID;
    }
  }

  private static final class OfThisProcess {
    static final String ID = UUID.randomUUID().toString();
  }
}
