package dev.tidegate.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.tidegate.buffer.Buffer;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.time.Clock;
import dev.tidegate.time.TimeQuality;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a reading costs between the pipeline and the flash: in bytes written, in CPU time, in the
 * size of its frame; beside it one row per reading through the same SQLite driver.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=BufferBench}.
 *
 * <p>The plant: 1,000 readings a second of 50 points, values with two decimals, a commit every
 * second. Each second's frame is acknowledged two seconds later, and so deleted. Time is simulated;
 * the commits are real, with synchronous FULL. Rounds of both sides alternate; the median is
 * printed. Bytes written are the kernel's count for this process (write_bytes in /proc/self/io),
 * CPU time is the process's.
 */
public final class BufferBench {
  private static final int POINTS = 50;
  private static final int PER_SECOND = 1_000;
  private static final int SECONDS = 300;
  private static final int ROUNDS = 3;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final String BOOT = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";
  private static final PrintStream OUT = System.out;

  private final Path folder;
  private final Random random = new Random(42);
  private final SteppedClock clock = new SteppedClock();
  private final List<PointId> points =
      IntStream.range(0, POINTS).mapToObj(i -> PointId.of("plant", "p" + i)).toList();

  private BufferBench(Path folder) {
    this.folder = folder;
  }

  /** A clock that only this bench moves. */
  private static final class SteppedClock implements Clock {
    private long nanos = 1_795_000_000_000_000_000L;

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

  /** What one round cost per reading. */
  private record Cost(double writtenBytes, double cpuMicros, double frameBytes) {}

  /** Argument: the folder in which to write, on the kind of disk that matters. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args.length > 0 ? args[0] : "target/buffer-bench");
    new BufferBench(folder).run();
  }

  private void run() throws Exception {
    encode();
    List<Cost> frames = new ArrayList<>();
    List<Cost> rows = new ArrayList<>();
    List<Double> speeds = new ArrayList<>();
    for (int round = 0; round <= ROUNDS; round++) {
      Cost frame = paced();
      Cost row = rows();
      double speed = fullSpeed();
      // The first round warms the machine up.
      if (round > 0) {
        frames.add(frame);
        rows.add(row);
        speeds.add(speed);
      }
    }
    OUT.printf("per reading, %d/s, commit every second, deleted once acknowledged:%n", PER_SECOND);
    print("  buffer", frames);
    print("  rows  ", rows);
    OUT.printf("frame size: %.2f bytes per reading%n", frames.getFirst().frameBytes);
    OUT.printf("appended as fast as the buffer takes them: %,.0f readings/s%n", median(speeds));
  }

  private static void print(String who, List<Cost> costs) {
    OUT.printf(
        "%s %6.1f bytes written, %6.3f us CPU%n",
        who,
        median(costs.stream().map(Cost::writtenBytes).toList()),
        median(costs.stream().map(Cost::cpuMicros).toList()));
  }

  /** The codec alone, without a disk. */
  private void encode() {
    FrameCodec codec = new FrameCodec("gw-1", "00112233445566778899aabbccddeeff", BOOT);
    FrameCodec.Stamp stamp = new FrameCodec.Stamp(0, TimeQuality.SYNCHRONISED);
    List<Entry> entries = second();
    List<Double> nanos = new ArrayList<>();
    for (int round = 0; round < 3 * ROUNDS; round++) {
      long before = cpuNanos();
      for (int i = 0; i < 500; i++) {
        codec.encode(Lane.RAW, 1, stamp, entries, 0);
      }
      nanos.add((cpuNanos() - before) / (500.0 * entries.size()));
    }
    OUT.printf("encode: %.0f ns CPU per reading%n", median(nanos));
  }

  private List<Entry> second() {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < PER_SECOND; i++) {
      long hundredths = 2_000 + (i % POINTS) * 100L + random.nextInt(20);
      long atNanos = clock.nanos + i / POINTS * (SECOND_NANOS * POINTS / PER_SECOND);
      entries.add(
          new Entry.Measured(Reading.good(points.get(i % POINTS), atNanos, hundredths / 100.0)));
    }
    return entries;
  }

  private Buffer open(Path path) throws Exception {
    return Buffer.open(
        path,
        BufferConfig.defaults(),
        "gw-1",
        BOOT,
        clock,
        new Random(1),
        new Counters(),
        new Faults(clock));
  }

