package dev.tidegate.config.decode;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.yaml.Findings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile files, as large as a file may be. The promise is that each is refused within 100 ms in a
 * warm JVM. A clock is no test on a shared machine, so the test asserts that the answer is bounded,
 * and the measurement runs when it is asked for:
 *
 * <pre>{@code
 * mvn -q -B -pl gateway-core -am test -Dtest=RefusalEffortTest -Dtidegate.measure=true \
 *     -Dsurefire.failIfNoSpecifiedTests=false
 * }</pre>
 */
class RefusalEffortTest {
  private static final int FULL = 256 << 10;

  @TempDir Path folder;

  // Without it: some shape of file makes the reader recurse, remember or complain without end.
  @Test
  void everyHostileFileIsRefusedWithABoundedAnswer() throws IOException {
    for (Map.Entry<String, String> hostile : hostile().entrySet()) {
      Path file = Files.writeString(folder.resolve("gateway.yaml"), hostile.getValue());
      LoadResult result = ConfigLoader.load(file, ProbeDriver.all());
      LoadResult.Refused refused =
          assertInstanceOf(LoadResult.Refused.class, result, hostile.getKey());
      assertTrue(refused.problems().size() <= Findings.MAX_LISTED, hostile.getKey());
    }
  }

  /** Prints CPU time per refusal; the worst figure is the one to quote. */
  @Test
  @EnabledIfSystemProperty(named = "tidegate.measure", matches = "true")
  void measureCpuTimePerRefusal() throws IOException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (Map.Entry<String, String> hostile : hostile().entrySet()) {
      Path file = Files.writeString(folder.resolve("gateway.yaml"), hostile.getValue());
      long[] nanos = new long[60];
      int problems = 0;
      for (int i = 0; i < nanos.length; i++) {
        long before = threads.getCurrentThreadCpuTime();
        LoadResult result = ConfigLoader.load(file, ProbeDriver.all());
        nanos[i] = threads.getCurrentThreadCpuTime() - before;
        problems = assertInstanceOf(LoadResult.Refused.class, result).problems().size();
      }
      long[] warm = Arrays.copyOfRange(nanos, 30, 60);
      Arrays.sort(warm);
      System.out.printf(
          "%-34s %5d problems  first %6.1f ms  warm median %6.2f ms  warm worst %6.2f ms%n",
          hostile.getKey(), problems, nanos[0] / 1e6, warm[15] / 1e6, warm[29] / 1e6);
    }
  }

  private static Map<String, String> hostile() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("1 MiB", "#".repeat(1 << 20));
    files.put("100,000 brackets", "[".repeat(100_000));
    files.put("50,000 nested mappings", "{a: ".repeat(50_000));
    files.put("100,000 nested dashes", "- ".repeat(100_000));
    files.put("100,000 nested key marks", "? ".repeat(100_000));
    files.put(
        "31 levels again and again", fill("x: ", i -> "[".repeat(31) + "]".repeat(31) + "\n"));
    files.put("aliases alone", fill("a: &a [x]\nb: [", i -> "*a,") + "]");
    files.put("alias bomb, nine wide", bomb());
    files.put("a flat list", fill("a: [", i -> "x,") + "]");
    files.put("a list of lists", fill("a: [", i -> "[],") + "]");
    files.put("unknown keys", fill("", i -> "k" + i + ": 1\n"));
    files.put("keys near a known one", fill("", i -> "devicse" + i + ": 1\n"));
    files.put("one key, again and again", fill("", i -> "gateway: 1\n"));
    files.put("one long word", "gateway: " + "x".repeat(FULL - 10));
    files.put("one long number", "gateway: {id: x, data: " + "7".repeat(FULL - 40) + "}");
    files.put("one long escape", "gateway: \"" + "\\u0041".repeat(FULL / 6 - 4) + "\"");
    files.put("one long flow line, no comma", "[" + "x ".repeat(FULL / 2 - 4) + "]");
    files.put("a tab in every line", fill("", i -> "\tx: 1\n"));
    files.put("no colon in any line", fill("", i -> "word\n"));
    files.put("quotes that never end", fill("", i -> "\"x\n"));
    files.put("devices without anything", fill("devices:\n", i -> "- {}\n"));
    files.put("points with odd units", device(i -> "- {id: p" + i + ", unit: m" + i + "/(a.b)}"));
    files.put("points with slips", device(i -> "- {id: p" + i + ", uint: m, ragne: [0, 1]}"));
    files.put("windows of points nobody has", windows());
    return files;
  }

  /** The start, then as many parts as fit into the largest file. */
  private static String fill(String start, IntFunction<String> part) {
    StringBuilder file = new StringBuilder(start);
    for (int i = 0; ; i++) {
      String next = part.apply(i);
      if (file.length() + next.length() > FULL - 8) {
        return file.toString();
      }
      file.append(next);
    }
  }

  /** Devices of 1,000 points each. */
  private static String device(IntFunction<String> point) {
    return fill(
        "gateway: {id: x, data: x}\ndevices:\n",
        i ->
            (i % 1_000 == 0 ? "- id: d" + i + "\n  driver: silent\n  points:\n" : "")
                + "  "
                + point.apply(i)
                + "\n");
  }

  /** 1,000 points, and windows full of names that are all nearly theirs. */
  private static String windows() {
    StringBuilder start = new StringBuilder("gateway: {id: x, data: x}\ndevices:\n");
    start.append("- id: pump\n  driver: silent\n  points:\n");
    for (int i = 0; i < 1_000; i++) {
      start.append("  - {id: pressure-").append(i).append("}\n");
    }
    return fill(
        start.append("windows:\n").toString(),
        i ->
            (i % 1_000 == 0 ? "- id: w" + i + "\n  size: 1s\n  points:\n" : "")
                + "  - pump/presure-x"
                + i
                + "\n");
  }

  private static String bomb() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 1_000; i++) {
      String before = "*a" + (i - 1);
      bomb.append("a").append(i).append(": &a").append(i).append(" [").append(before);
      bomb.append((", " + before).repeat(8)).append("]\n");
    }
    return bomb.toString();
  }
}
