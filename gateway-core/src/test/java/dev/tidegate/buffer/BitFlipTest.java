package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.buffer.store.Durability;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Single bits flipped over the database and its log, while the gateway is off: each one that
 * changes something is found before it is sent. All of them: {@code -Dtidegate.flips=10000}.
 */
class BitFlipTest {
  private static final int FLIPS = Integer.getInteger("tidegate.flips", 1_000);

  @TempDir Path folder;

  /** What the sound buffer held: every record by its number, and the books. */
  private final Map<Lane, NavigableMap<Long, Entry>> records = new EnumMap<>(Lane.class);

  private Account account = Account.empty();
  private String epoch = "";
  private final Map<String, Integer> outcomes = new TreeMap<>();

  /** A buffer as a killed process leaves it: the file, and a log that is not copied into it yet. */
  private Path killed() throws Exception {
    Rig rig = rig(folder.resolve("sound"));
    rig.open();
    for (int i = 0; i < 60; i++) {
      rig.readings(40);
      rig.append(Lane.EVENTS, rig.event("event " + i));
      rig.commit();
      if (i == 30) {
        rig.ack(Lane.RAW, 1, 400);
        rig.reopen(); // what came before lies in the file, what comes now in the log
      }
    }
    rig.append(Lane.ALARMS, rig.event("alarm"));
    rig.commit();
    rig.ack(Lane.RAW, 401, 600);
    rig.commit();
    Path killed = folder.resolve("killed");
    copy(rig.folder, killed);
    account = rig.buffer().account();
    epoch = rig.buffer().epoch();
    for (Lane lane : Lane.values()) {
      records.put(lane, byNumber(rig, lane));
    }
    rig.close();
    return killed;
  }

  private static Rig rig(Path parent) {
    Rig rig = Rig.in(parent);
    rig.config = Rig.quota(16 << 20, PointConfig.NEVER);
    rig.options = new Options(Durability.OFF, 0); // what is read is the same
    return rig;
  }

  private static NavigableMap<Long, Entry> byNumber(Rig rig, Lane lane) throws Exception {
    NavigableMap<Long, Entry> found = new TreeMap<>();
    for (Outbound frame : rig.frames(lane)) {
      long number = frame.firstSequence();
      for (Entry entry : FrameCodec.decode(frame.frame()).entries()) {
        found.put(number++, entry);
      }
    }
    return found;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        if (!file.toString().endsWith("-shm")) {
          Files.copy(file, to.resolve(file.getFileName()));
        }
      }
    }
  }

  private static void clear(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  // Without it a card that loses bits would send what was never measured, or forget in silence.
  @Test
  void everyFlippedBitThatChangesSomethingIsFoundBeforeItIsSent() throws Exception {
    Path killed = killed();
    Random random = new Random(20261127);
    for (int flip = 0; flip < FLIPS; flip++) {
      Path parent = folder.resolve("flipped");
      Path buffer = parent.resolve("buffer");
      clear(parent);
      copy(killed, buffer);
      String name = random.nextBoolean() ? "buffer.db" : "buffer.db-wal";
      byte[] bytes = Files.readAllBytes(buffer.resolve(name));
      int bit = random.nextInt(8 * bytes.length);
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(buffer.resolve(name), bytes);
      Rig rig = rig(parent);
      try {
        outcomes.merge(judge(rig), 1, Integer::sum);
      } catch (AssertionError | Exception e) {
        throw new AssertionError("flip " + flip + ", bit " + bit + " of " + name, e);
      }
    }
    System.out.println(FLIPS + " flips: " + outcomes);
    assertTrue(outcomes.getOrDefault("found", 0) > FLIPS / 10, outcomes.toString());
    assertTrue(outcomes.getOrDefault("no change", 0) > 0, outcomes.toString());
  }

  /** Opens the buffer and lets all of it out; what is not as it was must have been reported. */
  private String judge(Rig rig) throws Exception {
    try {
      rig.open();
    } catch (BufferException refused) {
      return "refused";
    }
    Map<Lane, NavigableMap<Long, Entry>> sent = new EnumMap<>(Lane.class);
    for (Lane lane : Lane.values()) {
      sent.put(lane, byNumber(rig, lane)); // what is damaged is noted, and declared by the commit
    }
    rig.append(Lane.EVENTS, rig.event("goes on"));
    rig.commit();
    boolean isFound = !rig.faults.open().isEmpty();
    boolean isSameEpoch = epoch.equals(rig.buffer().epoch());
    long declared = 0;
    if (isSameEpoch) {
      for (LossRecord loss : rig.losses()) {
        declared += loss.lane() == Lane.RAW || loss.lane() == Lane.EVENTS ? loss.count() : 0;
      }
    }
    long missing = 0;
    for (Lane lane : Lane.values()) {
      NavigableMap<Long, Entry> was = records.getOrDefault(lane, new TreeMap<>());
      for (Map.Entry<Long, Entry> each : sent.getOrDefault(lane, new TreeMap<>()).entrySet()) {
        if (isSameEpoch && was.containsKey(each.getKey())) {
          assertEquals(was.get(each.getKey()), each.getValue(), "a record that was never measured");
        }
      }
      for (Long number : was.keySet()) {
        missing += isSameEpoch && sent.getOrDefault(lane, was).containsKey(number) ? 0 : 1;
      }
    }
    boolean isComplete = isSameEpoch && missing == 0 && account.of(Lane.RAW).equals(rawLine(rig));
    assertTrue(isComplete || isFound, missing + " records are missing, and nothing says so");
    if (isSameEpoch && missing > 0) {
      assertTrue(declared > 0, missing + " records are missing, and no loss is declared");
    }
    assertTrue(rig.buffer().account().balances());
    rig.close();
    return isFound ? "found" : "no change";
  }

  private static Account.Line rawLine(Rig rig) {
    return rig.buffer().account().of(Lane.RAW);
  }

  // Without it nobody would know that flips do change what SQLite says, without a word of it.
  @Test
  void controlSqliteAloneDoesNotNotice() throws Exception {
    Path killed = killed();
    Random random = new Random(7);
    copy(killed, folder.resolve("unflipped"));
    List<String> before = dump(folder.resolve("unflipped"));
    int silent = 0;
    for (int flip = 0; flip < 100; flip++) {
      Path flipped = folder.resolve("control");
      clear(flipped);
      copy(killed, flipped);
      String name = random.nextBoolean() ? "buffer.db" : "buffer.db-wal";
      byte[] bytes = Files.readAllBytes(flipped.resolve(name));
      int bit = random.nextInt(8 * bytes.length);
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(flipped.resolve(name), bytes);
      List<String> after = dump(flipped);
      silent += after.isEmpty() || after.equals(before) ? 0 : 1;
    }
    System.out.println("control: " + silent + " of 100 flips change what SQLite calls sound");
    assertTrue(silent > 20, silent + " silent changes");
  }

  /** Every value, where SQLite says that the file is sound; otherwise nothing. */
  private static List<String> dump(Path folder) {
    List<String> values = new ArrayList<>();
    try (Connection file =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("buffer.db"));
        Statement statement = file.createStatement()) {
      try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
        if (!check.getString(1).equals("ok")) {
          return List.of();
        }
      }
      for (String table : List.of("meta", "lane", "frame")) {
        try (ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
          while (row.next()) {
            StringBuilder text = new StringBuilder(table);
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
              Object value = row.getObject(i);
              text.append(' ')
                  .append(value instanceof byte[] b ? java.util.Arrays.hashCode(b) : value);
            }
            values.add(text.toString());
          }
        }
      }
      return values;
    } catch (SQLException e) {
      return List.of();
    }
  }
}
