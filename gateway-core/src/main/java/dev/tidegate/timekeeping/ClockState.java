package dev.tidegate.timekeeping;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * What a gateway must remember of time across its starts, in a file of a few lines.
 *
 * <pre>
 *   trusted 1795000000000000000                 the latest wall time of a synchronised clock, ns
 *   run BOOT-ID KERNEL-BOOT-ID 1794999999000    a run whose clock nobody vouched for: what its timeline
 *                                               is ahead of the kernel's monotonic clock, ns
 *   sum 3735928559                              CRC-32C of the lines above
 * </pre>
 *
 * A file that does not match its sum counts as none: the floor is then when this software was
 * built.
 *
 * @param trustedNanos 0 for never
 * @param runs the newest last, at most {@value #MAX_RUNS}
 */
record ClockState(long trustedNanos, List<Run> runs) {
  static final int MAX_RUNS = 32;
  static final ClockState NONE = new ClockState(0, List.of());

  /**
   * A run that may be set right later.
   *
   * @param aheadNanos its timeline less the kernel's monotonic clock
   */
  record Run(String bootId, String kernelBootId, long aheadNanos) {}

  ClockState {
    runs = List.copyOf(runs.subList(Math.max(0, runs.size() - MAX_RUNS), runs.size()));
  }

  static ClockState read(Path file) {
    try {
      String text = Files.readString(file, StandardCharsets.US_ASCII);
      int sum = text.lastIndexOf("sum ");
      if (sum < 0 || !text.substring(sum).strip().equals("sum " + sum(text.substring(0, sum)))) {
        return NONE;
      }
      long trusted = 0;
      List<Run> runs = new ArrayList<>();
      for (String line : text.substring(0, sum).lines().toList()) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("trusted")) {
          trusted = Long.parseLong(words[1]);
        } else {
          runs.add(new Run(words[1], words[2], Long.parseLong(words[3])));
        }
      }
      return new ClockState(trusted, runs);
    } catch (IOException | RuntimeException e) {
      return NONE; // none yet, or not ours
    }
  }

  /** Writes it so that a power cut leaves the old one or the new one. */
  void write(Path file) throws IOException {
    StringBuilder text = new StringBuilder("trusted " + trustedNanos + "\n");
    for (Run run : runs) {
      text.append("run " + run.bootId + " " + run.kernelBootId + " " + run.aheadNanos + "\n");
    }
    long sum = sum(text.toString());
    text.append("sum ").append(sum).append('\n');
    Path draft = file.resolveSibling(file.getFileName() + ".draft");
    try (FileChannel channel =
        FileChannel.open(
            draft,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE))) {
      channel.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII)));
      channel.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  private static long sum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    return crc.getValue();
  }
}
