package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kills a process that journals, at random moments, and looks whether everything for which it had
 * given a receipt is still there. The receipts are noted here, outside its crash domain.
 */
class KillTest {
  /** How often {@code mvn verify} kills; {@code -Dtidegate.kills=100} for a long run. */
  private static final int KILLS = Integer.getInteger("tidegate.kills", 10);

  @TempDir Path folder;

  /** What the process had said before it died. */
  private record Notes(Set<Long> receipts, Set<Long> delivered) {}

  static ProcessBuilder child(Path folder, boolean unsafe, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:-UsePerfData"));
    if (unsafe) {
      command.add("-D" + Buffer.UNSAFE_DURABILITY + "=none");
    }
    // a killed process leaves its unpacked native library behind: where 'clean' finds it
    Path left = Path.of(System.getProperty("tidegate.root"), "gateway-core/target/tmp");
    left.toFile().mkdirs();
    command.add("-Djava.io.tmpdir=" + left);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(KillChild.class.getName());
    command.add(folder.toString());
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return builder;
  }

  /** Runs the process until it has given so many receipts, kills it, and takes what it said. */
  private static Notes runAndKill(ProcessBuilder builder, int afterReceipts) throws Exception {
    Notes notes = new Notes(new HashSet<>(), new HashSet<>());
    Process process = builder.start();
    try (BufferedReader out = process.inputReader()) {
      boolean killed = false;
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        note(line, notes);
        if (!killed && (notes.receipts.size() >= afterReceipts || line.equals("F 0;"))) {
          // The handle leaves the pipe open, so that nothing already said is missed.
          process.toHandle().destroyForcibly();
          killed = true;
        }
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    return notes;
  }

  private static void note(String line, Notes notes) {
    // A line that was cut short by the kill has no semicolon.
    if (line.endsWith(";") && line.startsWith("R ")) {
      notes.receipts.add(Long.parseLong(line.substring(2, line.length() - 1)));
    } else if (line.endsWith(";") && line.startsWith("D ")) {
      notes.delivered.add(Long.parseLong(line.substring(2, line.length() - 1)));
    }
  }

  /** How many readings with a receipt are neither stored nor delivered; checks the account. */
  private static long missing(Rig rig, Set<Long> receipts, Set<Long> delivered) throws Exception {
    rig.open();
    Set<Long> there = new HashSet<>(delivered);
    for (Lane lane : Lane.values()) {
      long next = -1;
      for (Outbound frame : rig.frames(lane)) {
        assertTrue(next == -1 || next == frame.firstSequence(), "a gap before " + frame);
        next = frame.lastSequence() + 1;
        for (Entry entry : FrameCodec.decode(frame.frame()).entries()) {
          there.add(KillChild.number(entry));
        }
      }
      assertTrue(next == -1 || next == rig.buffer().head(lane));
    }
    assertTrue(rig.buffer().account().balances(), rig.buffer().account().toString());
    assertEquals(0, rig.buffer().account().total().lost());
    rig.close();
    assertEquals(List.of(), rig.faults.open());
    return receipts.stream().filter(n -> !there.contains(n)).count();
  }

  // Without it "acknowledged is kept" would be a hope. With unsafe durability the same harness must
  // find losses, or it could not find them at all.
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void whatHasAReceiptSurvivesAKill(boolean unsafe) throws Exception {
    Random random = new Random(unsafe ? 2 : 1);
    Rig rig = Rig.in(folder);
    Set<Long> receipts = new HashSet<>();
    Set<Long> delivered = new HashSet<>();
    long missing = 0;
    int kills = unsafe ? 3 : KILLS;
    for (int kill = 0; kill < kills; kill++) {
      String first = Long.toString(kill * 1_000_000_000L);
      Notes notes = runAndKill(child(rig.folder, unsafe, "run", first), 1 + random.nextInt(20_000));
      receipts.addAll(notes.receipts);
      delivered.addAll(notes.delivered);
      missing = missing(rig, receipts, delivered);
      if (!unsafe) {
        assertEquals(0, missing, "after kill " + (kill + 1));
      }
    }
    assertTrue(receipts.size() > kills, receipts.size() + " receipts");
    assertEquals(unsafe, missing > 0, missing + " of " + receipts.size() + " receipts missing");
  }

  // Without it a write that the disk refuses under way could be taken for done. A limit on the
  // size of files (3 MB) makes the kernel refuse (EFBIG), which SQLite reports as an I/O error.
  @Test
  void aDiskThatRefusesAWriteCostsNoReceiptItsRecord() throws Exception {
    Rig rig = Rig.in(folder);
    ProcessBuilder limited = child(rig.folder, false, "run", "0");
    StringBuilder line = new StringBuilder("ulimit -f 6000; exec");
    for (String word : limited.command()) {
      line.append(" '").append(word).append("'");
    }
    limited.command("sh", "-c", line.toString());
    Notes notes = runAndKill(limited, Integer.MAX_VALUE);
    assertTrue(notes.receipts.size() > 100, notes.receipts.size() + " receipts");
    assertEquals(0, missing(rig, notes.receipts, notes.delivered));
  }
}
