package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.config.decode.LoadResult;
import dev.tidegate.driver.Driver;
import dev.tidegate.gateway.Gateway;
import dev.tidegate.timekeeping.TrustedClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.ditto.json.JsonObject;
import org.eclipse.ditto.json.JsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole gateway with a simulated plant, and a twin that sets its pump. */
final class DittoGatewayTest {
  private static final String PUMP = "org.example:plant-7:pump";

  @TempDir Path folder;

  private final DittoTwin twin = new DittoTwin();

  private static List<Driver> drivers() {
    return ServiceLoader.load(Driver.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  private double number(DittoSide side, String path) {
    return side.ask(
        () -> {
          JsonObject thing = twin.thing(PUMP);
          return thing == null
              ? Double.NaN
              : thing
                  .getValue(path)
                  .filter(JsonValue::isNumber)
                  .map(JsonValue::asDouble)
                  .orElse(Double.NaN);
        });
  }

  /** Without it, a set-point would be reported as reached, and the process would not have moved. */
  @Test
  void whatTheTwinWantsIsWhatThePlantDoesAndWhatTheTwinShows() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, folder);
        DittoSide side =
            new DittoSide(
                broker.uri(), "tg/default/plant-7", twin, signal -> new DittoSide.Fault.None())) {
      side.awaitConnected();
      side.ask(() -> twin.desire(PUMP, "speed-setpoint", 900));
      Path file = Files.createDirectories(folder.resolve("gateway")).resolve("gateway.yaml");
      Files.writeString(
          file,
          """
          gateway: {id: plant-7, data: ./data}
          devices:
            - id: pump
              driver: simulator
              poll-every: 50ms
              faults-every: 0s
              speed: 40
              points:
                - {id: speed-setpoint, unit: "{rev}/min"}
                - {id: speed, unit: "{rev}/min"}
                - {id: flow, unit: l/min}
          windows:
            - {id: second, points: [pump/*], size: 1s}
          actuators:
            - point: pump/speed-setpoint
              range: [0, 2800]
              read-back: {point: pump/speed, tolerance: 30, within: 20s}
          buffer: {commit-every: 100ms}
          sync:
            broker: "%s"
            ditto: {namespace: org.example, policy: "org.example:gateways"}
            reconnect: {min: 100ms, max: 1s, spread: 0s}
          """
              .formatted(broker.uri()));
      LoadResult.Loaded loaded =
          assertInstanceOf(
              LoadResult.Loaded.class, ConfigLoader.load(file, drivers()), "the file is sound");
      AtomicReference<Throwable> defect = new AtomicReference<>();
      try (Gateway gateway =
          Gateway.start(
              loaded.config(),
              drivers(),
              TrustedClock.system(loaded.config().data()),
              new SplittableRandom(1),
              defect::set)) {
        String mean = "features/%s/properties/windows/second/mean";
        side.await(
            "the pump at 900", () -> Math.abs(number(side, mean.formatted("speed")) - 900) < 30);
        double little = number(side, mean.formatted("flow"));
        side.say(side.ask(() -> DittoTwin.write(twin.desire(PUMP, "speed-setpoint", 2_600))));
        side.await(
            "the pump at 2600", () -> Math.abs(number(side, mean.formatted("speed")) - 2_600) < 30);
        side.await("more flow", () -> number(side, mean.formatted("flow")) > 2 * little);
        side.await(
            "the result",
            () ->
                number(side, "features/speed-setpoint/properties/command/value") == 2_600
                    && number(side, "features/speed-setpoint/properties/value") == 2_600
                    && number(side, "features/speed-setpoint/properties/command/status") == 200);
        side.say(side.ask(() -> DittoTwin.write(twin.desire(PUMP, "speed-setpoint", 2_900))));
        side.await(
            "the refusal",
            () -> number(side, "features/speed-setpoint/properties/command/status") == 422);
        assertEquals(2_600, number(side, "features/speed-setpoint/properties/value"));
        assertEquals(
            Optional.of(true),
            side.ask(() -> twin.thing(PUMP))
                .getValue("features/tidegate/properties/online")
                .map(JsonValue::asBoolean));
        assertEquals(0, gateway.account().total().lost());
      }
      assertEquals(null, defect.get());
    }
  }
}
