package dev.tidegate.buffer;

import dev.tidegate.buffer.crash.Disk;
import dev.tidegate.buffer.store.Durability;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The process of the crash tests: a buffer under {@code disk.so}, driven through a short and
 * eventful life on a clock of its own. What it does is a function of its arguments.
 */
final class CrashChild {
  private static final List<Lane> LANES = List.of(Lane.values());

  /** Small enough that a short life meets many checkpoints. */
  private static final int CHECKPOINT_PAGES = 12;

  final Disk disk = Disk.ofThisProcess();
  private final CrashMarks marks = new CrashMarks(disk);
  private final CrashRecords records;
  private final Random random;
  final Rig rig;
  private long receipts;
  private final Map<Lane, Long> appended = new EnumMap<>(Lane.class);

  private CrashChild(Path folder, long seed, Durability durability) {
    records = new CrashRecords(seed);
    random = new Random(seed);
    rig = rig(folder);
    rig.options = new Options(durability, 0, CHECKPOINT_PAGES);
    LANES.forEach(lane -> appended.put(lane, 0L));
  }

  /**
   * A rig with the bounds of these tests: every lane but the alarms' loses records now and then.
   */
  static Rig rig(Path folder) {
    Rig rig = Rig.in(folder);
    LaneQuota small = new LaneQuota(6_000, PointConfig.NEVER);
    LaneQuota aging = new LaneQuota(6_000, 60 * Rig.SECOND);
    LaneQuota roomy = new LaneQuota(16 << 20, PointConfig.NEVER);
    rig.config = new BufferConfig(Rig.SECOND, roomy, aging, small, small);
    return rig;
  }

  /** Arguments: the folder above the buffer's, the seed, the durability, what to do, how long. */
  public static void main(String[] args) throws Exception {
    CrashChild child =
        new CrashChild(Path.of(args[0]), Long.parseLong(args[1]), Durability.valueOf(args[2]));
    int rounds = Integer.parseInt(args[4]);
    switch (args[3]) {
      case "life" -> child.life(rounds, false);
      case "failing-steps" -> child.life(rounds, true);
      case "tour" -> child.tour();
      case "hold" -> child.hold();
      case "start" -> child.open();
      default -> new CrashFaults(child).run(args[3]);
    }
  }

  private void life(int rounds, boolean failing) throws Exception {
    open();
    for (int round = 0; round < rounds; round++) {
      if (failing && random.nextInt(6) == 0) {
        Disk.Fault kind = random.nextInt(3) == 0 ? Disk.Fault.WRITES : Disk.Fault.SYNCS;
        disk.fail(Disk.EIO, random.nextInt(4), 1 + random.nextInt(3), kind);
      }
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3, 4 -> append(LANES.get(random.nextInt(4)), 1 + random.nextInt(30));
        case 5, 6, 7 -> {
          // An open reader keeps SQLite from taking up the log anew; both have to be met.
          if (!failing || random.nextInt(8) == 0) {
            settle(LANES.get(random.nextInt(4)));
          }
        }
        case 8 -> rig.clock.advance(random.nextInt(30) * Rig.SECOND);
        default -> {
          if (failing && random.nextInt(2) == 0) {
            failToTheEnd();
          } else if (random.nextInt(4) == 0) {
            close();
            open();
          }
        }
      }
      rig.commit();
    }
    close();
  }

  /** Everything that a buffer does to its files, once, in an order that can be told. */
  private void tour() throws Exception {
    marks.phase("start");
    open();
    marks.phase("commit");
    for (Lane lane : LANES) {
      append(lane, 5);
      rig.commit();
    }
    marks.phase("settle");
    settle(Lane.RAW);
    settle(Lane.EVENTS);
    rig.commit();
    marks.phase("evict");
    for (int i = 0; i < 4; i++) {
      append(Lane.RAW, 120);
      append(Lane.SUMMARIES, 60);
      rig.commit();
    }
    marks.phase("expire");
    append(Lane.EVENTS, 5);
    rig.commit();
    rig.clock.advance(120 * Rig.SECOND);
    append(Lane.EVENTS, 1);
    rig.commit();
    marks.phase("close");
    rig.close();
    marks.phase("reopen");
    open();
    append(Lane.ALARMS, 2);
    rig.commit();
    marks.phase("reclose");
    rig.close();
  }

  /** Stores some and stands still, with the log full. */
  private void hold() throws Exception {
    open();
    for (Lane lane : LANES) {
      append(lane, 10);
      rig.commit();
    }
    Runtime.getRuntime().halt(0);
  }

  void open() throws Exception {
    rig.open();
    marks.epoch(rig.buffer().epoch());
  }

  /** With a healthy disk: what has no receipt yet must not be given up by the close. */
  private void close() throws Exception {
    disk.heal();
    rig.clock.advance(60 * Rig.SECOND);
    rig.commit();
    rig.close();
  }

  /**
   * A start after a stop on a failing disk: the kernel may show a commit that will never be on it.
   */
  private void failToTheEnd() throws Exception {
    disk.heal();
    rig.clock.advance(60 * Rig.SECOND);
    rig.commit();
    settle(Lane.RAW);
    disk.fail(Disk.EIO, 0, Disk.ALWAYS, Disk.Fault.SYNCS);
    rig.commit();
    rig.close();
    disk.heal();
    open();
  }

  void append(Lane lane, int count) {
    for (int i = 0; i < count; i++) {
      long n = appended.merge(lane, 1L, Long::sum);
      marks.appended(lane, n);
      rig.buffer().append(lane, records.of(lane, n), () -> receipt(lane, n));
    }
  }

  private void receipt(Lane lane, long n) {
    receipts++;
    marks.receipt(lane, n);
  }

  /** How many receipts were given. */
  long receipts() {
    return receipts;
  }

  /** How many records were handed in. */
  long appended() {
    return appended.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Plays a far side that stores some of the oldest frames, or now and then refuses them. */
  private void settle(Lane lane) throws Exception {
    List<Outbound> frames = rig.frames(lane);
    boolean refuses = random.nextInt(3) == 0;
    for (Outbound frame : frames.subList(0, Math.min(1 + random.nextInt(4), frames.size()))) {
      settling(frame);
      if (refuses) {
        rig.reject(lane, frame.firstSequence(), frame.lastSequence());
      } else {
        rig.ack(lane, frame.firstSequence(), frame.lastSequence());
      }
    }
  }

  void settling(Outbound frame) throws Exception {
    for (Entry entry : FrameCodec.decode(frame.frame()).entries()) {
      if (entry instanceof LossRecord loss) {
        marks.carried(loss);
      } else if (CrashRecords.alarm(entry) > 0) {
        marks.alarm(CrashRecords.alarm(entry));
      }
    }
    marks.settled(frame.lane(), frame.firstSequence(), frame.lastSequence());
  }
}
