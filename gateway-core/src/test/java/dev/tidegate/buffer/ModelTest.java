package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.buffer.store.Durability;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.RandomEntries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random operations on the buffer, against a model that is nothing but sets of numbers. The model
 * does not know when a lane gives records up; it knows that what is missing must be the oldest, and
 * must be declared.
 */
class ModelTest {
  private static final int SEQUENCES = Integer.getInteger("tidegate.sequences", 1_000);
  private static final int STEPS = 14;
  private static final List<Lane> LANES = List.of(Lane.values());
  private static final long ALARM_BYTES = 6_000;
  private static final long OTHER_BYTES = 4_000;

  @TempDir Path folder;

  /** One lane of the model. */
  private static final class Model {
    final TreeMap<Long, Entry> stored = new TreeMap<>();
    final List<Entry> pending = new ArrayList<>();
    final Set<Long> lost = new TreeSet<>();

    /** Lost, and told to the far side: delivered declarations, and those it refused. */
    final Set<Long> told = new TreeSet<>();

    /** First to last number of the stored frames. */
    final TreeMap<Long, Long> frames = new TreeMap<>();

    long head = 1;
    long delivered;
  }

  private final Map<Lane, Model> lanes = new EnumMap<>(Lane.class);
  private final List<Delivery> settled = new ArrayList<>();

  private Model of(Lane lane) {
    return Objects.requireNonNull(lanes.get(lane));
  }

  // Without it the account could drift apart in an order of events that nobody thought of.
  @Test
  void theAccountBalancesAfterEveryStepOfAnyHistory() throws Exception {
    long acked = 0;
    long lost = 0;
    for (int seed = 0; seed < SEQUENCES; seed++) {
      try {
        Account.Line total = history(seed);
        acked += total.delivered();
        lost += total.lost();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    // A history in which nothing happens proves nothing.
    assertTrue(acked > 5L * SEQUENCES && lost > 10L * SEQUENCES, acked + " / " + lost);
  }

  private Account.Line history(int seed) throws Exception {
    Random random = new Random(seed);
    lanes.clear();
    settled.clear();
    for (Lane lane : Lane.values()) {
      lanes.put(lane, new Model());
    }
    Rig rig = Rig.in(folder.resolve("seed-" + seed));
    rig.options = new Options(Durability.OFF, 0);
    LaneQuota quota = new LaneQuota(OTHER_BYTES, PointConfig.NEVER);
    LaneQuota aging = new LaneQuota(OTHER_BYTES, 40 * Rig.SECOND);
    rig.config =
        new BufferConfig(
            Rig.SECOND, new LaneQuota(ALARM_BYTES, PointConfig.NEVER), aging, quota, quota);
    rig.open();
    RandomEntries entries = new RandomEntries(seed);
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> append(rig, entries, random);
        case 3, 4, 5 -> settle(rig, random);
        case 6 -> {
          rig.reopen();
          check(rig);
        }
        default -> rig.clock.advance(random.nextInt(5) * Rig.SECOND);
      }
      rig.commit();
      check(rig);
    }
    Account.Line total = rig.buffer().account().total();
    rig.reopen();
    check(rig);
    rig.close();
    return total;
  }

  private void append(Rig rig, RandomEntries entries, Random random) {
    Lane lane = LANES.get(random.nextInt(4));
    List<Entry> added = entries.of(lane, 1 + random.nextInt(60));
    // The model tells losses by the records that declare them, so nobody else may write any.
    added.removeIf(entry -> entry instanceof LossRecord);
    of(lane).pending.addAll(added);
    added.forEach(entry -> rig.append(lane, entry));
  }

  private void settle(Rig rig, Random random) {
    Lane lane = LANES.get(random.nextInt(4));
    for (int i = 0; i < 3 && of(lane).frames.isEmpty(); i++) {
      lane = LANES.get(random.nextInt(4));
    }
    long head = of(lane).head;
    long from = 1 + random.nextLong(head + 2);
    long to = from + random.nextInt(80) - 2;
    Long frame = of(lane).frames.floorKey(from);
    if (frame != null && random.nextInt(4) > 0) {
      from = frame;
      to = Objects.requireNonNull(of(lane).frames.get(frame));
    }
    Delivery delivery =
        random.nextInt(4) == 0
            ? new Delivery.Rejected(lane, from, to, 400, "no")
            : new Delivery.Acked(lane, from, to);
    settled.add(delivery);
    rig.buffer().settle(delivery);
  }

