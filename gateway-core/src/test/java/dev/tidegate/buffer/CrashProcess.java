package dev.tidegate.buffer;

import dev.tidegate.buffer.crash.Disk;
import dev.tidegate.buffer.store.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts {@link CrashChild} under the preloaded disk. */
final class CrashProcess {
  private static final int SECONDS = 120;

  final Path folder;
  private final Path output;
  private final ProcessBuilder builder;

  /**
   * Prepares a process; nothing runs yet.
   *
   * @param library what {@link Disk#compile} made
   * @param folder an empty folder; the buffer's is made in it
   */
  CrashProcess(Path library, Path folder, long seed, Durability durability, String task, int rounds)
      throws IOException {
    this.folder = Files.createDirectories(folder).toRealPath();
    output = this.folder.resolve("output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:-UsePerfData"));
    // a killed process leaves its unpacked native library behind: where 'clean' finds it
    Path left = Path.of(System.getProperty("tidegate.root"), "gateway-core/target/tmp");
    command.add("-Djava.io.tmpdir=" + Files.createDirectories(left));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(CrashChild.class.getName());
    command.addAll(List.of(this.folder.toString(), Long.toString(seed), durability.name()));
    command.addAll(List.of(task, Integer.toString(rounds)));
    builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(output.toFile());
    Disk.under(library, this.folder.resolve("buffer"), builder);
    Disk.noting(log(), builder);
  }

  /** Where the steps are noted. */
  Path log() {
    return folder.resolve("steps");
  }

  /** Has it killed at that step. */
  CrashProcess killedAt(boolean after, long step) {
    Disk.killing(after, step, builder);
    return this;
  }

  /** Runs it to its end; returns how it ended, 137 where it was killed. */
  int run() throws IOException, InterruptedException {
    Process process = builder.start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("still running after " + SECONDS + " s: " + output());
    }
    return process.exitValue();
  }

  /** Runs it to its end, which must be a good one. */
  CrashProcess succeed() throws IOException, InterruptedException {
    int end = run();
    if (end != 0) {
      throw new AssertionError("ended with " + end + ": " + output());
    }
    return this;
  }

  /** What it printed. */
  String output() throws IOException {
    return Files.readString(output);
  }
}
