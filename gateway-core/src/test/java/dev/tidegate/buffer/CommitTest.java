package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.buffer.store.Durability;
import dev.tidegate.buffer.store.Opening;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.FrameCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commits that fail, and what is known afterwards. */
class CommitTest {
  @TempDir Path folder;

  // Without it a full disk would lose records, or acknowledge what is not stored.
  @Test
  void aFullDiskKeepsTheBatchAndGoesOnOnceThereIsRoom() throws Exception {
    AtomicInteger receipts = new AtomicInteger();
    try (Rig rig = Rig.in(folder)) {
      rig.options = new Options(Durability.FULL, 40);
      rig.open();
      int appended = 0;
      while (!rig.hasFault("commit-failed")) {
        for (int i = 0; i < 500; i++) {
          rig.buffer().append(Lane.RAW, rig.reading(i), receipts::incrementAndGet);
          appended++;
        }
        rig.commit();
      }
      int stored = appended - 500;
      assertEquals(stored, receipts.get());
      assertEquals(stored + 1, rig.buffer().head(Lane.RAW));
      long failures = rig.counters.value("buffer.commit-failures");
      rig.buffer().step(0);
      assertEquals(failures, rig.counters.value("buffer.commit-failures"), "pauses in between");
      for (int i = 0; i < 20; i++) {
        rig.clock.advance(Rig.SECOND);
        rig.buffer().step(0);
      }
      long tries = rig.counters.value("buffer.commit-failures") - failures;
      assertTrue(tries >= 3 && tries <= 6, tries + " tries in 20 s");

      rig.ack(Lane.RAW, 1, stored);
      rig.clock.advance(31 * Rig.SECOND);
      rig.buffer().step(0);
      rig.clock.advance(31 * Rig.SECOND);
      rig.buffer().step(0);
      assertEquals(appended, receipts.get());
      assertFalse(rig.hasFault("commit-failed"));
      Account.Line raw = rig.buffer().account().of(Lane.RAW);
      assertEquals(stored, raw.delivered());
      assertEquals(500, raw.buffered());
      assertTrue(raw.balances());
    }
  }

