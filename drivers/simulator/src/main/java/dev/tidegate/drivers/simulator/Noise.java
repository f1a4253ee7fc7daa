package dev.tidegate.drivers.simulator;

/**
 * A stream of random numbers that is the same on every machine and every Java: SplitMix64 (Steele,
 * Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014, figure 17), and integer
 * arithmetic from there on. Used by the one thread that owns it.
 */
final class Noise {
  /** Standard deviation of the sum of four uniform numbers in 0 to 65,535. */
  private static final double SPREAD = 65_536 * 0.5773502691896258;

  private long state;

  Noise(long seed) {
    this.state = seed;
  }

  long bits() {
    state += 0x9E3779B97F4A7C15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Uniform from 0 to below 1; cannot be exactly 0. */
  double share() {
    return ((bits() >>> 12) + 0.5) * 0x1p-52;
  }

  /** Mean 0, standard deviation 1, never beyond ±3.5: the sum of four uniform numbers. */
  double bell() {
    long bits = bits();
    long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
    return (sum - 131_070) / SPREAD;
  }
}
