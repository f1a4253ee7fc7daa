package dev.tidegate.drivers.coap;

import java.util.Random;

/** The driver's pauses, shortened, with a fixed seed. */
final class TestPacing {
  private TestPacing() {}

  static Pacing quick() {
    return new Pacing(50, 400, 100, 50, new Random(1));
  }
}
