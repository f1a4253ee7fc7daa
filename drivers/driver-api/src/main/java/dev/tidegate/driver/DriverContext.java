package dev.tidegate.driver;

import dev.tidegate.time.Clock;

/** What the gateway lends a driver. For logging use {@link System.Logger}. */
public interface DriverContext {
  Clock clock();
}
