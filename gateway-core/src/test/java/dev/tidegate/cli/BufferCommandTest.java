package dev.tidegate.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.buffer.Buffer;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What an operator sees of a buffer: sound, in use, damaged, or not one at all. */
@Isolated
class BufferCommandTest {
  @TempDir Path folder;
  private Path data = Path.of("");
  private String said = "";

  private int run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    System.setOut(both);
    System.setErr(both);
    try {
      return Tidegate.commandLine().execute(arguments);
    } finally {
      System.setOut(out);
      System.setErr(err);
      said = bytes.toString(StandardCharsets.UTF_8);
    }
  }

  private Buffer open() throws Exception {
    ManualClock clock = new ManualClock();
    Buffer buffer =
        Buffer.open(
            data,
            BufferConfig.defaults(),
            "g",
            "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10",
            clock,
            new Random(1),
            new Counters(),
            new Faults(clock));
    for (int i = 0; i < 30; i++) {
      buffer.append(
          Lane.RAW, new Entry.Measured(Reading.good(PointId.of("d", "p"), i, i * 1.5)), null);
    }
    buffer.step(0);
    clock.advance(2_000_000_000L);
    buffer.step(0);
    return buffer;
  }

  @BeforeEach
  void fill() throws Exception {
    data = folder.resolve("data");
    open().close();
  }

  // Without it nobody could tell what a card still holds before it is thrown away.
  @Test
  void aSoundBufferIsInspectedAndExported() throws Exception {
    String data = folder.resolve("data").toString();
    assertEquals(Exit.OK, run("buffer", "inspect", data), said);
    assertTrue(said.contains("raw       30 records (1 to 30)"), said);
    assertEquals(Exit.OK, run("buffer", "inspect", "--json", data), said);
    assertTrue(said.contains("\"damagedFrames\":0"), said);
    Path out = folder.resolve("out.jsonl");
    assertEquals(Exit.OK, run("buffer", "export", data, "--out", out.toString()), said);
    assertEquals(30, Files.readAllLines(out).size());
    assertTrue(Files.readAllLines(out).get(29).contains("\"value\":43.5"), said);
    assertEquals(Exit.NO_DATA, run("buffer", "export", data, "--out", out.toString()));
    assertTrue(said.contains("nothing is written over"), said);
  }

  // Without it a gateway had to be stopped to be looked at.
  @Test
  void oneInUseIsInspectedBesideItsGateway() throws Exception {
    try (Buffer buffer = open()) {
      assertEquals(Exit.OK, run("buffer", "inspect", folder.resolve("data").toString()), said);
      assertTrue(said.contains("60 records"), said);
      assertFalse(buffer.epoch().isEmpty());
    }
  }

  // Without it damage would end in a stack trace, or be taken for nothing.
  @Test
  void damageIsSaidAndTheRestIsExported() throws Exception {
    Path file = folder.resolve("data/buffer.db");
    try (Buffer buffer = open()) {
      assertEquals(61, buffer.head(Lane.RAW));
    }
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = other.createStatement()) {
      statement.execute("UPDATE frame SET bytes=zeroblob(100) WHERE first_seq=31");
    }
    assertEquals(Exit.FAILED, run("buffer", "inspect", file.toString()), said);
    assertTrue(said.contains("1 do not match their checksum"), said);
    Path out = folder.resolve("out.jsonl");
    assertEquals(Exit.FAILED, run("buffer", "export", file.toString(), "--out", out.toString()));
    assertEquals(30, Files.readAllLines(out).size());

    byte[] before = Files.readAllBytes(file);
    String salvaged = folder.resolve("salvaged").toString();
    assertEquals(Exit.FAILED, run("buffer", "salvage", file.toString(), "--out", salvaged), said);
    assertTrue(said.contains("30 records were taken over"), said);
    assertTrue(said.contains("30 are missing: the gateway"), said);
    assertArrayEquals(before, Files.readAllBytes(file), "it is only read");
    assertEquals(Exit.NO_DATA, run("buffer", "salvage", file.toString(), "--out", salvaged), said);
    assertTrue(said.contains("nothing is written over"), said);
    data = folder.resolve("salvaged");
    try (Buffer buffer = open()) { // 30 more, and the loss declared
      assertEquals(91, buffer.head(Lane.RAW));
      assertEquals(60, buffer.account().of(Lane.RAW).buffered());
      assertEquals(30, buffer.account().of(Lane.RAW).lost());
      assertEquals(2, buffer.head(Lane.ALARMS));
      assertTrue(buffer.account().balances());
    }
  }

  // Without it an old card could not be put into a new gateway.
  @Test
  void aSoundBufferIsSalvagedWhole() throws Exception {
    String epoch;
    try (Buffer buffer = open()) {
      epoch = buffer.epoch();
    }
    String salvaged = folder.resolve("salvaged").toString();
    assertEquals(Exit.OK, run("buffer", "salvage", data.toString(), "--out", salvaged), said);
    data = folder.resolve("salvaged");
    try (Buffer buffer = open()) {
      assertEquals(epoch, buffer.epoch());
      assertEquals(90, buffer.account().of(Lane.RAW).buffered());
      assertEquals(0, buffer.account().of(Lane.RAW).lost());
    }
    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("buffer.db"));
        Statement statement = other.createStatement()) {
      statement.execute("PRAGMA application_id=7"); // a bit that rots in the header
    }
    assertEquals(Exit.NO_DATA, run("buffer", "inspect", data.toString()), said);
    assertTrue(said.contains("another program"), said);
    assertEquals(Exit.OK, run("buffer", "salvage", data.toString(), "--out", salvaged + "3"), said);
    assertTrue(said.contains("90 records were taken over"), said);
    Files.writeString(folder.resolve("broken"), "x".repeat(5_000));
    String broken = folder.resolve("broken").toString();
    assertEquals(Exit.NO_DATA, run("buffer", "salvage", broken, "--out", salvaged + "2"), said);
    assertTrue(said.contains("tidegate buffer export"), said);
  }

  // Without it a mistyped path would look like an empty buffer.
  @Test
  void whatIsNoBufferIsSaidSo() throws Exception {
    assertEquals(Exit.NO_DATA, run("buffer", "inspect", folder.resolve("nowhere").toString()));
    assertTrue(said.contains("there is no buffer at"), said);
    Path text = Files.writeString(folder.resolve("text"), "x".repeat(5_000));
    assertEquals(Exit.FAILED, run("buffer", "inspect", text.toString()), said);
    assertTrue(said.contains("broken"), said);
    assertEquals(Exit.USAGE, run("buffer"));
  }
}
