package dev.tidegate.acquisition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Event;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IntakeTest {
  private static final PointId FAST = PointId.of("d", "fast");
  private static final PointId SLOW = PointId.of("d", "slow");

  private final Counters counters = new Counters();

  /** A fast point that pushed slow ones out would blind the gateway to the rest of the plant. */
  @Test
  void aFullIntakeDropsTheOldestOfTheSamePoint() throws Exception {
    Intake intake = new Intake(3, counters);
    intake.offer(sample(SLOW, 1));
    intake.offer(sample(FAST, 2));
    intake.offer(sample(FAST, 3));
    intake.offer(sample(FAST, 4));
    assertEquals(List.of("d/slow 1", "d/fast 3", "d/fast 4"), drained(intake, 10));
    assertEquals(1, counters.value("intake.dropped"));
  }

  /** A point seen for the first time must get in, or a new device would never be heard. */
  @Test
  void aPointThatHasNoneWaitingCostsTheOldestOfAll() throws Exception {
    Intake intake = new Intake(2, counters);
    intake.offer(sample(FAST, 1));
    intake.offer(sample(FAST, 2));
    intake.offer(sample(SLOW, 3));
    assertEquals(List.of("d/fast 2", "d/slow 3"), drained(intake, 10));
  }

  /** What happened to a device must not be lost to a flood of readings. */
  @Test
  void eventsNeverGiveWayToSamples() throws Exception {
    Intake intake = new Intake(1, counters);
    intake.offer(new Event(0, Event.Severity.INFO, "device-back", "d", "m"));
    intake.offer(sample(FAST, 1));
    intake.offer(sample(FAST, 2));
    List<Arrival> all = new ArrayList<>();
    assertEquals(2, intake.drain(all, 10, 0));
    assertTrue(all.getFirst() instanceof Arrival.Happened);
  }

  /** Events are bounded too: a device that flaps cannot fill the memory. */
  @Test
  void eventsBeyondTheirBoundAreTurnedAwayAndCounted() throws Exception {
    Intake intake = new Intake(1, counters);
    for (int i = 0; i < Intake.MAX_EVENTS + 5; i++) {
      intake.offer(new Event(i, Event.Severity.INFO, "k", "d", "m"));
    }
    assertEquals(5, counters.value("intake.events-dropped"));
    assertEquals(Intake.MAX_EVENTS, intake.drain(new ArrayList<>(), 10_000, 0));
  }

  /** Room is what a recording relies on to lose nothing. */
  @Test
  void roomIsWhatFitsWithoutDropping() throws Exception {
    Intake intake = new Intake(2, counters);
    assertEquals(2, intake.room());
    intake.offer(sample(FAST, 1));
    assertEquals(1, intake.room());
    drained(intake, 10);
    assertEquals(2, intake.room());
  }

  /** Any order of offers and drains agrees with a plain list that is searched from the front. */
  @Test
  void agreesWithAPlainListOnRandomStreams() throws Exception {
    SplittableRandom random = new SplittableRandom(11);
    for (int run = 0; run < 300; run++) {
      int capacity = 1 + random.nextInt(12);
      Intake intake = new Intake(capacity, new Counters());
      Deque<String> plain = new ArrayDeque<>();
      for (int i = 0; i < 200; i++) {
        PointId point = PointId.of("d", "p" + random.nextInt(4));
        if (random.nextInt(5) == 0) {
          int max = random.nextInt(6);
          List<String> expected = new ArrayList<>();
          while (expected.size() < max && !plain.isEmpty()) {
            expected.add(plain.removeFirst());
          }
          assertEquals(expected, drained(intake, max), "run " + run + " step " + i);
        } else {
          intake.offer(sample(point, i));
          if (plain.size() == capacity) {
            String oldest =
                plain.stream()
                    .filter(s -> s.startsWith(point + " "))
                    .findFirst()
                    .orElseGet(plain::peekFirst);
            plain.removeFirstOccurrence(oldest);
          }
          plain.addLast(point + " " + i);
        }
      }
    }
  }

  private static Arrival.Sampled sample(PointId point, int n) {
    return new Arrival.Sampled(Reading.good(point, n, n), n, null);
  }

  private static List<String> drained(Intake intake, int max) throws InterruptedException {
    List<Arrival> all = new ArrayList<>();
    intake.drain(all, max, 0);
    List<String> names = new ArrayList<>();
    for (Arrival arrival : all) {
      if (arrival instanceof Arrival.Sampled s) {
        names.add(s.sample().point() + " " + s.sample().sourceNanos());
      }
    }
    return names;
  }
}
