package dev.tidegate.demo;

import dev.tidegate.sync.Sync;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Measures, by hand: how fast a backlog of single-record frames reaches a cloud side that keeps it
 * in memory, and how long a reconnect takes after a cut. {@code SyncSpeed [FRAMES]}.
 */
final class SyncSpeed {
  private SyncSpeed() {}

  public static void main(String[] args) throws Exception {
    int frames = args.length == 0 ? 5_000 : Integer.parseInt(args[0]);
    for (TestBroker.Kind kind : TestBroker.Kind.available().toList()) {
      Path folder = Files.createTempDirectory("sync-speed");
      try (TestBroker broker = TestBroker.start(kind, folder);
          SlowWire wire = new SlowWire(broker.port());
          CloudStore store = CloudStore.inMemory();
          CloudSide cloud = CloudSide.start(broker.uri(), "tg/+/+", store);
          Rig rig = new Rig(folder.resolve("gateway"))) {
        cloud.awaitConnected(Long.MAX_VALUE);
        for (int i = 0; i < frames; i++) {
          rig.alarm((double) i);
        }
        long start = rig.clock.monotonicNanos();
        Sync sync = rig.connect(Rig.quick(broker.uri()));
        rig.await("a connection", () -> sync.status().online());
        long up = rig.clock.monotonicNanos();
        rig.awaitEmpty();
        long end = rig.clock.monotonicNanos();
        System.out.printf(
            "%s: connected in %d ms; %d frames in %d ms: %.0f frames/s, acknowledged%n",
            kind,
            (up - start) / 1_000_000,
            frames,
            (end - up) / 1_000_000,
            frames * 1e9 / (end - up));
        rig.disconnect();
        Sync second = rig.connect(Rig.quick(wire.uri()));
        rig.await("a connection", () -> second.status().online());
        for (int i = 0; i < 5; i++) {
          long lost = rig.counters.value("sync.connections-lost");
          wire.cutAfter(1);
          rig.alarm((double) i);
          rig.await("the cut", () -> rig.counters.value("sync.connections-lost") > lost);
          long cut = rig.clock.monotonicNanos();
          rig.await("a connection", () -> second.status().online());
          System.out.printf(
              "%s: back %d ms after a cut%n", kind, (rig.clock.monotonicNanos() - cut) / 1_000_000);
          rig.awaitEmpty();
        }
      }
    }
    System.exit(0);
  }
}
