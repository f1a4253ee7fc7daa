package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder and its lock. */
class OpeningTest {
  @TempDir Path folder;

  // Without it two gateways would number the same lanes.
  @Test
  void aFolderInUseIsRefusedAndItsHolderNamed() throws Exception {
    Rig first = Rig.in(folder).open();
    BufferException refused = assertThrows(BufferException.class, () -> Rig.in(folder).open());
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("pid " + ProcessHandle.current().pid()), message);
    first.close();
    Rig.in(folder).open().close();
  }

  // Without it the lock would hold within one process alone.
  @Test
  void aFolderHeldByAnotherProcessIsRefused() throws Exception {
    Path path = folder.resolve("buffer");
    Process other = KillTest.child(path, false, "hold").start();
    try (BufferedReader out = other.inputReader()) {
      assertEquals("held", out.readLine());
      BufferException refused = assertThrows(BufferException.class, () -> Rig.in(folder).open());
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("pid " + other.pid()), message);
    } finally {
      other.destroyForcibly().waitFor();
    }
    Rig.in(folder).open().close();
  }

  // Without it other users of the machine could read what the plant measures.
  @Test
  void theFolderIsForItsOwnerAlone() throws Exception {
    Rig.in(folder).open().close();
    Path path = folder.resolve("buffer");
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(path.resolve("buffer.db"))));
  }

  // Without it a wrong path would fail with a riddle.
  @Test
  void aFolderThatCannotBeMadeIsRefusedWithTheNextStep() throws Exception {
    Files.writeString(folder.resolve("buffer"), "a file");
    BufferException refused = assertThrows(BufferException.class, () -> Rig.in(folder).open());
    assertTrue(String.valueOf(refused.getMessage()).contains("make it writable"));
  }

  // Without it a refused id would leave the folder locked.
  @Test
  void aBadGatewayIdLetsGoOfTheFolder() throws Exception {
    Rig rig = Rig.in(folder);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Buffer.open(
                rig.folder,
                rig.config,
                "",
                Rig.BOOT,
                rig.clock,
                new Random(1),
                rig.counters,
                rig.faults));
    rig.open().close();
  }
}
