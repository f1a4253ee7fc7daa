package dev.tidegate.gateway;

import dev.tidegate.driver.Driver;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** The drivers on the class path. */
public final class Drivers {
  private Drivers() {}

  /** All drivers named in {@code META-INF/services}, sorted by type. */
  public static List<Driver> installed() {
    return ServiceLoader.load(Driver.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(Driver::type))
        .toList();
  }
}