  private Cost paced() throws Exception {
    Path path = fresh("paced");
    double frameBytes = 0;
    long bytes;
    long cpu;
    try (Buffer buffer = open(path)) {
      long[] lastOf = new long[SECONDS];
      bytes = writtenBytes();
      cpu = cpuNanos();
      for (int s = 0; s < SECONDS; s++) {
        for (Entry entry : second()) {
          buffer.append(Lane.RAW, entry, null);
        }
        if (s >= 2) {
          long from = s == 2 ? 1 : lastOf[s - 3] + 1;
          for (Outbound frame : buffer.read(Lane.RAW, from, lastOf[s - 2] + 1, 1 << 20)) {
            frameBytes += frame.frame().length;
            buffer.settle(
                new Delivery.Acked(Lane.RAW, frame.firstSequence(), frame.lastSequence()));
          }
        }
        buffer.step(0);
        clock.nanos += SECOND_NANOS;
        buffer.step(0);
        lastOf[s] = buffer.head(Lane.RAW) - 1;
      }
      Account.Line raw = buffer.account().of(Lane.RAW);
      if (raw.delivered() != (SECONDS - 2L) * PER_SECOND || !raw.balances()) {
        throw new IllegalStateException("not what was measured: " + raw);
      }
    }
    return cost(bytes, cpu, frameBytes / ((SECONDS - 2.0) * PER_SECOND));
  }

  /** One row per reading, one transaction per second, deleted two seconds later; WAL and FULL. */
  private Cost rows() throws Exception {
    Path path = fresh("rows");
    Files.createDirectories(path);
    long bytes = writtenBytes();
    long cpu = cpuNanos();
    try (Connection db =
            DriverManager.getConnection(
                "jdbc:sqlite:" + path.resolve("rows.db") + "?jdbc.get_generated_keys=false");
        Statement plain = db.createStatement()) {
      plain.execute("PRAGMA journal_mode=WAL");
      plain.execute("PRAGMA synchronous=FULL");
      plain.execute("CREATE TABLE r(id INTEGER PRIMARY KEY, point TEXT, at INTEGER, value REAL)");
      try (PreparedStatement insert = db.prepareStatement("INSERT INTO r VALUES(?,?,?,?)");
          PreparedStatement delete = db.prepareStatement("DELETE FROM r WHERE id<?")) {
        for (int s = 0; s < SECONDS; s++) {
          plain.execute("BEGIN IMMEDIATE");
          insert(insert, s * (long) PER_SECOND);
          delete.setLong(1, (s - 1L) * PER_SECOND);
          delete.executeUpdate();
          plain.execute("COMMIT");
          clock.nanos += SECOND_NANOS;
        }
      }
    }
    return cost(bytes, cpu, 0);
  }

  private void insert(PreparedStatement insert, long firstId) throws SQLException {
    long id = firstId;
    for (Entry entry : second()) {
      Reading reading = (Reading) ((Entry.Measured) entry).sample();
      insert.setLong(1, id++);
      insert.setString(2, reading.point().name());
      insert.setLong(3, reading.sourceNanos());
      insert.setDouble(4, reading.value().asDouble());
      insert.executeUpdate();
    }
  }

  /** Readings per second of real time, when nothing else slows the pipeline down. */
  private double fullSpeed() throws Exception {
    Path path = fresh("full");
    List<Entry> entries = second();
    int total = 1_000_000;
    try (Buffer buffer = open(path)) {
      SystemClock watch = new SystemClock();
      long before = watch.monotonicNanos();
      for (int i = 0; i < total; i++) {
        buffer.append(Lane.RAW, entries.get(i % entries.size()), null);
        if (i % 4_096 == 4_095) {
          buffer.step(0);
        }
      }
      clock.nanos += SECOND_NANOS;
      buffer.step(0);
      buffer.step(0);
      return total * 1e9 / (watch.monotonicNanos() - before);
    }
  }

  private static Cost cost(long bytes, long cpu, double frameBytes) throws IOException {
    double readings = (double) SECONDS * PER_SECOND;
    return new Cost(
        (writtenBytes() - bytes) / readings, (cpuNanos() - cpu) / 1e3 / readings, frameBytes);
  }

  private Path fresh(String name) throws IOException {
    Path path = folder.resolve(name);
    if (Files.exists(path)) {
      try (Stream<Path> files = Files.walk(path)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return path;
  }

  private static long writtenBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
      if (line.startsWith("write_bytes: ")) {
        return Long.parseLong(line.substring("write_bytes: ".length()));
      }
    }
    throw new IOException("the kernel does not count bytes written (/proc/self/io)");
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
