package dev.tidegate.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.reading.PointId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a driver is told, it is told in the right type, and cannot change. */
class SettingsTest {
  // Without it a driver could read a text as a number, or zero for what is not there.
  @Test
  void valuesComeOutInTheTypeOfTheirKind() {
    Settings settings =
        new Settings(
            Map.of("host", "a", "port", 5683L, "rate", 0.5, "on", true, "file", Path.of("x.csv")));
    assertEquals("a", settings.text("host"));
    assertEquals(5683, settings.integer("port"));
    assertEquals(5683, settings.nanos("port"));
    assertEquals(0.5, settings.number("rate"));
    assertTrue(settings.flag("on"));
    assertEquals(Path.of("x.csv"), settings.path("file"));
    assertTrue(settings.has("host"));
    assertFalse(settings.has("hots"));
    IllegalArgumentException wrong =
        assertThrows(IllegalArgumentException.class, () -> settings.number("port"));
    assertEquals("option 'port' is 5683, not a Double", wrong.getMessage());
    IllegalArgumentException absent =
        assertThrows(IllegalArgumentException.class, () -> settings.text("hots"));
    assertEquals("option 'hots' is null, not a String", absent.getMessage());
  }

  // Without it one device's settings could be changed under another thread.
  @Test
  void settingsAndPointsAreCopied() {
    Map<String, Object> values = new HashMap<>(Map.of("port", 1L));
    Settings settings = new Settings(values);
    values.put("port", 2L);
    assertEquals(1, settings.integer("port"));
    assertEquals(settings, new Settings(Map.of("port", 1L)));
    assertEquals(settings.hashCode(), new Settings(Map.of("port", 1L)).hashCode());
    assertNotEquals(settings, Settings.NONE);

    List<DeviceConfig.Point> points = new ArrayList<>();
    points.add(new DeviceConfig.Point(PointId.of("d", "p"), null, Settings.NONE));
    DeviceConfig config = new DeviceConfig("d", settings, points, 1);
    points.clear();
    assertEquals(1, config.points().size());
  }

  // Without it bounds or words set on one option could leak into another.
  @Test
  void optionsAreBuiltStepByStepWithoutChangingTheFirst() {
    Option plain = Option.device(Option.Kind.NUMBER, "rate", "Its rate.");
    Option bounded = plain.within(1, 2).or("1.5");
    assertNull(plain.fallback());
    assertEquals(Double.NEGATIVE_INFINITY, plain.min());
    assertEquals("1.5", bounded.fallback());
    assertEquals(2, bounded.max());
    assertFalse(plain.required());
    assertTrue(plain.must().required());
    Option choice = Option.point(Option.Kind.CHOICE, "mode", "Its mode.").oneOf("a", "b");
    assertEquals(List.of("a", "b"), choice.choices());
    assertEquals(Option.Scope.POINT, choice.scope());
  }

  // Without it the gateway could not tell what to do about a failure.
  @Test
  void driverExceptionKeepsKindMessageAndCause() {
    RuntimeException cause = new RuntimeException("x");
    DriverException e = new DriverException(DriverException.Kind.UNPLUGGED, "no chip", cause);
    assertEquals(DriverException.Kind.UNPLUGGED, e.kind());
    assertEquals("no chip", e.getMessage());
    assertEquals(cause, e.getCause());
  }
}
