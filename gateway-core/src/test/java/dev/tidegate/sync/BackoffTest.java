package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.sync.binding.Slot;
import dev.tidegate.sync.link.ReasonCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a gateway waits before it connects again, alone and as one of a fleet. */
final class BackoffTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int FLEET = 1_000;
  private static final int LAST = 600;

  /** Draws the most that it may: pauses are their ceilings. */
  static final RandomGenerator MOST = new Always(true);

  /** Draws the least. */
  private static final RandomGenerator LEAST = new Always(false);

  private record Always(boolean most) implements RandomGenerator {
    @Override
    public long nextLong() {
      return 0;
    }

    @Override
    public long nextLong(long bound) {
      return most ? bound - 1 : 0;
    }
  }

  private static Backoff seconds(long min, long max, long spread, RandomGenerator random) {
    return new Backoff(min * SECOND, max * SECOND, "g1", spread * SECOND, random);
  }

  private static List<Long> pauses(Backoff backoff, int count) {
    return IntStream.range(0, count).mapToObj(i -> backoff.nextNanos() / SECOND).toList();
  }

  /** Without it, a gateway would hammer a server that is gone, or wait without end. */
  @Test
  void ceilingsDoubleUpToTheMostAndTheLeastIsNothing() {
    assertEquals(List.of(1L, 2L, 4L, 8L, 10L, 10L), pauses(seconds(1, 10, 0, MOST), 6));
    assertEquals(1, seconds(1, 10, 0, LEAST).nextNanos(), "full jitter");
  }

  /** Without it, a fleet that finds no server would try within a second, all of it. */
  @Test
  void afterAFailureTheCeilingIsTheSpreadAtLeast() {
    assertEquals(List.of(30L, 60L, 120L, 240L, 300L), pauses(seconds(1, 300, 30, MOST), 5));
    assertEquals(List.of(30L, 30L, 30L), pauses(seconds(1, 10, 30, MOST), 3));
    assertEquals(1, seconds(1, 300, 30, LEAST).nextNanos(), "full jitter, and no slot before it");
  }

  /** Without it, a fleet would come back at one moment, or each time in another order. */
  @Test
  void afterALossComesTheSlotAndOnlyThen() {
    long slot = Slot.nanos("g1", 30 * SECOND);
    Backoff backoff = seconds(1, 300, 30, MOST);
    backoff.held();
    assertEquals(slot + SECOND, backoff.nextNanos());
    assertEquals(60 * SECOND, backoff.nextNanos(), "the slot was the first of the row");
    backoff.held();
    assertEquals(slot + SECOND, backoff.nextNanos(), "the same slot, and the row anew");
    Backoff least = seconds(1, 300, 30, LEAST);
    least.held();
    assertEquals(slot + 1, least.nextNanos());
  }

  /** Without it, a server that says that it has too much to do would be asked again at once. */
  @Test
  void aBusyServerIsLeftAloneForAQuarterOfTheMost() {
    Backoff backoff = seconds(1, 300, 5, MOST);
    backoff.busy();
    assertEquals(List.of(75L, 150L, 300L), pauses(backoff, 3));
    backoff.busy();
    assertEquals(300, backoff.nextNanos() / SECOND, "never for less than without it");
    backoff.held();
    backoff.busy();
    assertEquals(Slot.nanos("g1", 5 * SECOND) + 75 * SECOND, backoff.nextNanos());
  }

  /** Without it, a hint would pass for any other refusal, or any other refusal for a hint. */
  @Test
  void whatSaysThatAServerIsBusyIsTold() {
    List<Integer> busy = new ArrayList<>();
    for (int code = 0; code < 256; code++) {
      if (ReasonCode.isBusy("the server disconnected: " + ReasonCode.name(code) + ", sorry")) {
        busy.add(code);
      }
    }
    assertEquals(List.of(0x88, 0x89, 0x96, 0x97, 0x9F), busy);
    assertFalse(ReasonCode.isBusy("ConnectException: Connection refused"));
  }

  /** Without it, slots might be those of few, or change from start to start. */
  @ParameterizedTest
  @ValueSource(strings = {"gateway-%d", "plant/%04d", "gw%d", "%d", "site%d.example"})
  void slotsAreSpreadEvenlyOverIds(String ids) {
    int[] perSecond = new int[30];
    for (int i = 0; i < FLEET; i++) {
      long slot = Slot.nanos(ids.formatted(i), 30 * SECOND);
      assertEquals(slot, Slot.nanos(ids.formatted(i), 30 * SECOND));
      perSecond[(int) (slot / SECOND)]++;
    }
    int mean = FLEET / 30;
    assertTrue(Arrays.stream(perSecond).max().orElse(0) <= 2 * mean, Arrays.toString(perSecond));
    assertTrue(Arrays.stream(perSecond).min().orElse(0) >= mean / 3, Arrays.toString(perSecond));
    assertEquals(0, Slot.nanos(ids, 0));
    assertNotEquals(Slot.nanos("a", SECOND), Slot.nanos("b", SECOND));
  }

  /**
   * A fleet whose server is lost at second 1, returns at 20, falls over under those who came at 32,
   * before any connection has held, and returns at 60.
   *
   * @param spread in seconds
   * @param wasConnected whether connections had held before, or all begin at second 1
   * @return attempts in each second after the first; the last is that of the last one
   */
  private static int[] attempts(long spread, boolean wasConnected) {
    Backoff[] fleet = new Backoff[FLEET];
    PriorityQueue<long[]> due = new PriorityQueue<>((a, b) -> Long.compare(a[0], b[0]));
    for (int i = 0; i < FLEET; i++) {
      fleet[i] = new Backoff(SECOND, 300 * SECOND, "gateway-" + i, spread * SECOND, new Random(i));
      if (wasConnected) {
        fleet[i].held();
      }
      due.add(new long[] {SECOND + fleet[i].nextNanos(), i});
    }
    int[] perSecond = new int[LAST];
    List<Integer> connected = new ArrayList<>();
    boolean hasFallen = false;
    while (!due.isEmpty()) {
      long at = due.peek()[0];
      if (!hasFallen && at >= 32 * SECOND) {
        hasFallen = true;
        connected.forEach(i -> due.add(new long[] {32 * SECOND + fleet[i].nextNanos(), i}));
        connected.clear();
        continue;
      }
      int i = (int) due.remove()[1];
      perSecond[(int) (at / SECOND)]++;
      boolean isUp = at >= 60 * SECOND || (at >= 20 * SECOND && at < 32 * SECOND);
      if (isUp) {
        connected.add(i);
      } else {
        due.add(new long[] {at + fleet[i].nextNanos(), i});
      }
    }
    return perSecond;
  }

  private static int peak(int[] perSecond) {
    return Arrays.stream(perSecond).max().orElse(0);
  }

  /** Without it, a server that falls over under those who return would be kept down by them. */
  @ParameterizedTest
  @ValueSource(ints = {5, 10, 30})
  void aFleetNeverComesFasterThanItsSpreadAllows(int spread) {
    for (boolean wasConnected : new boolean[] {true, false}) {
      int[] perSecond = attempts(spread, wasConnected);
      assertTrue(
          peak(perSecond) <= 2 * FLEET / spread,
          () -> "spread " + spread + ": " + Arrays.toString(perSecond));
    }
  }

  /** The control: without a spread most of the fleet comes within a second or two. */
  @Test
  void withoutASpreadAFleetComesAtOnce() {
    assertTrue(peak(attempts(0, true)) > FLEET / 2, "the simulation can show a storm");
  }
}
