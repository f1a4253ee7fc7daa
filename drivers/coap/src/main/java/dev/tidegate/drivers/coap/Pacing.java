package dev.tidegate.drivers.coap;

import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * How long to wait before trying again. Safe for use by any thread.
 *
 * @param firstMillis the first pause after a failure, above 0; each further one is twice as long
 * @param longestMillis the longest pause
 * @param graceMillis least time after Max-Age has passed before the registration is renewed
 * @param graceSpreadMillis what is added to it at random, up to
 * @param random spreads the pauses, so that a fleet does not come back in step
 */
record Pacing(
    long firstMillis,
    long longestMillis,
    long graceMillis,
    long graceSpreadMillis,
    RandomGenerator random) {

  /** Pauses of 1 to 60 s; RFC 7641 section 3.3.1: 5 to 15 s of grace. */
  static Pacing standard() {
    return new Pacing(1_000, 60_000, 5_000, 10_000, new Random());
  }

  /** The pause after that many failures in a row, 1 or more: half to whole of the doubled time. */
  long pauseMillis(int failures) {
    long whole = Math.min(longestMillis, firstMillis << Math.min(failures, 16));
    return Math.max(firstMillis, whole / 2 + random.nextLong(whole / 2 + 1));
  }

  /** How long after a notification's arrival the registration counts as lapsed. */
  long lapseMillis(long maxAgeSeconds) {
    return maxAgeSeconds * 1_000 + graceMillis + random.nextLong(graceSpreadMillis + 1);
  }
}
