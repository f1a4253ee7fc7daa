package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Account;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Waveform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Appending, committing, reading and settling, against a real file. */
class BufferTest {
  @TempDir Path folder;

  // Without it nothing that is journalled would ever leave the gateway.
  @Test
  void whatIsAppendedIsCommittedReadAndForgottenOnceAcknowledged() throws Exception {
    AtomicInteger receipts = new AtomicInteger();
    AtomicInteger commits = new AtomicInteger();
    Rig rig = Rig.in(folder).open();
    rig.buffer().onCommit(commits::incrementAndGet);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      entries.add(rig.reading(i));
      rig.buffer().append(Lane.RAW, entries.get(i), receipts::incrementAndGet);
    }
    rig.buffer().step(0);
    assertEquals(0, receipts.get(), "not durable before the commit");
    assertEquals(1, rig.buffer().head(Lane.RAW));
    rig.clock.advance(Rig.SECOND - 1);
    rig.buffer().step(0);
    assertEquals(0, receipts.get(), "not before it is due");
    rig.clock.advance(1);
    rig.buffer().step(0);
    assertEquals(10, receipts.get());
    assertEquals(1, commits.get());
    assertEquals(11, rig.buffer().head(Lane.RAW));
    assertEquals(entries, rig.entries(Lane.RAW));

