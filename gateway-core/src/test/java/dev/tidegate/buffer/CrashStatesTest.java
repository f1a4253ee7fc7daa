package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.buffer.CrashWitness.Finding;
import dev.tidegate.buffer.CrashWitness.Wrong;
import dev.tidegate.buffer.crash.Disk;
import dev.tidegate.buffer.crash.Platter;
import dev.tidegate.buffer.crash.PowerCuts;
import dev.tidegate.buffer.crash.Step;
import dev.tidegate.buffer.store.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens what power cuts could leave of a buffer, by the thousand: a real buffer lives in a process
 * under a library that notes each of its steps on the disk; at random moments of that life the
 * folders that a cut could leave are made (the model is {@link Platter}'s) and opened with a real
 * buffer.
 */
class CrashStatesTest {
  /** How many states {@code mvn verify} opens; {@code -Dtidegate.states=100000} for a campaign. */
  private static final int STATES = Integer.getInteger("tidegate.states", 2_000);

  private static final int STATES_PER_LIFE = 1_000;
  private static final int ROUNDS = 220;

  /** So many steps after a failed fsync are looked at more closely. */
  private static final int AFTERMATH = 40;

  @TempDir static Path made;
  private static @Nullable Path library;

  @BeforeAll
  static void compile() throws Exception {
    library = Disk.compile(made);
  }

  /** What a set of states came to. */
  private static final class Tally {
    private int states;
    private final Map<Step.Kind, Integer> steps = new EnumMap<>(Step.Kind.class);
    private long receipts;
    private final Map<Wrong, Integer> wrong = new EnumMap<>(Wrong.class);
    private final List<String> examples = new ArrayList<>();

    void add(String where, List<Finding> findings) {
      states++;
      findings.stream()
          .map(Finding::wrong)
          .distinct()
          .forEach(w -> wrong.merge(w, 1, Integer::sum));
      if (examples.size() < 10) {
        findings.stream().limit(3).forEach(f -> examples.add(where + ": " + f));
      }
    }

    @Override
    public String toString() {
      return "%,d states, wrong in %s; from a life of %s and %,d receipts"
          .formatted(states, wrong, steps, receipts);
    }
  }

  private static Tally check(
      String task, Durability durability, int states, UnaryOperator<List<Step>> noted)
      throws Exception {
    Path library = CrashStatesTest.library;
    assumeTrue(library != null, "no disk.so");
    Tally tally = new Tally();
    Path folder = Files.createTempDirectory(fast(), "tidegate-states-");
    try {
      for (long seed = 1; tally.states < states; seed++) {
        CrashProcess life =
            new CrashProcess(library, folder.resolve("life"), seed, durability, task, ROUNDS);
        life.succeed();
        List<Step> steps = noted.apply(Step.read(life.log()));
        delete(life.folder);
        cut(steps, seed, Math.min(STATES_PER_LIFE, states - tally.states), folder, tally);
      }
    } finally {
      delete(folder);
    }
    System.out.println(task + ", synchronous=" + durability + ": " + tally);
    return tally;
  }

  /** Where files cost no disk, if there is such a place. */
  private static Path fast() {
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory) ? memory : made;
  }

  private static void cut(List<Step> steps, long seed, int cuts, Path folder, Tally tally)
      throws Exception {
    Random random = new Random(seed);
    int[] cutsBefore = moments(steps, cuts, random);
    Platter platter = new Platter();
    PowerCuts power = new PowerCuts(random);
    CrashWitness witness = new CrashWitness(new CrashRecords(seed));
    for (int at = 0; at < steps.size(); at++) {
      for (int i = 0; i < cutsBefore[at]; i++) {
        open(power.of(platter), witness, folder, "seed " + seed + ", step " + at, tally);
      }
      Step step = steps.get(at);
      if (step.kind() == Step.Kind.MARK) {
        witness.hear(step.text());
      } else {
        platter.apply(step);
        tally.steps.merge(step.kind(), 1, Integer::sum);
      }
    }
    for (int i = 0; i < cutsBefore[steps.size()]; i++) {
      open(power.of(platter), witness, folder, "seed " + seed + ", end", tally);
    }
    tally.receipts += witness.receipts();
  }

  /**
   * How many cuts come before each step; half of them soon after a fsync that failed, if one did.
   */
  private static int[] moments(List<Step> steps, int cuts, Random random) {
    List<Integer> failures = new ArrayList<>();
    for (int at = 0; at < steps.size(); at++) {
      if (steps.get(at).kind() == Step.Kind.FAILED_SYNC) {
        failures.add(at);
      }
    }
    int[] cutsBefore = new int[steps.size() + 1];
    for (int i = 0; i < cuts; i++) {
      boolean near = !failures.isEmpty() && random.nextBoolean();
      int from = near ? failures.get(random.nextInt(failures.size())) : 0;
      int to = near ? Math.min(from + AFTERMATH, steps.size()) : steps.size();
      cutsBefore[from + 1 + random.nextInt(to - from)]++;
    }
    return cutsBefore;
  }

  private static void open(
      Map<String, byte[]> files, CrashWitness witness, Path folder, String where, Tally tally)
      throws Exception {
    Rig rig = CrashChild.rig(folder.resolve("state"));
    rig.options = new Options(Durability.OFF, 0);
    Files.createDirectories(rig.folder);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(rig.folder.resolve(file.getKey()), file.getValue());
    }
    tally.add(where, witness.examine(rig));
    delete(folder.resolve("state"));
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  // Without it a power cut could take what a device was told is stored, and nobody would know.
  @Test
  void nothingWithAReceiptIsLostToAPowerCut() throws Exception {
    Tally tally = check("life", Durability.FULL, STATES, UnaryOperator.identity());
    assertEquals(Map.of(), tally.wrong, () -> String.join("\n", tally.examples));
    assertTrue(tally.states >= STATES && tally.receipts > tally.states / 10, tally::toString);
  }

  // Without it the test above could be blind. The log is not synchronised at commits here.
  @Test
  void theSameCheckFindsTheLossesOfALogThatIsNotSynchronised() throws Exception {
    Tally tally = check("life", Durability.NORMAL, 300, UnaryOperator.identity());
    assertTrue(tally.wrong.getOrDefault(Wrong.LOST, 0) > 0, tally::toString);
  }

  // Without it a commit whose fsync failed could be believed, because the kernel still shows it.
  @Test
  void nothingWithAReceiptIsLostWhereSynchronisingFailsNowAndThen() throws Exception {
    Tally tally =
        check(
            "failing-steps", Durability.FULL, Math.max(500, STATES / 4), UnaryOperator.identity());
    assertEquals(Map.of(), tally.wrong, () -> String.join("\n", tally.examples));
    assertTrue(tally.steps.getOrDefault(Step.Kind.FAILED_SYNC, 0) > 20, tally::toString);
  }

  // Without it the test above could be blind. Here the disk hears nothing of the log being written
  // anew: a buffer that trusts what the kernel shows leaves the same states.
  @Test
  void theSameCheckFindsTheLossesOfALogThatIsTrustedAfterAFailedFsync() throws Exception {
    Tally tally =
        check("failing-steps", Durability.FULL, 1_000, CrashStatesTest::withoutWritingAnew);
    assertTrue(tally.wrong.getOrDefault(Wrong.LOST, 0) > 0, tally::toString);
  }

  /** SQLite writes its log in headers of 32 and of 24 bytes, and pages of 4,096. */
  private static List<Step> withoutWritingAnew(List<Step> steps) {
    Set<Integer> sizes = Set.of(24, 32, 4096);
    return steps.stream()
        .filter(
            s ->
                s.kind() != Step.Kind.WRITE
                    || !s.name().endsWith("-wal")
                    || sizes.contains(s.data().length))
        .toList();
  }
}
