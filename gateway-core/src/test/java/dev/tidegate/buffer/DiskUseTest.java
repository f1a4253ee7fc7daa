package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.buffer.store.Durability;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.BufferConfig.Send;
import dev.tidegate.config.BufferConfig.WhenFull;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the folder takes on the disk, the write-ahead log included, after every commit. */
class DiskUseTest {
  private static final long QUOTA = 24 << 20;

  @TempDir Path folder;
  private final Random random = new Random(7);

  // Without it quotas that fill the card to its last page would break the gateway that set them.
  @ParameterizedTest
  @CsvSource({"DROP_OLDEST,200", "DROP_OLDEST,700", "DROP_OLDEST,6000", "THIN,700", "REFUSE,700"})
  void theFileAndItsLogStayWithinTheQuotasAnd5Percent(WhenFull whenFull, int perCommit)
      throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.config = config(whenFull);
      rig.options = new Options(Durability.OFF, 0); // what is written is the same, only sooner back
      rig.open();
      long most = 0;
      Account.Line raw = rig.buffer().account().of(Lane.RAW);
      while (raw.lost() == 0 || raw.lost() < raw.accepted() / 4) {
        for (int i = 0; i < perCommit; i++) {
          rig.append(Lane.RAW, noise(rig));
        }
        long head = rig.buffer().head(Lane.RAW);
        rig.commit();
        rig.buffer().read(Lane.RAW, head, Long.MAX_VALUE, 1); // seen: frames stay small
        most = Math.max(most, diskBytes(rig));
        raw = rig.buffer().account().of(Lane.RAW);
      }
      System.out.printf(
          "%s, %d a commit: at most %.1f %% of the quota, %d bytes held at the end%n",
          whenFull, perCommit, 100.0 * most / QUOTA, raw.bufferedBytes());
      assertTrue(most <= QUOTA + QUOTA / 20, most + " bytes");
      assertTrue(rig.buffer().account().balances());
    }
  }

  // Without it the test above would pass for a buffer that uses nothing of what it was given.
  @Test
  void mostOfTheQuotaHoldsRecords() throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.config = config(WhenFull.DROP_OLDEST);
      rig.options = new Options(Durability.OFF, 0);
      rig.open();
      while (rig.buffer().account().of(Lane.RAW).lost() == 0) {
        for (int i = 0; i < 6_000; i++) {
          rig.append(Lane.RAW, noise(rig));
        }
        rig.commit();
      }
      long held = rig.buffer().account().of(Lane.RAW).bufferedBytes();
      assertTrue(held > QUOTA * 75 / 100, held + " bytes");
    }
  }

  /** Nearly everything for the raw lane. */
  private static BufferConfig config(WhenFull whenFull) {
    long small = 1 << 20;
    LaneQuota other = new LaneQuota(small, PointConfig.NEVER);
    return new BufferConfig(
        Rig.SECOND,
        other,
        other,
        other,
        new LaneQuota(QUOTA - 3 * small, PointConfig.NEVER, whenFull, Send.ALWAYS));
  }

  private Entry noise(Rig rig) {
    return new Entry.Measured(
        Reading.good(
            PointId.of("pump", "p" + random.nextInt(3)),
            rig.clock.monotonicNanos() + random.nextInt(1_000_000),
            random.nextDouble()));
  }

  private static long diskBytes(Rig rig) throws IOException {
    try (Stream<Path> files = Files.list(rig.folder)) {
      return files.filter(f -> !f.toString().endsWith("-shm")).mapToLong(DiskUseTest::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }
}