  // Without it a commit whose outcome is unknown would be stored twice, or not at all.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCommitInDoubtIsStoredExactlyOnce(boolean there) throws Exception {
    AtomicInteger receipts = new AtomicInteger();
    Rig rig = Rig.in(folder).open();
    rig.readings(5);
    rig.commit();
    rig.close();
    Opening opening = Opening.of(rig.folder, Durability.FULL, 0, new Random(1), rig.faults);
    Committer committer =
        new Committer(
            opening,
            rig.options,
            new Quotas(rig.config),
            new Coalescer(),
            new FrameCodec("gw-1", opening.contents().epoch(), Rig.BOOT),
            rig.clock,
            rig.counters,
            rig.faults);
    Batch batch = new Batch(Batch.MAX_BYTES);
    for (int i = 0; i < 7; i++) {
      batch.add(new Handover.Appended(Lane.RAW, rig.reading(i), receipts::incrementAndGet, 50));
    }
    if (there) {
      assertTrue(committer.commit(batch));
    }
    committer.close();
    committer.doubt(opening.contents().commitNumber() + 1, true);
    assertTrue(committer.isInDoubt());
    assertTrue(committer.commit(batch));
    assertFalse(committer.isInDoubt());
    assertEquals(13, committer.books().of(Lane.RAW).nextSequence);
    assertTrue(committer.books().account().balances());
    committer.close();
    opening.folder().close();
    rig.open();
    assertEquals(12, rig.entries(Lane.RAW).size());
    rig.close();
  }

  // Without it a full disk could not even forget what the far side has stored.
  @Test
  void onAFullDiskSettlementsAreCommittedByThemselves() throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.options = new Options(Durability.FULL, 30);
      rig.open();
      int stored = 0;
      while (rig.buffer().account().of(Lane.RAW).buffered() < 8_000) {
        rig.readings(1_000);
        rig.commit();
        assertFalse(rig.hasFault("commit-failed"));
        stored += 1_000;
      }
      rig.readings(8_000); // more than the whole file holds
      rig.ack(Lane.RAW, 1, 1_000);
      rig.reject(Lane.RAW, 1_001, 2_000);
      rig.commit();
      assertTrue(rig.hasFault("commit-failed"));
      assertEquals(stored + 1, rig.buffer().head(Lane.RAW));
      assertEquals(stored - 2_000, rig.entries(Lane.RAW).size());
      assertEquals(1, rig.losses().size());
    }
  }

  // Without it the account would be stale while the disk is full, and called wrong at the close.
  @Test
  void settlementsCommittedByThemselvesShowInTheAccountAtOnce() throws Exception {
    AtomicInteger commits = new AtomicInteger();
    Rig rig = Rig.in(folder);
    rig.options = new Options(Durability.FULL, 30);
    rig.open();
    while (rig.buffer().account().of(Lane.RAW).buffered() < 8_000) {
      rig.readings(1_000);
      rig.commit();
      assertFalse(rig.hasFault("commit-failed"));
    }
    rig.buffer().onCommit(commits::incrementAndGet);
    rig.readings(8_000); // more than the whole file holds
    rig.ack(Lane.RAW, 1, 1_000);
    rig.commit();
    assertTrue(rig.hasFault("commit-failed"));
    assertEquals(1_000, rig.buffer().account().of(Lane.RAW).delivered());
    assertEquals(7_000, rig.buffer().account().of(Lane.RAW).buffered());
    assertEquals(1, commits.get());
    rig.close();
    assertFalse(rig.hasFault("account"));
  }

  // Without it a full batch would keep the acknowledgements out that alone can make room for it.
  @Test
  void onAFullDiskAFullBatchStillTakesWhatWasDelivered() throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.options = new Options(Durability.FULL, 60);
      rig.open();
      int appended = 0;
      while (!rig.hasFault("commit-failed")) {
        rig.readings(1_000);
        appended += 1_000;
        rig.commit();
      }
      long stored = rig.buffer().head(Lane.RAW) - 1;
      rig.readings(Batch.MAX_RECORDS);
      appended += Batch.MAX_RECORDS;
      rig.buffer().step(0); // the batch is full, and some records wait behind it

      rig.ack(Lane.RAW, 1, stored);
      for (int i = 0; i < 3; i++) {
        rig.clock.advance(31 * Rig.SECOND);
        rig.buffer().step(0);
      }
      assertFalse(rig.hasFault("commit-failed"));
      assertEquals(stored, rig.buffer().account().of(Lane.RAW).delivered());
      rig.commit();
      assertEquals(appended + 1, rig.buffer().head(Lane.RAW));
      assertTrue(rig.buffer().account().balances());
    }
  }

  // Without it a file that vanished would be replaced by an empty one with the same epoch, and its
  // numbers be given twice.
  @Test
  void aFileThatIsGoneIsNotStartedAnewUnderWay() throws Exception {
    Rig rig = Rig.in(folder);
    rig.options = new Options(Durability.FULL, 20);
    rig.open();
    String epoch = rig.buffer().epoch();
    rig.readings(10);
    rig.commit();
    for (String name : new String[] {"buffer.db", "buffer.db-wal", "buffer.db-shm"}) {
      Files.delete(rig.folder.resolve(name));
    }
    // SQLite writes on into the deleted file, until an error makes the buffer open it again.
    rig.readings(8_000);
    rig.commit();
    rig.clock.advance(60 * Rig.SECOND);
    assertThrows(DamagedException.class, () -> rig.buffer().step(0));
    assertTrue(rig.hasFault("commit-failed"));
    assertEquals(11, rig.buffer().head(Lane.RAW));
    rig.close();
    rig.options = new Options(Durability.FULL, 0);
    rig.open();
    assertNotEquals(epoch, rig.buffer().epoch());
    assertTrue(rig.buffer().account().balances());
    rig.close();
  }

  // Without it the log would grow as long as the gateway runs.
  @Test
  void theLogIsCopiedIntoTheFileAndUsedAgain() throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.options = new Options(Durability.OFF, 0);
      rig.open();
      long sent = 0;
      for (int i = 0; i < 120; i++) {
        rig.readings(8_000);
        rig.ack(Lane.RAW, 1, Math.max(1, sent));
        sent = rig.buffer().head(Lane.RAW) - 1;
        rig.commit();
      }
      assertTrue(rig.counters.value("buffer.checkpoints") > 1);
      long logBytes = Files.size(rig.folder.resolve("buffer.db-wal"));
      assertTrue(logBytes < 9 << 20, logBytes + " bytes");
    }
  }
}
