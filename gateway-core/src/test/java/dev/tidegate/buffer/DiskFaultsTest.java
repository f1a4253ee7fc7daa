package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.buffer.crash.Disk;
import dev.tidegate.buffer.crash.Step;
import dev.tidegate.buffer.store.Durability;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Disks that refuse, with the errors of a real one: what a buffer does meanwhile, and afterwards.
 */
class DiskFaultsTest {
  private static final long SEED = 3;

  @TempDir static Path made;
  private static @Nullable Path library;

  @BeforeAll
  static void compile() throws Exception {
    library = Disk.compile(made);
  }

  private static CrashProcess process(String task, Durability durability) throws Exception {
    Path library = DiskFaultsTest.library;
    assumeTrue(library != null, "no disk.so");
    Path folder = made.resolve(task + "-" + durability);
    return new CrashProcess(library, folder, SEED, durability, task, 0);
  }

  // Without it a full or failing card would cost records, or receipts that are not true, or a
  // gateway.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "write-fails",
        "write-fails-once",
        "fsync-fails",
        "fsync-fails-once",
        "read-only",
        "overfull",
        "full",
        "full-while-growing"
      })
  void aDiskThatRefusesForAWhileCostsNothing(String task) throws Exception {
    CrashProcess process = process(task, Durability.FULL).succeed();
    CrashWitness witness = new CrashWitness(new CrashRecords(SEED));
    for (Step step : Step.read(process.log())) {
      if (step.kind() == Step.Kind.MARK) {
        witness.hear(step.text());
      }
    }
    assertTrue(witness.receipts() >= 20, witness.receipts() + " receipts");
    assertEquals(List.of(), witness.examine(CrashChild.rig(process.folder)));
  }

  // Without it the test above could be blind: receipts that come before the commit are found false.
  @Test
  void aReceiptThatComesTooEarlyIsNoticed() throws Exception {
    CrashProcess process = process("write-fails", Durability.OFF);
    assertNotEquals(0, process.run());
    assertTrue(process.output().contains("no receipt for what is not durable"), process.output());
  }
}
