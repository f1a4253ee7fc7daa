package dev.tidegate.config.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private final Spelling spelling = new Spelling();

  // Without it: a distance that counts a swap twice suggests nothing for the commonest slip.
  @Test
  void countsEachSlipOnce() {
    assertEquals(0, Spelling.distance("window", "window", 9));
    assertEquals(1, Spelling.distance("widnow", "window", 9)); // swapped
    assertEquals(1, Spelling.distance("windw", "window", 9)); // one less
    assertEquals(1, Spelling.distance("winddow", "window", 9)); // one more
    assertEquals(1, Spelling.distance("wimdow", "window", 9)); // another
    assertEquals(6, Spelling.distance("", "window", 9));
    assertEquals(3, Spelling.distance("kitten", "sitting", 9));
  }

  // Without it: giving up early above the limit could hide a word that is near.
  @Test
  void givingUpEarlyChangesNoAnswer() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      String a = word(random);
      String b = word(random);
      int exact = Spelling.distance(a, b, 100);
      for (int limit = 0; limit <= 3; limit++) {
        int bounded = Spelling.distance(a, b, limit);
        assertEquals(exact <= limit, bounded <= limit, a + " " + b + " " + limit);
        if (exact <= limit) {
          assertEquals(exact, bounded);
        }
      }
      assertEquals(exact, Spelling.distance(b, a, 100), "the same both ways");
    }
  }

  private static String word(Random random) {
    return random
        .ints(random.nextInt(8), 'a', 'd')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  // Without it: far-fetched guesses are worse than none.
  @Test
  void guessesOnlyWhatIsNear() {
    List<String> keys = List.of("poll-every", "points", "id", "driver");
    assertEquals("poll-every", spelling.nearest("poll_every", keys));
    assertEquals("poll-every", spelling.nearest("pollEvery", keys));
    assertEquals("points", spelling.nearest("Point", keys));
    assertEquals("id", spelling.nearest("ids", keys));
    assertNull(spelling.nearest("colour", keys));
    assertNull(spelling.nearest("xy", keys));
    assertNull(spelling.nearest("", keys));
    assertNull(spelling.nearest("x".repeat(100_000), keys));
  }

  // Without it: a hostile file with 20,000 points and as many slips takes minutes.
  @Test
  void theWorkIsBounded() {
    List<String> many = IntStream.range(0, 30_000).mapToObj(i -> "point-" + i).toList();
    for (int i = 0; i < 100; i++) {
      spelling.nearest("pount-99999" + i, many);
    }
    assertTrue(spelling.comparisons() <= Spelling.MAX_COMPARISONS + 100);
  }
}
