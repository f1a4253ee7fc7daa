package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.buffer.store.Durability;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small frames become large ones, and nobody outside ever sees a frame change. */
class CoalescerTest {
  @TempDir Path folder;

  // Without it a gateway that measures slowly would store mostly headers.
  @Test
  void unseenSmallFramesAreMergedAndTheirRecordsStayAsTheyWere() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      List<Entry> appended = new ArrayList<>();
      int commits = 3 * Coalescer.SMALL * Coalescer.MIDDLE + 10;
      for (int i = 0; i < commits; i++) {
        Entry entry = rig.reading(i);
        appended.add(entry);
        rig.append(Lane.RAW, entry);
        rig.commit();
      }
      List<Outbound> frames = rig.frames(Lane.RAW);
      assertTrue(frames.size() < 60, frames.size() + " frames of " + commits + " commits");
      assertEquals(appended, rig.entries(Lane.RAW));
      long next = 1;
      for (Outbound frame : frames) {
        assertEquals(next, frame.firstSequence());
        next = frame.lastSequence() + 1;
      }
      assertTrue(rig.buffer().account().balances());
      long bytes = rig.buffer().account().of(Lane.RAW).bufferedBytes();
      assertEquals(frames.stream().mapToLong(f -> f.frame().length).sum(), bytes);
    }
  }

  // Without it a resend could differ from what the far side has stored of the same numbers.
  @Test
  void aFrameThatWasHandedOutNeverChanges() throws Exception {
    Random random = new Random(3);
    try (Rig rig = Rig.in(folder).open()) {
      List<Outbound> seen = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        rig.readings(1 + random.nextInt(3));
        rig.commit();
        if (random.nextInt(50) == 0) {
          long head = rig.buffer().head(Lane.RAW);
          long from = 1 + random.nextLong(head);
          seen.addAll(rig.buffer().read(Lane.RAW, from, head, 1_000));
        }
      }
      assertTrue(seen.size() > 20);
      for (Outbound frame : seen) {
        List<Outbound> now =
            rig.buffer().read(Lane.RAW, frame.firstSequence(), frame.firstSequence() + 1, 1);
        assertArrayEquals(frame.frame(), now.getFirst().frame());
      }
      long records = 0;
      for (Outbound frame : rig.frames(Lane.RAW)) {
        records += FrameCodec.decode(frame.frame()).entries().size();
      }
      assertEquals(rig.buffer().head(Lane.RAW) - 1, records);
    }
  }

  // Without it acknowledgements, evictions and restarts between merges could lose or double
  // records.
  @Test
  void mergingMixesWithSettlementsAndRestarts() throws Exception {
    Random random = new Random(5);
    Rig rig = Rig.in(folder);
    rig.config = Rig.quota(30_000, Rig.HOUR);
    rig.options = new Options(Durability.OFF, 0);
    rig.open();
    for (int i = 0; i < 3_000; i++) {
      rig.append(Lane.SUMMARIES, rig.event("a"));
      rig.readings(1 + random.nextInt(2));
      rig.commit();
      if (random.nextInt(200) == 0) {
        List<Outbound> frames = rig.buffer().read(Lane.RAW, 1, Long.MAX_VALUE, 2_000);
        for (Outbound frame : frames) {
          if (random.nextBoolean()) {
            rig.ack(Lane.RAW, frame.firstSequence(), frame.lastSequence());
          } else {
            rig.reject(Lane.RAW, frame.firstSequence(), frame.lastSequence());
          }
        }
      }
      if (random.nextInt(500) == 0) {
        rig.reopen();
      }
      assertTrue(rig.buffer().account().balances());
    }
    assertTrue(rig.buffer().account().of(Lane.RAW).lost() > 0);
    assertTrue(rig.buffer().account().of(Lane.RAW).delivered() > 0);
    rig.reopen();
    assertTrue(rig.buffer().account().balances());
    assertEquals(
        0,
        rig.faults.open().stream().filter(f -> !f.what().startsWith("rejected")).count(),
        rig.faults.open().toString());
    rig.close();
  }
}