  /** Applies to the model what the commit must have done, and compares. */
  private void check(Rig rig) throws Exception {
    settled.forEach(this::apply);
    settled.clear();
    for (Lane lane : Lane.values()) {
      check(rig, lane, of(lane));
    }
    checkDeclarations();
    assertEquals(List.of(), faults(rig));
  }

  private static List<String> faults(Rig rig) {
    return rig.faults.open().stream()
        .map(fault -> fault.what() + ": " + fault.message())
        .filter(fault -> !fault.startsWith("rejected-") && !fault.startsWith("ack-unknown:"))
        .toList();
  }

  private void apply(Delivery delivery) {
    Model model = of(delivery.lane());
    long from = delivery.firstSequence();
    long to = delivery.lastSequence();
    if (from < 1 || to < from || to >= model.head) {
      return;
    }
    for (Map.Entry<Long, Long> frame :
        new TreeMap<>(model.frames.subMap(from, true, to, true)).entrySet()) {
      if (frame.getValue() <= to) {
        model.frames.remove(frame.getKey());
        settle(delivery, model, frame.getKey(), frame.getValue());
      }
    }
  }

  private void settle(Delivery delivery, Model model, long first, long last) {
    Map<Long, Entry> records = model.stored.subMap(first, true, last, true);
    boolean acked = delivery instanceof Delivery.Acked;
    boolean lossesAlone = records.values().stream().allMatch(LossRecord.class::isInstance);
    if (acked || lossesAlone) {
      records.values().forEach(this::tell);
    }
    if (acked) {
      model.delivered += records.size();
    } else {
      model.lost.addAll(records.keySet());
      if (lossesAlone) {
        model.told.addAll(records.keySet());
      }
    }
    records.clear();
  }

  private void tell(Entry entry) {
    if (entry instanceof LossRecord loss) {
      for (long n = loss.firstSequence(); n <= loss.lastSequence(); n++) {
        of(loss.lane()).told.add(n);
      }
    }
  }

  private static void check(Rig rig, Lane lane, Model model) throws Exception {
    TreeMap<Long, Entry> actual = new TreeMap<>();
    long bytes = 0;
    model.frames.clear();
    for (Outbound frame : rig.frames(lane)) {
      bytes += frame.frame().length;
      model.frames.put(frame.firstSequence(), frame.lastSequence());
      long n = frame.firstSequence();
      for (Entry entry : FrameCodec.decode(frame.frame()).entries()) {
        actual.put(n++, entry);
      }
    }
    for (Entry entry : model.pending) {
      model.stored.put(model.head++, entry);
    }
    model.pending.clear();
    // What the buffer itself added are declarations, behind everything else.
    for (; model.head < rig.buffer().head(lane); model.head++) {
      assertEquals(Lane.ALARMS, lane);
      Entry own = actual.get(model.head);
      assertTrue(own == null || own instanceof LossRecord);
      if (own == null) {
        model.lost.add(model.head);
      } else {
        model.stored.put(model.head, own);
      }
    }
    // What is missing was given up: the oldest, and nothing in between.
    long oldest = actual.isEmpty() ? model.head : actual.firstKey();
    Map<Long, Entry> gone = model.stored.headMap(oldest, false);
    model.lost.addAll(gone.keySet());
    gone.clear();
    assertEquals(model.stored, actual, lane.word());
    Account.Line line = rig.buffer().account().of(lane);
    assertEquals(
        new Account.Line(
            model.head - 1, model.delivered, model.stored.size(), model.lost.size(), bytes),
        line,
        lane.word());
    assertTrue(line.balances());
    assertTrue(lane == Lane.ALARMS || bytes <= OTHER_BYTES, lane + " holds " + bytes);
  }

  /** Every lost number is declared, by a record that waits or was told; and no other is. */
  private void checkDeclarations() {
    Map<Lane, Set<Long>> declared = new EnumMap<>(Lane.class);
    lanes.forEach((lane, model) -> declared.put(lane, new TreeSet<>(model.told)));
    for (Entry entry : of(Lane.ALARMS).stored.values()) {
      if (entry instanceof LossRecord loss) {
        Set<Long> numbers = Objects.requireNonNull(declared.get(loss.lane()));
        for (long n = loss.firstSequence(); n <= loss.lastSequence(); n++) {
          numbers.add(n);
        }
      }
    }
    lanes.forEach((lane, model) -> assertEquals(model.lost, declared.get(lane), lane.word()));
  }
}
