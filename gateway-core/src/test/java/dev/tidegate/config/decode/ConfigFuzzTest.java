package dev.tidegate.config.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.yaml.Problem;
import dev.tidegate.config.yaml.YamlFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Seeded mutations of a file that says everything: same seed, same files. */
class ConfigFuzzTest {
  private static final Path NAME = Path.of("gateway.yaml");
  private static final String SPARKS = "[]{}:,-?#&*!|>'\"%@`\t\n\r \\~<=0x.\u0000\u0007é\uFEFF";
  private static final int ROUNDS = Integer.getInteger("tidegate.fuzz.rounds", 5_000);

  private final GatewayKeys keys = new GatewayKeys(ProbeDriver.all());

  // Without it: some wrong file ends in an exception, or in a complaint that points nowhere.
  @Test
  void aMutatedFileIsTakenOrRefusedWithAPlace() throws IOException {
    byte[] valid =
        Files.readAllBytes(ConfigCasesTest.folder("good-everything").resolve("gateway.yaml"));
    assertTrue(ConfigLoader.parse(NAME, valid, keys) instanceof LoadResult.Loaded);
    int refused = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      byte[] mutated = valid;
      for (int i = 0; i <= random.nextInt(4); i++) {
        mutated = random.nextBoolean() ? bytes(mutated, random) : lines(mutated, random);
      }
      mutated = Arrays.copyOf(mutated, Math.min(mutated.length, YamlFile.MAX_BYTES));
      String text = "seed " + seed + "\n" + new String(mutated, StandardCharsets.UTF_8);
      switch (ConfigLoader.parse(NAME, mutated, keys)) {
        case LoadResult.Loaded loaded -> assertFalse(loaded.config().devices().isEmpty(), text);
        case LoadResult.Refused r -> {
          refused++;
          check(r, mutated, text);
        }
      }
    }
    assertTrue(refused > ROUNDS / 2, refused + " refused: hardly any mutation mattered");
  }

  private static void check(LoadResult.Refused refused, byte[] file, String text) {
    long lines = new String(file, StandardCharsets.UTF_8).lines().count() + 1;
    assertFalse(refused.problems().isEmpty(), text);
    Problem before = refused.problems().getFirst();
    for (Problem problem : refused.problems()) {
      assertTrue(problem.line() >= 1 && problem.line() <= lines, () -> problem + text);
      assertTrue(problem.column() >= 1, () -> problem + text);
      assertTrue(Problem.BY_PLACE.compare(before, problem) <= 0, () -> "order " + text);
      assertEquals(1, problem.toString().lines().count(), () -> problem + text);
      before = problem;
    }
  }

  private static byte[] bytes(byte[] file, Random random) {
    int at = random.nextInt(file.length);
    byte[] spark =
        String.valueOf(SPARKS.charAt(random.nextInt(SPARKS.length())))
            .getBytes(StandardCharsets.UTF_8);
    return switch (random.nextInt(4)) {
      case 0 -> splice(file, at, at, spark);
      case 1 -> splice(file, at, at + 1, spark);
      case 2 -> splice(file, at, Math.min(file.length, at + 1 + random.nextInt(8)), new byte[0]);
      default -> splice(file, at, at + 1, new byte[] {(byte) random.nextInt(256)});
    };
  }

  private static byte[] splice(byte[] file, int from, int to, byte[] middle) {
    byte[] result = new byte[from + middle.length + file.length - to];
    System.arraycopy(file, 0, result, 0, from);
    System.arraycopy(middle, 0, result, from, middle.length);
    System.arraycopy(file, to, result, from + middle.length, file.length - to);
    return result.length == 0 ? file : result;
  }

  private static byte[] lines(byte[] file, Random random) {
    List<String> lines = new ArrayList<>(new String(file, StandardCharsets.UTF_8).lines().toList());
    int a = random.nextInt(lines.size());
    int b = random.nextInt(lines.size());
    switch (random.nextInt(5)) {
      case 0 -> lines.remove(a);
      case 1 -> lines.add(b, lines.get(a));
      case 2 -> Collections.swap(lines, a, b);
      case 3 -> lines.set(a, " ".repeat(1 + random.nextInt(3)) + lines.get(a));
      default -> lines.set(a, lines.get(a).stripLeading());
    }
    byte[] result = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    return lines.isEmpty() ? file : result;
  }
}
