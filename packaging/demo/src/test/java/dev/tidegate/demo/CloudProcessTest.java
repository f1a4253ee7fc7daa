package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Lane;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cloud side as a process: the witness outside the crash domain. */
final class CloudProcessTest {
  @TempDir Path folder;

  /** A cloud side that runs, and what it has said. */
  private static final class Running {
    final Process process;
    final List<String> lines = new CopyOnWriteArrayList<>();
    private final BlockingQueue<String> ready = new LinkedBlockingQueue<>();

    Running(TestBroker broker, Path store) throws IOException, InterruptedException {
      process =
          new ProcessBuilder(
                  TestBroker.java(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Cloud.class.getName(),
                  "--broker",
                  broker.uri().toString(),
                  "--store",
                  store.toString())
              .redirectErrorStream(true)
              .start();
      Thread.ofPlatform().daemon(true).start(this::listen);
      assertEquals("ready", ready.poll(60, TimeUnit.SECONDS));
    }

    private void listen() {
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        String line = out.readLine();
        while (line != null) {
          lines.add(line);
          if (line.equals("ready")) {
            ready.add(line);
          }
          line = out.readLine();
        }
      } catch (IOException e) {
        lines.add("broke off: " + e);
      }
      ready.add("end");
    }

    int end() throws IOException, InterruptedException {
      process.getOutputStream().close();
      awaitEnd();
      return process.exitValue();
    }

    /** Until it has ended, and all that it said is in {@link #lines}. */
    void awaitEnd() throws InterruptedException {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the cloud side does not end");
      assertEquals("end", ready.poll(60, TimeUnit.SECONDS));
    }
  }

  /** Without it, a kill test could trust a witness that forgets. */
  @Test
  void whatAKilledCloudSideAcknowledgedIsInItsStoreAndTheRestComesAgain() throws Exception {
    Path store = folder.resolve("store");
    try (TestBroker broker =
            TestBroker.start(
                TestBroker.Kind.EMBEDDED, Files.createDirectories(folder.resolve("broker")));
        Rig rig = new Rig(folder.resolve("gateway"))) {
      Running first = new Running(broker, store);
      rig.connect(Rig.quick(broker.uri()));
      rig.rounds(10);
      rig.await(
          "some deliveries, readings among them",
          () ->
              rig.account().delivered() >= 10 && rig.buffer.account().of(Lane.RAW).delivered() > 0);
      first.process.destroyForcibly();
      first.awaitEnd();
      rig.rounds(10);
      long delivered = rig.account().delivered();
      assertTrue(CloudStore.read(store).size() >= delivered, "acknowledged is stored");
      assertTrue(
          first.lines.stream().anyMatch(l -> l.matches("stored g1 raw \\d+ \\d+")),
          first.lines::toString);
      Running second = new Running(broker, store);
      try {
        rig.awaitEmpty();
      } finally {
        assertEquals(0, second.end());
      }
      assertTrue(second.lines.contains("summary raw 40"), second.lines::toString);
      assertTrue(second.lines.contains("summary alarms 20"), second.lines::toString);
      assertEquals(40, CloudStore.read(store).stream().filter(s -> s.lane() == Lane.RAW).count());
      assertEquals(rig.account().accepted(), rig.account().delivered());
    }
  }
}
