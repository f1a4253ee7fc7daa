package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.buffer.CrashWitness.Finding;
import dev.tidegate.buffer.CrashWitness.Wrong;
import dev.tidegate.buffer.crash.Disk;
import dev.tidegate.buffer.crash.Step;
import dev.tidegate.buffer.store.Durability;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Lane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process at the steps that it takes on its files, one process for each, starts again on
 * what it left, and looks whether every promise was kept.
 */
class FailpointsTest {
  /** Whether every step is struck, and not one of each kind in each phase. */
  private static final boolean ALL = "all".equals(System.getProperty("tidegate.failpoints"));

  private static final int KILLED = 137;
  private static final long SEED = 7;

  @TempDir static Path made;
  private static @Nullable Path library;

  @BeforeAll
  static void compile() throws Exception {
    library = Disk.compile(made);
  }

  private static CrashProcess process(Path folder, Durability durability, String task)
      throws IOException {
    Path library = FailpointsTest.library;
    assumeTrue(library != null, "no disk.so");
    return new CrashProcess(library, folder, SEED, durability, task, 0);
  }

  /** A step at which a process is killed: its number, and what it is. */
  private record Point(long number, String what) {}

  /** The points of a process that ran to its end, in their order. */
  private static List<Point> points(Path log) throws IOException {
    List<Point> points = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    CrashWitness witness = new CrashWitness(new CrashRecords(SEED));
    long number = 0;
    for (Step step : Step.read(log)) {
      if (step.kind() == Step.Kind.MARK) {
        witness.hear(step.text());
      } else {
        number++;
        String what = witness.phase() + ": " + step.kind() + " " + step.name();
        if (seen.add(what) || ALL) {
          points.add(new Point(number, what));
        }
      }
    }
    return points;
  }

  private static CrashWitness witness(Path log) throws IOException {
    CrashWitness witness = new CrashWitness(new CrashRecords(SEED));
    for (Step step : Step.read(log)) {
      if (step.kind() == Step.Kind.MARK) {
        witness.hear(step.text());
      }
    }
    return witness;
  }

  /** Takes up what a process left, looks at it, and goes on with it. */
  private static List<Finding> restart(Path folder, CrashWitness witness) throws Exception {
    List<Finding> findings = new ArrayList<>(witness.examine(CrashChild.rig(folder)));
    Rig rig = CrashChild.rig(folder).open();
    long[] heads = new long[Lane.values().length];
    int i = 0;
    for (Lane lane : Lane.values()) {
      heads[i++] = rig.buffer().head(lane);
      rig.append(lane, rig.reading(1));
    }
    rig.commit();
    rig.reopen();
    i = 0;
    for (Lane lane : Lane.values()) {
      assertEquals(heads[i++] + 1, rig.buffer().head(lane), lane + " goes on with its numbers");
    }
    assertTrue(rig.buffer().account().balances(), () -> rig.buffer().account().toString());
    rig.close();
    assertEquals(List.of(), rig.faults.open());
    return findings;
  }

  // Without it a process that dies between two steps could leave what the next one cannot take up.
  @Test
  void aProcessThatDiesAtAnyStepKeepsItsPromises() throws Exception {
    CrashProcess whole = process(made.resolve("whole"), Durability.FULL, "tour").succeed();
    Rig lived = CrashChild.rig(whole.folder).open();
    Account.Line total = lived.buffer().account().total();
    assertTrue(total.lost() > 20 && total.delivered() >= 5, () -> "too quiet a life: " + total);
    lived.close();
    List<Point> points = points(whole.log());
    twoAtATime(
        points,
        point -> {
          Path folder = made.resolve("point-" + point.number);
          CrashProcess dying =
              process(folder, Durability.FULL, "tour").killedAt(true, point.number);
          assertEquals(KILLED, dying.run(), point + ": " + dying.output());
          List<Finding> findings = restart(dying.folder, witness(dying.log()));
          assertEquals(List.of(), findings, point::toString);
          delete(folder);
        });
    System.out.println("killed at " + points.size() + " steps of a buffer's life");
    assertTrue(points.size() >= 30, points.size() + " points");
  }

  // Without it the test above could be blind: here receipts are given before the commit.
  @Test
  void theSameCheckFindsReceiptsThatWereGivenTooEarly() throws Exception {
    CrashProcess whole = process(made.resolve("unsafe"), Durability.OFF, "tour").succeed();
    int struck = 0;
    int lost = 0;
    for (Point point : points(whole.log())) {
      if (point.what.startsWith("commit:") || point.what.startsWith("evict:")) {
        Path folder = made.resolve("unsafe-" + point.number);
        CrashProcess dying = process(folder, Durability.OFF, "tour").killedAt(true, point.number);
        assertEquals(KILLED, dying.run(), point + ": " + dying.output());
        struck++;
        List<Finding> findings = witness(dying.log()).examine(CrashChild.rig(dying.folder));
        lost += findings.stream().anyMatch(f -> f.wrong() == Wrong.LOST) ? 1 : 0;
      }
    }
    System.out.println("killed at " + struck + " steps with early receipts: lost at " + lost);
    assertTrue(lost > 0, "lost at " + lost + " of " + struck);
  }

  // Without it a power cut while a broken file is set aside could take it away, or half of it.
  @Test
  void aDamagedFileIsNeverLostWhileItIsSetAside() throws Exception {
    CrashProcess before = process(made.resolve("before"), Durability.FULL, "hold").succeed();
    CrashWitness witness = witness(before.log());
    assertTrue(witness.receipts() == 40, witness.receipts() + " receipts");
    Files.writeString(before.folder.resolve("buffer/buffer.db.suspect"), "");
    CrashProcess whole = process(made.resolve("aside"), Durability.FULL, "start");
    copy(before.folder.resolve("buffer"), whole.folder.resolve("buffer"));
    whole.succeed();
    List<Point> points = points(whole.log());
    twoAtATime(
        points,
        point -> {
          CrashProcess dying =
              process(made.resolve("aside-" + point.number), Durability.FULL, "start")
                  .killedAt(true, point.number);
          copy(before.folder.resolve("buffer"), dying.folder.resolve("buffer"));
          assertEquals(KILLED, dying.run(), point + ": " + dying.output());
          Rig rig = CrashChild.rig(dying.folder).open();
          assertEquals(11, rig.buffer().head(Lane.RAW), point + ": what is sound was taken over");
          rig.close();
          Path found = made.resolve("found-" + point.number);
          Files.createDirectories(found.resolve("buffer"));
          Path aside = dying.folder.resolve("buffer/buffer.db.damaged-1");
          Files.copy(aside, found.resolve("buffer/buffer.db"));
          Files.copy(
              aside.resolveSibling(aside.getFileName() + "-wal"),
              found.resolve("buffer/buffer.db-wal"));
          assertEquals(List.of(), witness.examine(CrashChild.rig(found)), point::toString);
        });
    System.out.println("killed at " + points.size() + " steps of setting aside");
    assertTrue(points.size() >= 8, points.size() + " points");
  }

  /** What is to be tried at a point, in a folder of its own. */
  @FunctionalInterface
  private interface Trial {
    void at(Point point) throws Exception;
  }

  /** Most of the time is spent starting processes. */
  private static void twoAtATime(List<Point> points, Trial trial) throws Exception {
    try (ExecutorService two = Executors.newFixedThreadPool(2)) {
      List<Future<?>> running = new ArrayList<>();
      for (Point point : points) {
        running.add(
            two.submit(
                () -> {
                  trial.at(point);
                  return point;
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
  }
}
