package dev.tidegate.config.decode;

import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.DeviceEntry.OnError;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.kind.Amount;
import dev.tidegate.config.kind.Block;
import dev.tidegate.config.kind.Key;
import dev.tidegate.config.kind.Kind;
import dev.tidegate.config.kind.Many.ListOf;
import dev.tidegate.config.kind.Many.Placed;
import dev.tidegate.config.kind.Many.PlacedKind;
import dev.tidegate.config.kind.Section;
import dev.tidegate.config.kind.Words;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import dev.tidegate.config.yaml.Place;
import dev.tidegate.config.yaml.Problem;
import dev.tidegate.driver.Complaint;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Settings;
import dev.tidegate.reading.PointId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The kind of one device: which keys it may have depends on its driver. */
final class DeviceKeys implements Kind<DeviceKeys.Draft> {
  private static final Key<Placed<String>> ID =
      Key.must("id", new PlacedKind<>(Words.ID), "The device's name on this gateway.");
  private static final String DRIVER = "driver";
  private static final Key<Long> POLL_EVERY =
      Key.or(
          "1s",
          "poll-every",
          Amount.duration("10ms", "24h"),
          "How often the device is asked, if it is one that is asked.");
  private static final Key<OnError> ON_ERROR =
      Key.or(
          "retry",
          "on-error",
          Words.Choice.of(OnError.class),
          "What happens when the device fails: try again, give it up, or go on polling.");
  private static final String POINTS = "points";

  /** The keys of a device that no driver may declare. */
  static final Set<String> RESERVED =
      Set.of(ID.name(), DRIVER, POLL_EVERY.name(), ON_ERROR.name(), POINTS);

  private final Map<String, Section<Draft>> byDriver = new LinkedHashMap<>();
  private final Section<Draft> unknownDriver;

  /**
   * One device as far as it could be read.
   *
   * @param id its name
   * @param points the names of its points, for others to refer to
   * @param places where each point stands
   * @param entry the device; null when something is wrong with it
   */
  record Draft(
      Placed<String> id, List<String> points, List<Place> places, @Nullable DeviceEntry entry) {}

  DeviceKeys(List<Driver> drivers) {
    Words.Choice<String> types =
        Words.Choice.of(drivers.stream().map(Driver::type).sorted().toList());
    for (Driver driver : drivers.stream().sorted(Comparator.comparing(Driver::type)).toList()) {
      Set<String> reserved = PointKeys.CORE.stream().map(Key::name).collect(Collectors.toSet());
      List<Key<?>> own = DriverKeys.of(driver, Option.Scope.DEVICE, RESERVED);
      List<Key<?>> points = DriverKeys.of(driver, Option.Scope.POINT, reserved);
      Section<Draft> section = section(types, driver, own, PointKeys.section(points));
      if (byDriver.put(driver.type(), section) != null) {
        throw new IllegalArgumentException("two drivers are called '" + driver.type() + "'");
      }
    }
    unknownDriver = section(types, null, List.of(), PointKeys.section(List.of()).opened()).opened();
  }

  private static Section<Draft> section(
      Words.Choice<String> types,
      @Nullable Driver driver,
      List<Key<?>> own,
      Section<PointKeys.Draft> point) {
    Key<String> type = Key.must(DRIVER, types, "The kind of device.");
    Key<List<PointKeys.Draft>> points =
        Key.must(POINTS, new ListOf<>("points", point, 1, 1_024), "What is read from it.");
    List<Key<?>> keys = new ArrayList<>(List.of(ID, type, POLL_EVERY, ON_ERROR));
    keys.addAll(own);
    keys.add(points);
    String title = driver == null ? "device" : "device (driver: " + driver.type() + ")";
    return Section.of(
        title, "One device and its points.", keys, b -> build(b, type, driver, own, points));
  }

  @Override
  public @Nullable Draft decode(String name, Node node, Findings findings) {
    Section<Draft> section = unknownDriver;
    if (node instanceof Node.Mapping mapping) {
      Node.Field field = mapping.fields().get(DRIVER);
      if (field != null && field.value() instanceof Node.Scalar word) {
        // A misspelt driver is noted by its key; the rest is checked against the one meant.
        String near = findings.nearest(word.text(), byDriver.keySet());
        section = near == null ? section : byDriver.getOrDefault(near, section);
      }
    }
    return section.decode("device", node, findings);
  }