    rig.ack(Lane.RAW, 1, 10);
    rig.commit();
    assertEquals(List.of(), rig.frames(Lane.RAW));
    assertEquals(new Account.Line(10, 10, 0, 0, 0), rig.buffer().account().of(Lane.RAW));
    rig.reopen();
    assertEquals(11, rig.buffer().head(Lane.RAW));
    assertEquals(new Account.Line(10, 10, 0, 0, 0), rig.buffer().account().of(Lane.RAW));
    assertEquals(List.of(), rig.faults.open());
    rig.close();
  }

  // Without it one driver's mistake would stop the gateway, and store the batch twice.
  @Test
  void aReceiptThatThrowsIsAFaultAndTheOthersAreGiven() throws Exception {
    AtomicInteger receipts = new AtomicInteger();
    try (Rig rig = Rig.in(folder).open()) {
      rig.buffer().append(Lane.RAW, rig.reading(0), receipts::incrementAndGet);
      rig.buffer()
          .append(
              Lane.RAW,
              rig.reading(1),
              () -> {
                throw new IllegalStateException("the session is closed");
              });
      rig.buffer().append(Lane.RAW, rig.reading(2), receipts::incrementAndGet);
      rig.commit();
      rig.commit();
      assertEquals(2, receipts.get());
      assertTrue(rig.hasFault("receipt-failed"));
      assertEquals(3, rig.entries(Lane.RAW).size(), "stored once");
      assertEquals(4, rig.buffer().head(Lane.RAW));
    }
  }

  // Without it an alarm would wait in memory while the power fails.
  @Test
  void anAlarmCommitsAtOnceAndTakesTheRestAlong() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      rig.readings(5);
      rig.append(Lane.ALARMS, rig.event("stuck"));
      rig.buffer().step(0);
      assertEquals(2, rig.buffer().head(Lane.ALARMS));
      assertEquals(6, rig.buffer().head(Lane.RAW));
    }
  }

  // Without it a burst would sit in memory for commit-every although it could be written.
  @Test
  void aFullBatchCommitsAtOnceInFramesOfTheLargestSize() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      rig.readings(Batch.MAX_RECORDS);
      rig.buffer().step(0);
      assertEquals(Batch.MAX_RECORDS + 1, rig.buffer().head(Lane.RAW));
      List<Outbound> frames = rig.frames(Lane.RAW);
      assertEquals(1, frames.size());
      assertEquals(FrameCodec.MAX_RECORDS, frames.getFirst().count());
    }
  }

  // Without it frames of one lane could be numbered from another, or with a gap after a restart.
  @Test
  void everyLaneIsNumberedByItselfAcrossRestarts() throws Exception {
    Rig rig = Rig.in(folder).open();
    for (int round = 0; round < 3; round++) {
      rig.readings(4);
      rig.append(Lane.EVENTS, rig.event("e"));
      rig.commit();
      rig.readings(3);
      rig.reopen();
    }
    List<Long> starts = rig.frames(Lane.RAW).stream().map(Outbound::firstSequence).toList();
    assertEquals(List.of(1L, 5L, 8L, 12L, 15L, 19L), starts);
    assertEquals(4, rig.buffer().head(Lane.EVENTS));
    assertEquals(1, rig.buffer().head(Lane.SUMMARIES));
    rig.close();
  }

  // Without it the far side could not tell a restored card from the one it knows.
  @Test
  void theEpochStaysWithTheFileAndIsInEveryFrame() throws Exception {
    Rig rig = Rig.in(folder).open();
    String epoch = rig.buffer().epoch();
    rig.readings(1);
    rig.commit();
    rig.reopen();
    assertEquals(epoch, rig.buffer().epoch());
    FrameHeader header = FrameCodec.header(rig.frames(Lane.RAW).getFirst().frame());
    assertEquals(epoch, header.epoch());
    assertEquals(Rig.BOOT, header.bootId());
    rig.close();
    try (Rig other = Rig.in(folder.resolve("other"))) {
      other.starts = 5;
      other.open();
      assertNotEquals(epoch, other.buffer().epoch());
    }
  }

  // Without it a lost, late or repeated acknowledgement would break the account.
  @Test
  void repeatedPartialAndUnknownAcksDoNoHarm() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      for (int i = 0; i < 4; i++) {
        rig.readings(10);
        rig.commit();
      }
      rig.ack(Lane.RAW, 5, 25); // covers 11 to 20 alone
      rig.ack(Lane.RAW, 11, 20);
      rig.ack(Lane.RAW, 0, 10);
      rig.ack(Lane.RAW, 1, 41); // 41 does not exist yet
      rig.ack(Lane.RAW, 1, Long.MAX_VALUE);
      rig.ack(Lane.RAW, 20, 11);
      rig.ack(Lane.EVENTS, 1, 1);
      rig.commit();
      assertEquals(10, rig.buffer().account().of(Lane.RAW).delivered());
      assertEquals(30, rig.buffer().account().of(Lane.RAW).buffered());
      assertTrue(rig.buffer().account().balances());
      assertEquals(5, rig.counters.value("buffer.acks-unknown"));
      assertEquals(2, rig.counters.value("buffer.acks-partial"));
      assertTrue(rig.hasFault("ack-unknown"));
      rig.ack(Lane.RAW, 1, 40);
      rig.commit();
      assertEquals(40, rig.buffer().account().of(Lane.RAW).delivered());
    }
  }

  // Without it the sync stage could not bound its memory, or would skip frames.
  @Test
  void readingKeepsToItsRangeAndItsSizeButGivesAtLeastOne() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      for (int i = 0; i < 5; i++) {
        rig.readings(10);
        rig.commit();
      }
      assertEquals(1, rig.buffer().read(Lane.RAW, 1, 51, 1).size());
      int one = rig.frames(Lane.RAW).getFirst().frame().length;
      assertEquals(3, rig.buffer().read(Lane.RAW, 1, 51, 3 * one + one / 2).size());
      List<Outbound> middle = rig.buffer().read(Lane.RAW, 2, 31, 1 << 20);
      assertEquals(List.of(11L, 21L), middle.stream().map(Outbound::firstSequence).toList());
      assertEquals(List.of(), rig.buffer().read(Lane.RAW, 51, 99, 1 << 20));
      assertEquals(List.of(), rig.buffer().read(Lane.ALARMS, 1, 99, 1 << 20));
    }
  }

  // Without it pressure would become memory instead of reaching the intake.
  @Test
  void appendingWaitsForRoomInRecordsAndInBytes() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      double[] values = new double[65_536];
      Entry large =
          new Entry.Measured(new Waveform(PointId.of("pump", "vib"), 0, 1, values, Quality.GOOD));
      long fits = Handover.MAX_BYTES / FrameCodec.mostBytes(large);
      assertWaits(rig, large, (int) fits, 1);
      assertWaits(rig, rig.reading(1), Handover.MAX_RECORDS, 2);
    }
  }

  private static void assertWaits(Rig rig, Entry entry, int fits, int waits) throws Exception {
    CountDownLatch filled = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Thread pipeline =
        new Thread(
            () -> {
              for (int i = 0; i < fits; i++) {
                rig.buffer().append(Lane.RAW, entry, null);
              }
              filled.countDown();
              rig.buffer().append(Lane.RAW, entry, null);
              done.countDown();
            });
    pipeline.start();
    assertTrue(filled.await(30, TimeUnit.SECONDS));
    assertFalse(done.await(20, TimeUnit.MILLISECONDS), "there was no room");
    while (done.getCount() > 0) {
      rig.buffer().step(1_000_000);
    }
    pipeline.join();
    while (rig.buffer().head(Lane.RAW) <= rig.counters.value("buffer.appended")) {
      rig.commit();
    }
    assertEquals(waits, rig.counters.value("buffer.append-waits"));
    assertEquals(0, rig.counters.value("buffer.dropped"));
  }

  // Without it a thread asked to end would hang on a full buffer, or a record vanish uncounted.
  @Test
  void anInterruptedAppendIsCountedAsDropped() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      Thread.currentThread().interrupt();
      rig.append(Lane.RAW, rig.reading(1));
      assertTrue(Thread.interrupted(), "the interrupt is kept");
      assertEquals(1, rig.counters.value("buffer.dropped"));
      rig.commit();
      assertEquals(1, rig.buffer().head(Lane.RAW));
    }
  }

  // Without it large samples would fill the queue and then wait for the time of the commit.
  @Test
  void aWaitForManyRecordsEndsOnceTheirBytesFillABatch() throws Exception {
    Rig rig = Rig.in(folder);
    Handover handover = new Handover(rig.clock, Batch.MAX_BYTES);
    int weightBytes = 1 << 20;
    for (int i = 0; i < Batch.MAX_BYTES / weightBytes; i++) {
      handover.put(new Handover.Appended(Lane.RAW, rig.reading(i), null, weightBytes));
    }
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> handover.await(TimeUnit.HOURS.toNanos(1), Handover.MAX_RECORDS / 2));
  }

  // Without it a flood of acknowledgements would be kept in memory without bound.
  @Test
  void notesBeyondTheirBoundAreTurnedAwayAndCounted() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      for (int i = 0; i < Handover.MAX_NOTES + 5; i++) {
        rig.ack(Lane.RAW, 1, 1);
      }
      assertEquals(5, rig.counters.value("buffer.notes-dropped"));
      rig.commit();
      assertTrue(rig.buffer().account().balances());
    }
  }

  // Without it the last second before a stop would be lost.
  @Test
  void closingCommitsWhatWaitsAndRefusesMore() throws Exception {
    AtomicInteger receipts = new AtomicInteger();
    Rig rig = Rig.in(folder).open();
    for (int i = 0; i < 3_000; i++) {
      rig.buffer().append(Lane.RAW, rig.reading(i), receipts::incrementAndGet);
    }
    rig.buffer().step(0);
    rig.append(Lane.RAW, rig.reading(1));
    rig.close();
    assertEquals(3_000, receipts.get());
    assertThrows(IllegalStateException.class, () -> rig.append(Lane.RAW, rig.reading(1)));
    assertEquals(List.of(), rig.frames(Lane.RAW), "a closed buffer gives nothing out");
    rig.open();
    assertEquals(3_002, rig.buffer().head(Lane.RAW));
    assertEquals(List.of(), rig.faults.open());
    rig.close();
  }

  // Without it a record that no frame can hold would stop every later commit.
  @Test
  void recordsThatNoFrameCanHoldAreRefusedAtTheDoor() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      assertThrows(
          IllegalArgumentException.class, () -> rig.append(Lane.RAW, rig.event("not a sample")));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              rig.append(
                  Lane.EVENTS, new Event(0, Event.Severity.INFO, "k", "s".repeat(400_000), "m")));
      rig.readings(1);
      rig.commit();
      assertEquals(2, rig.buffer().head(Lane.RAW));
    }
  }

  // Without it a thread that waits for work would not wake for an alarm.
  @Test
  void aWaitingBufferWakesForAnAlarm() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      CountDownLatch durable = new CountDownLatch(1);
      rig.readings(1);
      rig.buffer().step(0);
      Thread pipeline =
          new Thread(() -> rig.buffer().append(Lane.ALARMS, rig.event("now"), durable::countDown));
      pipeline.start();
      for (int i = 0; i < 100 && durable.getCount() > 0; i++) {
        rig.buffer().step(TimeUnit.SECONDS.toNanos(5));
      }
      assertEquals(0, durable.getCount());
      pipeline.join();
    }
  }
}
