package dev.tidegate.cli;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.gateway.Drivers;
import dev.tidegate.gateway.Forecast;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code tidegate plan}: what a configuration will cost and change, before it is applied. */
@Command(
    name = "plan",
    description = "Predicts what a configuration writes, sends and holds, before it is applied.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "the configuration to apply, one YAML file")
  @Nullable Path file;

  @Option(
      names = "--compare",
      paramLabel = "OLD",
      description = "the configuration that runs now: says what starts, stops and changes")
  @Nullable Path old;

  @Option(names = "--json", description = "prints the forecast as JSON")
  boolean json;

  @Override
  public Integer call() {
    Optional<GatewayConfig> config = CheckCommand.load(file, Drivers.installed());
    if (config.isEmpty()) {
      return Exit.CONFIG;
    }
    Forecast.Costs costs = Forecast.of(config.get());
    if (json) {
      System.out.println(JsonMapper.builder().build().writeValueAsString(costs));
      return Exit.OK;
    }
    Forecast.Costs before = null;
    if (old != null) {
      Optional<GatewayConfig> running = CheckCommand.load(old, Drivers.installed());
      if (running.isEmpty()) {
        return Exit.CONFIG;
      }
      before = Forecast.of(running.get());
      changes(running.get(), config.get()).forEach(System.out::println);
    }
    System.out.println(text(costs, before));
    costs.warnings().forEach(warning -> System.out.println("warning    " + warning));
    return Exit.OK;
  }

  private static String text(Forecast.Costs costs, Forecast.@Nullable Costs before) {
    return String.format(
        Locale.ROOT,
        """
        reads      %,.1f readings a second of %d devices, %,.2f summaries a second
        writes     %s a day to flash%s
        sends      %s a day on the link, both ways%s
        holds      raw %s, summaries %s without a link%s
        These are upper bounds where a rule leaves readings out (report: changes).""",
        costs.readingsPerSecond(),
        costs.devices(),
        costs.summariesPerSecond(),
        StatusCommand.bytes(costs.flashBytesPerDay()),
        before == null ? "" : change(before.flashBytesPerDay(), costs.flashBytesPerDay()),
        StatusCommand.bytes(costs.linkBytesPerDay()),
        before == null ? "" : change(before.linkBytesPerDay(), costs.linkBytesPerDay()),
        hours(costs.rawHours()),
        hours(costs.summaryHours()),
        costs.backlogHours() < 0
            ? ""
            : String.format(
                Locale.ROOT,
                "%ncatches up a day without a link takes %,.1f h at backlog-rate",
                costs.backlogHours()));
  }

  private static String hours(double hours) {
    return hours < 0 ? "for ever" : String.format(Locale.ROOT, "%,.0f h", hours);
  }

  private static String change(double before, double after) {
    double difference = after - before;
    return difference == 0
        ? ", as now"
        : ", "
            + StatusCommand.bytes(Math.abs(difference))
            + (difference > 0 ? " more than now" : " less than now");
  }

  private static Map<String, ActuatorConfig> actuators(GatewayConfig config) {
    Map<String, ActuatorConfig> byPoint = new TreeMap<>();
    config.actuators().forEach(actuator -> byPoint.put(actuator.point().name(), actuator));
    return byPoint;
  }

  /** What starts, stops, and is opened anew. */
  private static List<String> changes(GatewayConfig running, GatewayConfig next) {
    Map<String, DeviceEntry> before = byId(running);
    Map<String, DeviceEntry> after = byId(next);
    List<String> changes = new ArrayList<>();
    after.forEach(
        (id, entry) -> {
          if (!before.containsKey(id)) {
            changes.add("starts     device " + id + " (" + entry.driver() + ")");
          } else if (!entry.equals(before.get(id))) {
            changes.add("changes    device " + id);
          }
        });
    before.forEach(
        (id, entry) -> {
          if (!after.containsKey(id)) {
            changes.add("stops      device " + id + " (" + entry.driver() + ")");
          }
        });
    if (!running.windows().equals(next.windows())) {
      changes.add("changes    windows");
    }
    if (!running.models().equals(next.models())) {
      changes.add("changes    models");
    }
    Set<String> points = new TreeSet<>();
    Map<String, ActuatorConfig> was = actuators(running);
    Map<String, ActuatorConfig> will = actuators(next);
    points.addAll(was.keySet());
    points.addAll(will.keySet());
    for (String point : points) {
      if (!will.containsKey(point)) {
        changes.add("removes    actuator " + point);
      } else if (!was.containsKey(point)) {
        changes.add("adds       actuator " + point);
      } else if (!will.get(point).equals(was.get(point))) {
        changes.add("changes    actuator " + point);
      }
    }
    if (!running.budget().equals(next.budget())) {
      changes.add("changes    budget");
    }
    if (!running.buffer().equals(next.buffer())) {
      changes.add("changes    buffer");
    }
    if (!java.util.Objects.equals(running.sync(), next.sync())) {
      changes.add("changes    sync");
    }
    if (changes.isEmpty()) {
      changes.add("changes    nothing that runs");
    }
    return changes;
  }

  private static Map<String, DeviceEntry> byId(GatewayConfig config) {
    return config.devices().stream()
        .collect(Collectors.toMap(entry -> entry.device().id(), Function.identity()));
  }
}