  private static @Nullable Draft build(
      Block block,
      Key<String> typeKey,
      @Nullable Driver driver,
      List<Key<?>> own,
      Key<List<PointKeys.Draft>> pointsKey) {
    Placed<String> id = block.get(ID);
    String type = block.get(typeKey);
    long pollEvery = block.or(POLL_EVERY);
    OnError onError = block.or(ON_ERROR);
    Settings settings = DriverKeys.settings(block, own);
    List<PointKeys.Draft> points = block.or(pointsKey, List.of());
    Map<String, Place> names = new HashMap<>();
    for (PointKeys.Draft point : points) {
      noteTwice("point", point.id(), names, block.findings());
    }
    if (id == null) {
      return null;
    }
    DeviceEntry entry = null;
    if (block.isSound() && driver != null && type != null) {
      List<DeviceConfig.Point> told = new ArrayList<>();
      List<PointConfig> rules = new ArrayList<>();
      for (PointKeys.Draft point : points) {
        PointId name = PointId.of(id.value(), point.id().value());
        told.add(new DeviceConfig.Point(name, point.unit(), point.settings()));
        rules.add(point.rules().apply(name));
      }
      DeviceConfig device = new DeviceConfig(id.value(), settings, told, pollEvery);
      entry = new DeviceEntry(type, device, onError, rules);
      driver.check(device).forEach(c -> note(c, block, points, id.value()));
    }
    return new Draft(
        id,
        points.stream().map(p -> id.value() + "/" + p.id().value()).toList(),
        points.stream().map(p -> p.id().place()).toList(),
        entry);
  }

  private static void note(
      Complaint complaint, Block device, List<PointKeys.Draft> points, String id) {
    Block block = device;
    PointId about = complaint.point();
    for (PointKeys.Draft point : points) {
      if (about != null && about.name().equals(id + "/" + point.id().value())) {
        block = point.block();
      }
    }
    String option = complaint.option();
    Place place = option == null ? block.place() : block.keyPlace(option);
    device.findings().add(place, complaint.message());
  }

  /** Notes a name that was given to two things of the same sort. */
  static void noteTwice(
      String what, Placed<String> id, Map<String, Place> seen, Findings findings) {
    Place first = seen.putIfAbsent(id.value(), id.place());
    if (first != null) {
      String wrong = "a second " + what + " is called " + Problem.quote(id.value());
      findings.add(id.place(), wrong, "another name than in line " + first.line());
    }
  }

  @Override
  public String expected() {
    return unknownDriver.expected();
  }

  /** One branch per driver, so that an editor offers the keys of the driver at hand. */
  @Override
  public Map<String, Object> schema() {
    List<Object> branches = new ArrayList<>();
    for (String type : byDriver.keySet()) {
      Map<String, Object> chosen = new LinkedHashMap<>();
      chosen.put("properties", Map.of(DRIVER, Map.of("const", type)));
      chosen.put("required", List.of(DRIVER));
      Map<String, Object> branch = new LinkedHashMap<>();
      branch.put("if", chosen);
      branch.put("then", Map.of("$ref", "#/$defs/" + definition(type)));
      branches.add(branch);
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", Map.of(DRIVER, Map.of("enum", List.copyOf(byDriver.keySet()))));
    schema.put("required", List.of(DRIVER));
    schema.put("allOf", branches);
    return schema;
  }

  private static String definition(String type) {
    return "device-" + type;
  }

  /** What the branches refer to. */
  Map<String, Object> definitions() {
    Map<String, Object> definitions = new LinkedHashMap<>();
    byDriver.forEach((type, section) -> definitions.put(definition(type), section.schema()));
    return definitions;
  }

  /** A device's section for one driver; for the documentation and the tests. */
  Map<String, Section<Draft>> byDriver() {
    return byDriver;
  }
}
