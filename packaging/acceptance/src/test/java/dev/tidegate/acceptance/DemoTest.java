package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.checkout.Main;
import dev.tidegate.cli.Exit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first thing that a visitor runs. */
class DemoTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path folder;

  /** Two books kept on two sides of the link: where they differ, one of them is wrong. */
  @Test
  void theDemoEndsByItselfAndBothSidesAgree() throws Exception {
    try (Peer demo =
        Peer.java(Main.class, List.of(), "demo", "--seconds", "6", "--dir", folder.toString())) {
      assertEquals(Exit.OK, demo.end(PATIENCE), demo::text);
      long status =
          demo.lines().stream().filter(l -> l.matches("\\d\\d:\\d\\d:\\d\\d +[\\d,]+ .*")).count();
      assertTrue(status >= 3, status + " status lines: " + demo.text());
      assertTrue(
          demo.text().contains("exact: of what was accepted nothing is missing"), demo::text);
      List<Long> account = numbers(line(demo, "  all lanes"));
      List<Long> stored = numbers(line(demo, "cloud side   stored").replaceFirst(";.*", ""));
      assertTrue(line(demo, "cloud side   stored").endsWith("; no gaps"), demo::text);
      assertTrue(account.get(1) > 100, "hardly anything was delivered: " + account);
      assertEquals(account.get(1), stored.stream().mapToLong(Long::longValue).sum(), demo::text);
      System.out.printf(
          "demo: accepted, delivered, buffered, lost %s; cloud side stored %s%n", account, stored);
    }
  }

  private static String line(Peer peer, String prefix) {
    return peer.lines().stream()
        .filter(l -> l.startsWith(prefix))
        .reduce((first, second) -> second)
        .orElseThrow(() -> new AssertionError("no '" + prefix + "' in:\n" + peer.text()));
  }

  private static List<Long> numbers(String line) {
    Matcher number = Pattern.compile("\\d[\\d,]*").matcher(line);
    return number.results().map(r -> Long.valueOf(r.group().replace(",", ""))).toList();
  }
}
