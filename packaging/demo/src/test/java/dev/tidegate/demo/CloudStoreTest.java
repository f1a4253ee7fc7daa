package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.demo.Ranges.Range;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.time.TimeQuality;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The witness must be right, or every test that trusts it is worth nothing. */
final class CloudStoreTest {
  private static final String EPOCH = "0123456789abcdef0123456789abcdef";
  private static final String BOOT = "0f0e0d0c-0b0a-4908-8706-050403020100";

  @TempDir Path folder;

  private final FrameCodec codec = new FrameCodec("g1", EPOCH, BOOT);

  private boolean add(CloudStore store, Lane lane, long first, List<? extends Entry> entries)
      throws Exception {
    byte[] bytes =
        codec
            .encode(lane, first, new FrameCodec.Stamp(0, TimeQuality.SYNCHRONISED), entries, 0)
            .bytes();
    return store.add(FrameCodec.decode(bytes), bytes);
  }

  private static List<Event> events(int count) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(new Event(1_000 + i, Event.Severity.INFO, "tick", "", "n " + i));
    }
    return events;
  }

  /** Without it, a missing frame could pass as a complete delivery. */
  @Test
  void gapsAreSeenAndLossRecordsStandForThem() throws Exception {
    try (CloudStore store = CloudStore.inMemory()) {
      assertTrue(add(store, Lane.EVENTS, 1, events(3)));
      assertTrue(add(store, Lane.EVENTS, 8, events(2)));
      assertEquals(List.of("g1 " + EPOCH + " events 4 to 7"), store.verdict().missing());
      LossRecord loss = new LossRecord(Lane.EVENTS, 4, 7, 1, 2, LossRecord.Reason.QUOTA, 3);
      assertTrue(add(store, Lane.ALARMS, 1, List.of(loss)));
      assertTrue(store.verdict().complete());
      assertEquals(4, store.verdict().declaredLost());
      assertEquals(5, store.stored(Lane.EVENTS));
    }
  }

  /** Without it, a resend that is not byte-identical would pass. */
  @Test
  void aFrameThatComesAgainWithOtherBytesIsADefect() throws Exception {
    try (CloudStore store = CloudStore.inMemory()) {
      assertTrue(add(store, Lane.EVENTS, 1, events(3)));
      assertFalse(add(store, Lane.EVENTS, 1, events(3)));
      assertEquals(0, store.verdict().differing());
      List<Event> other = events(3);
      other.set(1, new Event(1, Event.Severity.ALARM, "forged", "", ""));
      assertFalse(add(store, Lane.EVENTS, 1, other));
      assertEquals(2, store.verdict().duplicates());
      assertEquals(1, store.verdict().differing());
      add(store, Lane.EVENTS, 3, events(3)); // overlaps by one
      assertEquals(2, store.verdict().differing());
    }
  }

  /** Without it, a cloud side that runs for months would grow, or call a late resend a defect. */
  @Test
  void onlyTheNewestFramesAreComparedByteByByte() throws Exception {
    try (CloudStore store = CloudStore.inMemory()) {
      for (int i = 1; i <= CloudStore.HASHES + 1; i++) {
        assertTrue(add(store, Lane.EVENTS, i, events(1)));
      }
      Event other = new Event(1, Event.Severity.ALARM, "forged", "", "");
      assertFalse(add(store, Lane.EVENTS, 1, List.of(other)));
      assertEquals(0, store.verdict().differing(), "the first is stored, its bytes are forgotten");
      assertFalse(add(store, Lane.EVENTS, 2, List.of(other)));
      assertEquals(1, store.verdict().differing());
      assertEquals(2, store.verdict().duplicates());
    }
  }

  /** Without it, a cloud side killed while it wrote could not be started again. */
  @Test
  void aTornEndIsCutOff() throws Exception {
    try (CloudStore store = CloudStore.open(folder)) {
      add(store, Lane.EVENTS, 1, events(3));
      add(store, Lane.EVENTS, 4, events(3));
      store.force();
    }
    Path file = folder.resolve(CloudStore.FILE);
    byte[] whole = Files.readAllBytes(file);
    for (int cut = 1; cut < whole.length / 2; cut += 7) {
      Files.write(file, java.util.Arrays.copyOf(whole, whole.length - cut));
      try (CloudStore store = CloudStore.open(folder)) {
        assertEquals(3, store.stored(Lane.EVENTS), "cut by " + cut);
        add(store, Lane.EVENTS, 4, events(3));
      }
      assertEquals(6, CloudStore.read(folder).size());
    }
    Files.write(file, new byte[] {0x7f, 1, 2, 3, 4}, StandardOpenOption.APPEND);
    assertEquals(6, CloudStore.read(folder).size());
  }

  /** Without it, the arithmetic of ranges would be believed rather than known. */
  @Test
  void rangesAgreeWithASetOfBits() {
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      Ranges ranges = new Ranges();
      BitSet bits = new BitSet();
      for (int i = 0; i < 40; i++) {
        int first = 1 + random.nextInt(100);
        int last = first + random.nextInt(12);
        int before = bits.cardinality();
        bits.set(first, last + 1);
        assertEquals(bits.cardinality() - before, ranges.add(first, last));
        assertEquals(bits.cardinality(), ranges.count());
        assertEquals(bits.length() - 1, ranges.highest());
        long missing = ranges.gaps().stream().mapToLong(Range::count).sum();
        assertEquals(ranges.highest() - ranges.count(), missing);
      }
    }
  }
}
