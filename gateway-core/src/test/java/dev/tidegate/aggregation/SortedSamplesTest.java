package dev.tidegate.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The sorted run against a plain list. */
final class SortedSamplesTest {
  private record Kept(long time, double value) {}

  // A wrong shift or a lost sample while the arrays grow would corrupt windows silently.
  @Test
  void keepsTheOrderOfASortedList() {
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      SortedSamples samples = new SortedSamples(300);
      List<Kept> expected = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        if (random.nextInt(4) == 0 && !expected.isEmpty()) {
          int gone = random.nextInt(expected.size() + 1);
          samples.drop(gone);
          expected.subList(0, gone).clear();
        } else if (!samples.isFull()) {
          long time = (long) i - random.nextInt(30);
          samples.insert(time, i);
          int at = expected.size();
          while (at > 0 && expected.get(at - 1).time() > time) {
            at--;
          }
          expected.add(at, new Kept(time, i));
        }
        List<Kept> actual = new ArrayList<>();
        for (int k = 0; k < samples.size(); k++) {
          actual.add(new Kept(samples.time(k), samples.value(k)));
        }
        assertEquals(expected, actual);
      }
    }
  }

  // The bound is what keeps one point from taking the gateway's memory.
  @Test
  void isFullAtItsLimit() {
    SortedSamples samples = new SortedSamples(20);
    for (int i = 0; i < 20; i++) {
      samples.insert(-i, i);
    }
    assertTrue(samples.isFull());
    samples.drop(1);
    assertEquals(19, samples.size());
    assertEquals(-18, samples.time(0));
  }
}
