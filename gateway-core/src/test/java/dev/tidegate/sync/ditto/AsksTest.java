package dev.tidegate.sync.ditto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** When a fleet asks again; when one gateway does is in {@link DittoBindingTest}. */
class AsksTest {
  private static final int FLEET = 3_000;
  private static final long SECOND = 1_000_000_000L;

  /** How many of a fleet ask in each second, when that befell all of them at one moment. */
  private static int[] askedIn(int seconds, Consumer<Asks> befalls) {
    List<Asks> fleet = new ArrayList<>();
    for (int i = 0; i < FLEET; i++) {
      fleet.add(new Asks("gateway-" + i));
      befalls.accept(fleet.getLast());
    }
    int[] asked = new int[seconds + 1];
    for (int second = 0; second <= seconds; second++) {
      for (Asks asks : fleet) {
        for (String thing : asks.due(second * SECOND)) {
          asked[second]++;
          asks.answered(thing);
        }
      }
    }
    return asked;
  }

  private static int sum(int[] asked, int from, int to) {
    int sum = 0;
    for (int second = from; second <= to; second++) {
      sum += asked[second];
    }
    return sum;
  }

  // Without it 3,000 gateways would ask in step for as long as they run, once they were in step.
  @Test
  void aFleetThatWasAnsweredAtOneMomentAsksAllTheTimeFromThen() {
    int[] asked = askedIn(600, asks -> asks.answeredForNow("pump"));
    assertEquals(0, sum(asked, 0, 299), "no more often than twice what is named");
    for (int second = 300; second < 600; second += 10) {
      int ten = sum(asked, second, second + 9);
      assertTrue(ten > 50 && ten < 300, second + ": " + ten);
    }
  }

  // Without it a Ditto that came back would be asked by all at one moment, and go down again.
  @Test
  void aFleetWithoutAnAnswerSpreadsToo() {
    int[] asked = askedIn(10, asks -> asks.asked("pump"));
    assertEquals(0, sum(asked, 0, 4));
    assertEquals(FLEET, sum(asked, 5, 10));
    for (int second = 6; second <= 10; second++) {
      assertTrue(asked[second] > 300 && asked[second] < 900, second + ": " + asked[second]);
    }
  }
}
