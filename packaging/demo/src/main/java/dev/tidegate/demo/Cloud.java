package dev.tidegate.demo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/**
 * Runs a cloud side as a process of its own: {@code Cloud --broker URI --store FOLDER}. Says {@code
 * ready}, then {@code stored GATEWAY LANE FIRST LAST} or {@code again ...} for each frame once it
 * is durable and before it is acknowledged; at the end of standard input a summary, with exit code
 * 1 when something is missing.
 */
public final class Cloud {
  private static final long CONNECT_NANOS = 30_000_000_000L;

  private Cloud() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 4 || !args[0].equals("--broker") || !args[2].equals("--store")) {
      System.err.println("usage: Cloud --broker mqtt://HOST:PORT --store FOLDER");
      System.exit(2);
    }
    try (CloudStore store = CloudStore.open(Path.of(args[3]));
        CloudSide cloud =
            CloudSide.start(
                URI.create(args[1]),
                "tg/+/+",
                store,
                (header, fresh, bytes) ->
                    System.out.println(
                        "%s %s %s %d %d"
                            .formatted(
                                fresh ? "stored" : "again",
                                header.gatewayId(),
                                header.lane().word(),
                                header.firstSequence(),
                                header.lastSequence())))) {
      if (!cloud.awaitConnected(CONNECT_NANOS)) {
        System.err.println("cloud: no broker at " + args[1] + " within 30 s; still trying");
      }
      System.out.println("ready");
      while (System.in.read() >= 0) {
        // Nothing is expected to be said; the end of input ends the cloud side.
      }
    }
    System.exit(summarise(Path.of(args[3])) ? 0 : 1);
  }

  /** Reads the store back, so that what is said is what is on disk. */
  private static boolean summarise(Path folder) throws IOException {
    try (CloudStore store = CloudStore.open(folder)) {
      CloudStore.Verdict verdict = store.verdict();
      verdict
          .stored()
          .forEach((lane, count) -> System.out.println("summary " + lane.word() + " " + count));
      System.out.println("summary lost " + verdict.declaredLost());
      verdict.missing().forEach(range -> System.out.println("missing " + range));
      return verdict.complete();
    }
  }
}
