package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.checkout.Main;
import dev.tidegate.cli.Exit;
import dev.tidegate.cli.Tidegate;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a process: what it ends with, and what it says. systemd reads the former. */
class CliTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private record Said(int code, List<String> lines) {
    String text() {
      return String.join("\n", lines);
    }
  }

  /** A script that checks before it restarts the gateway relies on the code. */
  @Test
  void checkSaysInOneLineThatAFileIsGood() throws Exception {
    Said said = tidegate("check", good().toString());
    assertEquals(Exit.OK, said.code, said::text);
    assertEquals(1, said.lines.size(), said::text);
    assertTrue(
        said.text().contains("gateway.yaml: good: gateway g, 1 devices, 2 points, 1 windows"),
        said::text);
  }

  /** One complaint at a time would cost an operator one run for each mistake. */
  @Test
  void checkListsEveryComplaintWithItsPlace() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("wrong.yaml"),
            """
            gateway: {id: g, data: ./data}
            devices:
              - id: pump
                driver: simulater
                points: [{id: flow}]
            windows:
              - {id: w, points: [pump/flow], size: soon}
            """);
    Said said = tidegate("check", file.toString());
    assertEquals(Exit.CONFIG, said.code, said::text);
    assertTrue(
        Pattern.compile("wrong\\.yaml:4:\\d+: .*simulator").matcher(said.text()).find(),
        said::text);
    assertTrue(Pattern.compile("wrong\\.yaml:7:\\d+: ").matcher(said.text()).find(), said::text);
    assertTrue(said.lines.getLast().endsWith("refused: 2 complaints"), said::text);
  }

  /** A wrong configuration must not look like a crash: systemd would start it again and again. */
  @Test
  void runRefusesAWrongConfiguration() throws Exception {
    Path file = Files.writeString(folder.resolve("wrong.yaml"), "gateway: {id: g}\nx: 1\n");
    Said said = tidegate("run", "--config", file.toString());
    assertEquals(Exit.CONFIG, said.code, said::text);
    assertTrue(said.text().contains("wrong.yaml:2:1"), said::text);
    said = tidegate("run", "--config", folder.resolve("absent.yaml").toString());
    assertEquals(Exit.CONFIG, said.code, said::text);
    assertTrue(said.text().contains("absent.yaml"), said::text);
  }

  /** A typing mistake must not start anything. */
  @Test
  void aWrongCommandLineSaysHowToDoIt() throws Exception {
    Said said = tidegate("chekc", "gateway.yaml");
    assertEquals(Exit.USAGE, said.code, said::text);
    assertTrue(said.text().contains("chekc") && said.text().contains("check"), said::text);
    said = tidegate("run", "--confg", good().toString());
    assertEquals(Exit.USAGE, said.code, said::text);
    assertTrue(said.text().contains("--config"), said::text);
    try (Peer demo = Peer.java(Main.class, List.of(), "demo", "--secnds", "3")) {
      assertEquals(Exit.USAGE, demo.end(PATIENCE), demo::text);
    }
    said = tidegate();
    assertEquals(Exit.USAGE, said.code, said::text);
    assertTrue(said.text().contains("run") && said.text().contains("check"), said::text);
  }

  /**
   * Another folder, or more rights: the operator must know which folder, and get no stack trace.
   */
  @Test
  void aDataFolderThatCannotBeUsedIsNamed() throws Exception {
    Files.writeString(folder.resolve("data"), "not a folder");
    Said said = tidegate("run", "--config", good().toString());
    assertEquals(Exit.NO_DATA, said.code, said::text);
    assertTrue(said.text().contains(folder.resolve("data").toString()), said::text);
    assertFalse(said.text().contains("\tat ") || said.text().contains("    at "), said::text);
  }

  /** Editors are pointed at the file; it must be what this gateway takes. */
  @Test
  void schemaPrintsTheShippedFile() throws Exception {
    Path out = folder.resolve("schema.json");
    try (Peer schema = Peer.javaInto(out, Tidegate.class, "schema")) {
      assertEquals(Exit.OK, schema.end(PATIENCE), schema::text);
    }
    assertEquals(
        Files.readString(Repository.ROOT.resolve("docs/spec/gateway.schema.json")),
        Files.readString(out));
  }

  /** The first thing that anyone types. */
  @Test
  void helpAndVersion() throws Exception {
    Said said = tidegate("--help");
    assertEquals(Exit.OK, said.code, said::text);
    for (String command : List.of("run", "check", "replay", "schema")) {
      assertTrue(said.text().contains("  " + command + " "), said::text);
    }
    said = tidegate("help", "run");
    assertEquals(Exit.OK, said.code, said::text);
    assertTrue(said.text().contains("--config=FILE"), said::text);
    said = tidegate("--version");
    assertEquals(Exit.OK, said.code, said::text);
    assertTrue(said.lines.getFirst().startsWith("tidegate "), said::text);
    assertTrue(said.lines.get(1).startsWith("Java 25"), said::text);
  }

  /** A stop that looks like a failure would page somebody at every update. */
  @Test
  void aRunThatIsToldToStopEndsWithItsExactAccount() throws Exception {
    try (Peer run =
        Peer.java(
            Tidegate.class,
            List.of(),
            "run",
            "--config",
            good().toString(),
            "--status-every",
            "1")) {
      run.await("running", PATIENCE);
      run.awaitLine(line -> line.matches("\\d\\d:\\d\\d:\\d\\d +\\d.*"), "a status line", PATIENCE);
      try (Peer second =
          Peer.java(Tidegate.class, List.of(), "run", "--config", good().toString())) {
        assertEquals(Exit.NO_DATA, second.end(PATIENCE), second::text);
        assertTrue(second.text().contains(folder.resolve("data").toString()), second::text);
      }
      assertEquals(Exit.OK, run.terminate(PATIENCE), run::text);
      assertTrue(run.text().contains("exact: of what was accepted nothing is missing"), run::text);
      assertTrue(
          run.lines().stream().anyMatch(l -> l.matches(" +raw +[1-9].*")),
          "nothing was kept: " + run.text());
    }
  }

  /** A card that rots under a running gateway must cost nobody a journey. */
  @Test
  void aBufferThatBreaksUnderwayIsSetAsideAndTheRunGoesOn() throws Exception {
    Path file = folder.resolve("data/buffer.db");
    try (Peer run =
        Peer.java(
            Tidegate.class,
            List.of(),
            "run",
            "--config",
            good().toString(),
            "--status-every",
            "1")) {
      run.awaitLine(line -> line.matches("\\d\\d:\\d\\d:\\d\\d +\\d.*"), "a status line", PATIENCE);
      try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement statement = other.createStatement()) {
        statement.execute("PRAGMA busy_timeout=5000");
        statement.execute("PRAGMA wal_checkpoint(TRUNCATE)"); // the gateway trusts no cached page
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[(int) channel.size() - 4096]), 4096);
      }
      run.awaitLine(line -> line.contains("the gateway starts anew"), "the restart", PATIENCE);
      run.awaitLine(line -> line.contains("buffer.db.damaged-1"), "the fault", PATIENCE);
      int before = run.lines().size();
      run.awaitLine(
          line -> run.lines().size() > before + 3 && line.matches("\\d\\d:\\d\\d:\\d\\d +\\d.*"),
          "more status lines",
          PATIENCE);
      assertEquals(Exit.OK, run.terminate(PATIENCE), run::text);
      assertTrue(run.text().contains("exact: of what was accepted nothing is missing"), run::text);
      assertTrue(Files.size(folder.resolve("data/buffer.db.damaged-1")) > 4096);
    }
  }

  private Path good() throws Exception {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        gateway: {id: g, data: ./data}
        devices:
          - id: pump
            driver: simulator
            poll-every: 50ms
            points: [{id: flow}, {id: pressure}]
        windows:
          - {id: w, points: [pump/*], size: 1s}
        """);
  }

  private static Said tidegate(String... arguments) throws Exception {
    try (Peer peer = Peer.java(Tidegate.class, List.of(), arguments)) {
      int code = peer.end(PATIENCE);
      return new Said(code, peer.lines());
    }
  }
}
