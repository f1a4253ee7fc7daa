package dev.tidegate.bench;

import dev.tidegate.buffer.Buffer;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.time.Clock;
import dev.tidegate.time.TimeQuality;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/**
 * Bytes written to flash for each reading, delivery and forgetting included, by the process's own
 * account ({@code /proc/self/io}, write_bytes), on the same disk in the same run:
 *
 * <ul>
 *   <li>this buffer, at 1 and at 1,000 readings a second, a commit a second, each second's readings
 *       acknowledged in the next;
 *   <li>one message of 200 bytes a transaction in a rollback journal, and its deletion in another,
 *       as a gateway does that stores messages one by one.
 * </ul>
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=FlashBench}.
 */
public final class FlashBench {
  private static final int MESSAGE_BYTES = 200;
  private static final Path OWN = Path.of("/proc/self/io");

  private FlashBench() {}

  /** Measures and prints. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]).resolve("flash-" + ProcessHandle.current().pid());
    Files.createDirectories(folder);
    buffer(folder.resolve("warm-up"), 10, 20);
    System.out.printf("%-44s %12s%n", "way", "B a reading");
    for (int round = 0; round < 3; round++) {
      System.out.printf(
          "%-44s %,12.1f%n",
          "Tidegate, 1 reading a second", buffer(folder.resolve("one-" + round), 1, 600));
      System.out.printf(
          "%-44s %,12.1f%n",
          "Tidegate, 1,000 readings a second",
          buffer(folder.resolve("thousand-" + round), 1_000, 120));
      System.out.printf(
          "%-44s %,12.1f%n",
          "one message a transaction, rollback journal",
          messages(folder.resolve("messages-" + round + ".db"), 600));
    }
  }

  private static long written() throws IOException {
    for (String line : Files.readAllLines(OWN)) {
      if (line.startsWith("write_bytes: ")) {
        return Long.parseLong(line.substring("write_bytes: ".length()).strip());
      }
    }
    throw new IOException("no write_bytes in " + OWN);
  }

  /** A clock that the benchmark moves: what is written does not depend on how fast time passes. */
  private static final class Stepped implements Clock {
    long nanos = 1_795_000_000_000_000_000L;

    @Override
    public long monotonicNanos() {
      return nanos;
    }

    @Override
    public long wallNanos() {
      return nanos;
    }

    @Override
    public TimeQuality quality() {
      return TimeQuality.SYNCHRONISED;
    }
  }

  private static double buffer(Path folder, int perSecond, int seconds) throws Exception {
    Stepped clock = new Stepped();
    Random random = new Random(1);
    long before = written();
    Buffer buffer =
        Buffer.open(
            folder,
            BufferConfig.defaults(),
            "bench",
            "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10",
            clock,
            random,
            new Counters(),
            new Faults(clock));
    for (int second = 0; second < seconds; second++) {
      for (int i = 0; i < perSecond; i++) {
        double value = Math.rint(1e3 * (20 + random.nextGaussian())) / 1e3;
        PointId point = PointId.of("pump", "p" + i % 8);
        buffer.append(
            Lane.RAW,
            new Entry.Measured(Reading.good(point, clock.nanos + i * 1_000_000L, value)),
            null);
      }
      long first = buffer.head(Lane.RAW);
      buffer.step(0);
      clock.nanos += 1_000_000_000L;
      buffer.step(0);
      buffer.settle(new Delivery.Acked(Lane.RAW, first, buffer.head(Lane.RAW) - 1));
    }
    buffer.step(0);
    clock.nanos += 1_000_000_000L;
    buffer.step(0);
    buffer.close();
    return (double) (written() - before) / ((long) perSecond * seconds);
  }

  private static double messages(Path file, int count) throws SQLException, IOException {
    long before = written();
    byte[] message = new byte[MESSAGE_BYTES];
    new Random(1).nextBytes(message);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode=DELETE");
      statement.execute("PRAGMA synchronous=FULL");
      statement.execute("CREATE TABLE message(id INTEGER PRIMARY KEY, topic TEXT, payload BLOB)");
      try (PreparedStatement insert =
              connection.prepareStatement("INSERT INTO message(topic,payload) VALUES(?,?)");
          PreparedStatement delete =
              connection.prepareStatement("DELETE FROM message WHERE id=?")) {
        for (int i = 1; i <= count; i++) {
          insert.setString(1, "plant/line/pump/flow");
          insert.setBytes(2, message);
          insert.executeUpdate();
          delete.setInt(1, i);
          delete.executeUpdate();
        }
      }
    }
    return (double) (written() - before) / count;
  }
}
