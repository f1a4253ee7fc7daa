package dev.tidegate.demo;

import dev.tidegate.cli.Exit;
import dev.tidegate.cli.Tidegate;
import dev.tidegate.drivers.simulator.Plant;
import dev.tidegate.drivers.simulator.Schedule;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code tidegate demo}: a gateway process as it would be installed, and the world around it: a
 * simulated plant, a CoAP device in a process of its own, a recording, a broker and a cloud side.
 */
@Command(
    name = "demo",
    description = "Shows the gateway at work: no hardware, no account, no internet needed.",
    exitCodeOnInvalidInput = Exit.USAGE,
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  /** How often a gateway that ended by itself is started again, as systemd would. */
  private static final int RESTARTS = 100;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "ends by itself after N seconds; 0: only with Ctrl-C",
      defaultValue = "0")
  int seconds;

  @Option(
      names = "--broker",
      paramLabel = "URI",
      description = "an MQTT 5 broker to use instead of the embedded one: mqtt://host:port")
  @Nullable URI broker;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "where configuration, recording and buffer go; kept, and continued next time")
  @Nullable Path dir;

  /** Set by the command line's library. */
  @Spec @Nullable CommandSpec spec;

  /** The lines of a kept configuration whose addresses change from one demo to the next. */
  private static final Pattern COAP =
      Pattern.compile("(?m)^(\\s*uri:\\s*)coap://127\\.0\\.0\\.1:\\d+(?=\\s|$)");

  private static final Pattern BROKER = Pattern.compile("(?m)^(\\s*broker:\\s*)mqtt://\\S+");

  private static final long RECORDED_FAULT_EVERY_NANOS = 300_000_000_000L;
  private static final long RECORDED_FAULT_NANOS = 60_000_000_000L;
  private static final long CONNECT_NANOS = 10_000_000_000L;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  @Override
  public Integer call() throws Exception {
    URI given = givenBroker();
    if (seconds < 0) {
      throw refused("--seconds: 0 or more, not " + seconds);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndWait, "stop"));
    Path folder = dir == null ? Files.createTempDirectory("tidegate-demo-") : dir.toAbsolutePath();
    Files.createDirectories(folder);
    try (Broker link = Broker.of(given);
        CloudStore store = CloudStore.open(folder.resolve("cloud"));
        CloudSide cloud = CloudSide.start(link.uri(), "tg/demo/+", store)) {
      if (!cloud.awaitConnected(CONNECT_NANOS)) {
        System.err.println("demo: no MQTT 5 broker answers at " + link.uri() + "; is it running?");
        return Exit.FAILED;
      }
      Child.Ready coap = Child.announced(CoapDevice.class, List.of("--port", "0"));
      try {
        Path config = prepare(folder, link.uri(), coap.address());
        welcome(config, link);
        int code = runGateway(config, link, cloud);
        CloudStore.Verdict verdict = store.verdict();
        System.out.println(report(verdict));
        System.out.println("everything is in " + folder);
        return code == Exit.OK && !verdict.complete() ? Exit.FAILED : code;
      } finally {
        coap.child().close();
      }
    } finally {
      stopped.countDown();
    }
  }

  /** The gateway's process, started again when it ends unasked, until the demo is over. */
  private int runGateway(Path config, Broker link, CloudSide cloud)
      throws IOException, InterruptedException {
    List<String> arguments =
        List.of("run", "--config", config.toString(), "--status-every", "1", "--stop-with-input");
    Keyboard keyboard = Keyboard.listen(link, cloud);
    long left = seconds > 0 ? seconds * 1000L : Long.MAX_VALUE;
    for (int starts = 0; ; starts++) {
      Child gateway = Child.shown(Tidegate.class, arguments);
      try {
        System.out.println(
            "the gateway is process " + gateway.pid() + ": kill -9 it, and see what is lost");
        while (left > 0 && stop.getCount() > 0 && !gateway.awaitEnd(100)) {
          left -= 100;
          keyboard.act();
        }
        if (left <= 0 || stop.getCount() == 0) {
          link.restore(); // what was held back while the link was cut gets its chance
          gateway.close();
          return gateway.exitCode();
        }
        if (starts >= RESTARTS || gateway.exitCode() == Exit.CONFIG) {
          System.out.println("the gateway ended with " + gateway.exitCode());
          return Exit.FAILED;
        }
        System.out.println(
            "the gateway ended with " + gateway.exitCode() + "; started again, as systemd would");
      } finally {
        gateway.close();
      }
    }
  }

  /** The address of {@code --broker}, checked before anything starts; null: not given. */
  private @Nullable URI givenBroker() {
    try {
      return broker == null ? null : Broker.address(broker);
    } catch (IllegalArgumentException e) {
      throw refused("--broker: " + e.getMessage());
    }
  }

  private CommandLine.ParameterException refused(String message) {
    CommandLine line = spec == null ? new CommandLine(this) : spec.commandLine();
    return new CommandLine.ParameterException(line, message);
  }

  /**
   * The configuration and the recording in that folder. A configuration that is there already stays
   * as its owner left it: only the addresses of this demo's device and broker are put into it.
   */
  static Path prepare(Path folder, URI broker, String coap) throws IOException {
    Path recording = folder.resolve("recording.csv");
    if (!Files.exists(recording)) {
      PlantRecording.write(
          recording,
          new Plant(7, Schedule.every(RECORDED_FAULT_EVERY_NANOS, RECORDED_FAULT_NANOS)),
          1800);
    }
    Path config = folder.resolve("gateway.yaml");
    if (Files.exists(config)) {
      String kept = Files.readString(config);
      String device = COAP.matcher(kept).replaceAll("$1" + Matcher.quoteReplacement(coap));
      Files.writeString(
          config,
          BROKER.matcher(device).replaceAll("$1" + Matcher.quoteReplacement(broker.toString())));
      return config;
    }
    try (InputStream template = DemoCommand.class.getResourceAsStream("gateway.yaml")) {
      if (template == null) {
        throw new IOException("gateway.yaml is missing on the class path");
      }
      String text = new String(template.readAllBytes(), StandardCharsets.UTF_8);
      Files.writeString(
          config,
          text.replace("@coap@", coap)
              .replace("@recording@", "recording.csv")
              .replace("@broker@", broker.toString()));
    }
    return config;
  }

  private static void welcome(Path config, Broker link) {
    Path recording = config.resolveSibling("recording.csv");
    System.out.printf(
        """
        Tidegate demo: a pump loop (simulated, with faults), a CoAP device and a recording
          -> windows -> the model pump-health -> SQLite -> MQTT 5 at %s
          -> a cloud side that stores what arrives and says so

        To try, from another terminal:
          look at the configuration, change it, check it
            ./tidegate check %s
          the same pipeline on a recording, as fast as the machine can
            ./tidegate replay --config %s %s
          what goes over the wire (package mosquitto-clients)
            mosquitto_sub -h %s -p %d -t 'tg/#' -F '%%t %%l bytes'
        """,
        link.uri(), config, config, recording, link.uri().getHost(), link.uri().getPort());
    if (link.isOurs()) {
      System.out.println("Here: Enter cuts the link, Enter again restores it.");
    }
    System.out.println("A number and Enter: the cloud wants the pump at that speed, 0 to 2800.");
    System.out.println("Ctrl-C ends it with the exact account.\n");
  }

  /** What the far side has, by its own books. */
  private static String report(CloudStore.Verdict verdict) {
    StringBuilder text = new StringBuilder("cloud side   stored");
    verdict
        .stored()
        .forEach((lane, count) -> text.append(" %s %,d ".formatted(lane.word(), count)));
    text.append("; declared lost %,d".formatted(verdict.declaredLost()));
    text.append("; frames that came twice %,d".formatted(verdict.duplicates()));
    text.append(verdict.complete() ? "; no gaps" : "; MISSING " + verdict.missing());
    return text.toString();
  }

  private void stopAndWait() {
    stop.countDown();
    try {
      if (!stopped.await(60, TimeUnit.SECONDS)) {
        System.err.println("demo: no clean end within 60 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
