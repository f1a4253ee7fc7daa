package dev.tidegate.bench;

import dev.tidegate.cli.Tidegate;
import dev.tidegate.demo.Cloud;
import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.timekeeping.SystemClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * From the start of the gateway's process to the first summary that the far side has stored, the
 * CPU time until then, and the resident memory after ten seconds with windows, a model, the buffer
 * and the link running. Beside it a JVM with the same flags that does nothing. Real processes on
 * loopback; medians.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=StartBench}.
 */
public final class StartBench {
  private static final int ROUNDS = 5;

  /** Those of the shipped service. */
  static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xms16m",
          "-Xmx192m",
          "-Xss512k",
          "--enable-native-access=ALL-UNNAMED",
          "--illegal-native-access=deny",
          "--sun-misc-unsafe-memory-access=deny");

  private StartBench() {}

  /** What an empty main costs. */
  public static final class Nothing {
    private Nothing() {}

    public static void main(String[] args) throws IOException {
      System.out.println("ready");
      while (System.in.read() >= 0) {
        // ends with its parent
      }
    }
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    double[] firstMs = new double[ROUNDS];
    double[] cpuMs = new double[ROUNDS];
    double[] residentMb = new double[ROUNDS];
    double[] nothingMb = new double[ROUNDS];
    SystemClock clock = new SystemClock();
    for (int round = 0; round < ROUNDS; round++) {
      Path here = Files.createTempDirectory(folder, "start");
      Started broker = start(EmbeddedBroker.class, List.of("--port", "0"));
      String address = await(broker, "ready ").substring("ready ".length());
      Started cloud = start(Cloud.class, List.of("--broker", address, "--store", here + "/cloud"));
      await(cloud, "ready");
      long beganNanos = clock.monotonicNanos();
      Started gateway = start(Tidegate.class, List.of("run", "--config", configure(here, address)));
      String line = await(cloud, "stored ");
      while (!line.contains(" summaries ")) {
        line = await(cloud, "stored ");
      }
      firstMs[round] = (clock.monotonicNanos() - beganNanos) / 1e6;
      cpuMs[round] = cpuMillis(gateway.process);
      gateway.process.waitFor(10, TimeUnit.SECONDS);
      residentMb[round] = residentMb(gateway.process);
      Started nothing = start(Nothing.class, List.of());
      await(nothing, "ready");
      nothingMb[round] = residentMb(nothing.process);
      for (Started process : List.of(gateway, nothing, cloud, broker)) {
        process.process.destroy();
        process.process.waitFor(30, TimeUnit.SECONDS);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "start to first acknowledged summary %.0f ms (a 1 s window and a 250 ms commit included),"
            + " CPU until then %.0f ms; resident after 10 s %.0f MB (an idle JVM: %.0f MB)%n",
        median(firstMs),
        median(cpuMs),
        median(residentMb),
        median(nothingMb));
  }

  private record Started(Process process, BufferedReader out) {}

  private static Started start(Class<?> main, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    return new Started(
        process,
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
  }

  private static String await(Started started, String prefix) throws IOException {
    String line = started.out.readLine();
    while (line != null && !line.startsWith(prefix)) {
      line = started.out.readLine();
    }
    if (line == null) {
      throw new IOException("ended without saying '" + prefix + "'");
    }
    return line;
  }

  private static String configure(Path folder, String broker) throws IOException {
    return Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            gateway: {id: bench, data: ./data}
            devices:
              - id: pump
                driver: simulator
                poll-every: 100ms
                points:
                  - {id: speed, unit: "{rev}/min"}
                  - {id: valve, unit: "%%"}
                  - {id: flow, unit: l/min}
                  - {id: pressure, unit: bar}
                  - {id: current, unit: A}
                  - {id: vibration, unit: mm/s}
                  - {id: motor-temp, unit: Cel}
            windows:
              - {id: second, points: [pump/*], size: 1s}
              - {id: trend, points: [pump/*], size: 10s, slide: 1s}
            models:
              - id: health
                bundle: builtin:pump-health
                window: trend
                inputs:
                  speed: pump/speed
                  valve: pump/valve
                  flow: pump/flow
                  pressure: pump/pressure
                  current: pump/current
                  vibration: pump/vibration
                  motor-temp: pump/motor-temp
            buffer: {commit-every: 250ms}
            sync: {broker: "%s", tenant: bench}
            """
                .formatted(broker))
        .toString();
  }

  private static double cpuMillis(Process process) {
    return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e6;
  }

  private static double residentMb(Process process) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    throw new IOException("no VmRSS in /proc/" + process.pid() + "/status");
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
