package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.buffer.store.Durability;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord.Reason;
import dev.tidegate.flow.Outbound;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Waveform;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Flipped bits, broken files, refused records. */
class DamageTest {
  @TempDir Path folder;

  private static void sql(Rig rig, String sql) throws SQLException {
    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + rig.folder.resolve("buffer.db"));
        Statement statement = other.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void overwrite(Rig rig, Outbound frame, byte[] bytes) throws SQLException {
    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + rig.folder.resolve("buffer.db"));
        PreparedStatement update =
            other.prepareStatement("UPDATE frame SET bytes=? WHERE lane=? AND first_seq=?")) {
      update.setBytes(1, bytes);
      update.setString(2, frame.lane().word());
      update.setLong(3, frame.firstSequence());
      update.executeUpdate();
    }
  }

  // Without it bit rot would be delivered as data, or stop the lane behind it.
  @Test
  void aDamagedFrameIsSetAsideDeclaredAndTheRestFlowsOn() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      for (int i = 0; i < 3; i++) {
        rig.readings(10);
        rig.commit();
      }
      Outbound middle = rig.frames(Lane.RAW).get(1);
      byte[] flipped = middle.frame().clone();
      flipped[40] ^= 4;
      overwrite(rig, middle, flipped);
      assertEquals(2, rig.frames(Lane.RAW).size());
      assertEquals(2, rig.frames(Lane.RAW).size(), "found twice, counted once");
      rig.commit();
      assertEquals(2, rig.frames(Lane.RAW).size());
      Account.Line raw = rig.buffer().account().of(Lane.RAW);
      assertEquals(10, raw.lost());
      assertEquals(20, raw.buffered());
      assertTrue(rig.buffer().account().balances());
      assertEquals(1, rig.losses().size());
      assertEquals(11, rig.losses().getFirst().firstSequence());
      assertEquals(Reason.DAMAGED, rig.losses().getFirst().reason());
      assertEquals(1, rig.counters.value("buffer.frames-quarantined"));
      assertTrue(rig.hasFault("damaged-raw"));
    }
  }

  // Without it some bit of a stored frame could rot unseen.
  @Test
  void everyFlippedBitOfAStoredFrameIsFoundWhenItIsRead() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      rig.readings(3);
      rig.commit();
      Outbound frame = rig.frames(Lane.RAW).getFirst();
      Path file = rig.folder.resolve("buffer.db");
      try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement plain = other.createStatement();
          PreparedStatement update = other.prepareStatement("UPDATE frame SET bytes=?")) {
        plain.execute("PRAGMA synchronous=OFF");
        byte[] bytes = frame.frame().clone();
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
          bytes[bit / 8] ^= (byte) (1 << bit % 8);
          update.setBytes(1, bytes);
          update.executeUpdate();
          assertEquals(List.of(), rig.frames(Lane.RAW), "bit " + bit);
          bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
        update.setBytes(1, bytes);
        update.executeUpdate();
      }
      assertEquals(1, rig.frames(Lane.RAW).size());
      rig.commit();
      assertEquals(0, rig.buffer().account().of(Lane.RAW).lost(), "sound again, so it stays");
    }
  }

  // Without it a row that lies about its frame would be trusted.
  @ParameterizedTest
  @ValueSource(strings = {"first_seq=first_seq+1", "lane='events'", "last_seq=last_seq-1"})
  void aFrameInTheWrongPlaceIsNotGivenOut(String change) throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      rig.readings(10);
      rig.commit();
      sql(rig, "UPDATE frame SET " + change);
      assertEquals(List.of(), rig.frames(Lane.RAW));
      assertEquals(List.of(), rig.frames(Lane.EVENTS));
    }
  }

  // Without it records that the far side will never take would block the lane for ever.
  @Test
  void aRefusedFrameGoesToQuarantineAndIsDeclared() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      rig.readings(10);
      rig.append(Lane.ALARMS, rig.event("poison"));
      rig.commit();
      rig.reject(Lane.RAW, 1, 10);
      rig.commit();
      assertEquals(List.of(), rig.frames(Lane.RAW));
      assertEquals(10, rig.buffer().account().of(Lane.RAW).lost());
      assertEquals(Reason.REJECTED, rig.losses().getFirst().reason());
      assertTrue(rig.hasFault("rejected-raw"));

      // The far side refuses the declaration as well: that must end, not go round for ever.
      for (int i = 0; i < 10; i++) {
        rig.reject(Lane.ALARMS, 1, rig.buffer().head(Lane.ALARMS) - 1);
        rig.commit();
      }
      assertEquals(List.of(), rig.entries(Lane.ALARMS));
      assertTrue(rig.buffer().head(Lane.ALARMS) < 6);
      assertTrue(rig.buffer().account().balances());
      assertEquals(0, rig.buffer().account().of(Lane.ALARMS).delivered());
    }
  }

  // Without it the quarantine would fill the card.
  @Test
  void theQuarantineIsBounded() throws Exception {
    int kept = 256; // docs/spec/buffer.md, "quarantine"
    try (Rig rig = Rig.in(folder)) {
      rig.options = new Options(Durability.OFF, 0);
      rig.open();
      for (int i = 0; i < kept + 10; i++) {
        rig.readings(1);
        rig.commit();
        rig.reject(Lane.RAW, i + 1, i + 1);
      }
      rig.commit();
      try (Connection other =
              DriverManager.getConnection("jdbc:sqlite:" + rig.folder.resolve("buffer.db"));
          Statement statement = other.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT count(*), min(first_seq) FROM quarantine")) {
        assertEquals(kept, row.getInt(1));
        assertEquals(11, row.getInt(2));
      }
    }
  }

  // Without it refused waveforms would take a quarter of a gigabyte.
  @Test
  void theQuarantineIsBoundedInBytesAsWell() throws Exception {
    long mostBytes = 8 << 20; // docs/spec/buffer.md, "quarantine"
    double[] values = new Random(1).doubles(65_536).toArray();
    try (Rig rig = Rig.in(folder)) {
      rig.options = new Options(Durability.OFF, 0);
      rig.open();
      for (int i = 0; i < 20; i++) {
        rig.append(
            Lane.RAW,
            new Entry.Measured(
                new Waveform(PointId.of("pump", "vib"), 0, 1, values, Quality.GOOD)));
        rig.commit();
        rig.reject(Lane.RAW, i + 1, i + 1);
      }
      rig.commit();
      try (Connection other =
              DriverManager.getConnection("jdbc:sqlite:" + rig.folder.resolve("buffer.db"));
          Statement statement = other.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT sum(length(bytes)), max(first_seq) FROM quarantine")) {
        long keptBytes = row.getLong(1);
        assertTrue(keptBytes <= mostBytes && keptBytes > mostBytes * 9 / 10, keptBytes + " bytes");
        assertEquals(20, row.getInt(2), "the newest stays");
      }
      assertEquals(20, rig.buffer().account().of(Lane.RAW).lost());
    }
  }

  // Without it a power cut between two renames would leave an old file that looks sound.
  @ParameterizedTest
  @ValueSource(strings = {"nothing moved", "log moved", "both moved"})
  void settingAsideIsFinishedAfterAPowerCut(String how) throws Exception {
    Rig rig = Rig.in(folder).open();
    rig.readings(3);
    rig.commit();
    rig.close();
    Path file = rig.folder.resolve("buffer.db");
    Files.writeString(rig.folder.resolve("buffer.db.suspect"), "");
    Path log = rig.folder.resolve("buffer.db-wal");
    Path asideLog = rig.folder.resolve("buffer.db.damaged-1-wal");
    Files.writeString(how.equals("nothing moved") ? log : asideLog, "log");
    if (how.equals("both moved")) {
      Files.move(file, rig.folder.resolve("buffer.db.damaged-1"));
    }
    rig.open();
    assertEquals(4, rig.buffer().head(Lane.RAW));
    assertTrue(Files.exists(rig.folder.resolve("buffer.db.damaged-1")));
    assertEquals("log", Files.readString(asideLog));
    assertFalse(Files.exists(rig.folder.resolve("buffer.db.suspect")));
    rig.reopen();
    assertFalse(Files.exists(rig.folder.resolve("buffer.db.damaged-2")));
    rig.close();
  }

  // Without it one broken sector would keep the gateway from starting.
  @ParameterizedTest
  @ValueSource(strings = {"no database", "broken tree", "cut short", "wrong epoch", "wrong lane"})
  void aDamagedFileIsSetAsideAndANewOneStarted(String how) throws Exception {
    Rig rig = Rig.in(folder).open();
    String epoch = rig.buffer().epoch();
    for (int i = 0; i < 40; i++) {
      rig.readings(300);
      rig.commit();
    }
    rig.close();
    Path file = rig.folder.resolve("buffer.db");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      switch (how) {
        case "no database" -> channel.write(ByteBuffer.wrap(new byte[64]), 0);
        case "broken tree" ->
            channel.write(ByteBuffer.wrap(new byte[(int) channel.size() - 4096]), 4096);
        case "cut short" -> channel.truncate(3 * 4096);
        case "wrong epoch" -> sql(rig, "UPDATE meta SET value='x'");
        default -> sql(rig, "UPDATE lane SET name='oops' WHERE name='raw'");
      }
    }
    long damagedBytes = Files.size(file);
    rig.open();
    assertNotEquals(epoch, rig.buffer().epoch());
    assertEquals(1, rig.buffer().head(Lane.RAW));
    assertTrue(rig.hasFault("database-damaged"));
    assertEquals(damagedBytes, Files.size(rig.folder.resolve("buffer.db.damaged-1")));
    rig.readings(3);
    rig.commit();
    List<Entry> entries = rig.entries(Lane.RAW);
    assertEquals(3, entries.size());
    rig.close();
    Files.write(file, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17});
    rig.open();
    assertTrue(Files.exists(rig.folder.resolve("buffer.db.damaged-2")));
    rig.close();
  }

  // Without it the gateway would wait for somebody to restart it, and send nothing of that lane.
  @ParameterizedTest
  @ValueSource(strings = {"when it reads", "when it writes"})
  void aFileThatBreaksInUseEndsTheBufferAndTheNextOneGoesOn(String how) throws Exception {
    Rig rig = Rig.in(folder).open();
    for (int i = 0; i < 40; i++) {
      rig.readings(300);
      rig.commit();
    }
    rig.reopen(); // the log is empty, and no page in memory
    Path file = rig.folder.resolve("buffer.db");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[8 * 4096]), channel.size() / 8192 * 4096);
      if (how.equals("when it writes")) {
        channel.write(ByteBuffer.wrap(new byte[(int) channel.size() - 4096]), 4096);
      }
    }
    if (how.equals("when it reads")) {
      rig.frames(Lane.RAW);
      assertThrows(DamagedException.class, () -> rig.buffer().step(0));
    } else {
      sql(rig, "PRAGMA wal_checkpoint"); // another connection, so that nothing cached is trusted
      rig.readings(300);
      assertThrows(DamagedException.class, rig::commit);
    }
    rig.reopen();
    assertTrue(rig.hasFault("database-damaged"), rig.faults.open().toString());
    assertTrue(Files.exists(rig.folder.resolve("buffer.db.damaged-1")));
    rig.readings(3);
    rig.commit();
    assertFalse(rig.entries(Lane.RAW).isEmpty());
    assertTrue(rig.buffer().account().balances());
    rig.close();
  }

  // Without it a file that broke under way would be opened again and again.
  @Test
  void aFileFoundDamagedInUseIsSetAsideAtTheNextStart() throws Exception {
    Rig rig = Rig.in(folder).open();
    rig.readings(3);
    rig.commit();
    rig.close();
    Files.writeString(rig.folder.resolve("buffer.db.suspect"), "");
    rig.open();
    assertTrue(rig.hasFault("database-damaged"));
    assertEquals(4, rig.buffer().head(Lane.RAW));
    rig.reopen();
    assertFalse(Files.exists(rig.folder.resolve("buffer.db.damaged-2")));
    rig.close();
  }

  // Without it a later version's file would be taken apart by an older gateway.
  @Test
  void aLaterFormatIsRefusedWithTheNextStep() throws Exception {
    Rig rig = Rig.in(folder).open();
    rig.close();
    sql(rig, "PRAGMA user_version=4");
    BufferException refused = assertThrows(BufferException.class, rig::open);
    assertTrue(String.valueOf(refused.getMessage()).contains("run the version that wrote it"));
    sql(rig, "PRAGMA user_version=3");
    rig.open().close();
  }

  // Without it another program's database would be taken for ours, or set aside as damaged.
  @ParameterizedTest
  @ValueSource(strings = {"PRAGMA application_id=7", "PRAGMA application_id=0"})
  void aDatabaseOfAnotherProgramIsRefusedWithTheNextStep(String change) throws Exception {
    Rig rig = Rig.in(folder).open();
    rig.close();
    sql(rig, change);
    BufferException refused = assertThrows(BufferException.class, rig::open);
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(rig.folder.resolve("buffer.db").toString()), message);
    assertTrue(message.contains("another program") && message.contains("move it away"), message);
    sql(rig, "PRAGMA application_id=" + 0x54474246);
    rig.open().close();
  }

  // Without it an account that lost its balance would look sound again after the next commit.
  @Test
  void figuresThatDoNotMatchTheirSumBeginANewEpoch() throws Exception {
    Rig rig = Rig.in(folder).open();
    String epoch = rig.buffer().epoch();
    rig.readings(3);
    rig.commit();
    rig.close();
    sql(rig, "UPDATE lane SET delivered=1 WHERE name='raw'");
    rig.open();
    assertTrue(rig.hasFault("database-damaged"));
    assertNotEquals(epoch, rig.buffer().epoch());
    assertTrue(Files.exists(rig.folder.resolve("buffer.db.damaged-1")));
    rig.close();
  }

  // Without it a broken page would cost the operator everything on the card.
  @Test
  void whatIsSoundIsTakenOverAndWhatIsMissingIsDeclared() throws Exception {
    Rig rig = Rig.in(folder).open();
    String epoch = rig.buffer().epoch();
    for (int i = 0; i < 10; i++) {
      rig.readings(5);
      rig.append(Lane.EVENTS, rig.event("e" + i));
      rig.commit();
    }
    rig.ack(Lane.RAW, 1, 10);
    rig.commit();
    List<Entry> before = rig.entries(Lane.RAW);
    rig.close();
    sql(rig, "UPDATE frame SET last_ns=last_ns+1 WHERE lane='raw' AND first_seq=21"); // row alone
    sql(rig, "DELETE FROM frame WHERE lane='raw' AND first_seq=31");
    sql(rig, "UPDATE frame SET bytes=zeroblob(100) WHERE lane='events' AND first_seq=4");
    rig.open();
    rig.commit();
    assertTrue(rig.hasFault("database-damaged"), rig.faults.open().toString());
    assertEquals(epoch, rig.buffer().epoch());
    assertEquals(51, rig.buffer().head(Lane.RAW));
    List<Entry> left = new ArrayList<>(before.subList(0, 20));
    left.addAll(before.subList(25, 40));
    assertEquals(left, rig.entries(Lane.RAW));
    assertEquals(9, rig.entries(Lane.EVENTS).size());
    List<String> declared =
        rig.losses().stream()
            .map(l -> l.lane() + " " + l.firstSequence() + "-" + l.lastSequence() + l.reason())
            .toList();
    assertEquals(List.of("EVENTS 4-4DAMAGED", "RAW 31-35DAMAGED"), declared);
    assertEquals(
        new Account.Line(50, 10, 35, 5, rig.buffer().account().of(Lane.RAW).bufferedBytes()),
        rig.buffer().account().of(Lane.RAW));
    rig.reopen();
    assertEquals(35, rig.entries(Lane.RAW).size());
    assertFalse(Files.exists(rig.folder.resolve("buffer.db.damaged-2")));
    rig.close();
  }
}
