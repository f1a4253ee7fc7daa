package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Withheld;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.link.Filter;
import dev.tidegate.sync.link.LinkEvent;
import dev.tidegate.sync.link.MqttLink;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.sync.link.Pulse;
import dev.tidegate.sync.sparkplug.BirthCount;
import dev.tidegate.sync.sparkplug.SparkplugBinding;
import dev.tidegate.testkit.ManualClock;
import dev.tidegate.time.TimeQuality;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Sparkplug leaves to time: when data count as delivered, and a host that is away. */
final class SparkplugWaitsTest {
  private static final long SECOND = Workbench.SECOND;
  private static final int KEEP_ALIVE = 30;

  private final ManualClock clock = new ManualClock();

  @TempDir Path folder;

  private Binding sparkplug(String epoch, @Nullable String host, boolean acknowledged) {
    return new SparkplugBinding(
        new FarSide.SparkplugB("plant", host, acknowledged),
        new GatewayConfig(
            Workbench.GATEWAY,
            folder,
            List.of(),
            List.of(),
            List.of(),
            BufferConfig.defaults(),
            null),
        epoch,
        "boot",
        new BirthCount(folder),
        clock);
  }

  private static SyncConfig config(URI broker) {
    return Workbench.config(broker, 16, 3_600 * SECOND, SECOND, 300 * SECOND);
  }

  /** A link that takes everything and says nothing. */
  private static final class Mute implements MqttLink {
    final List<Long> published = new ArrayList<>();

    @Override
    public void connect() {}

    @Override
    public void subscribe(List<Filter> filters) {}

    @Override
    public void publish(long id, Outgoing message) {
      published.add(id);
    }

    @Override
    public void acknowledge(LinkEvent.Receipt receipt) {}

    @Override
    public void probe() {}

    @Override
    public Pulse pulse() {
      throw new UnsupportedOperationException("nothing is read from it");
    }

    @Override
    public void close(Parting parting) {}
  }

  private Session session(Workbench bench, Mute link, boolean acknowledged) {
    Binding binding = sparkplug(bench.buffer.epoch(), null, acknowledged);
    binding.begin();
    return new Session(
        config(URI.create("mqtt://127.0.0.1:1")),
        new LinkEvent.Up(link, 65_535, Long.MAX_VALUE, 2, KEEP_ALIVE),
        binding,
        bench.buffer,
        new Tally(bench.counters),
        new Troubles(bench.faults),
        new Pace(SyncConfig.UNLIMITED),
        new LaneGate(Map.of(), clock.monotonicNanos()),
        binding.impliedNanos(KEEP_ALIVE),
        clock.monotonicNanos());
  }

  /** Without it, a frame of which nothing may leave would have no message that settles it. */
  @Test
  void aFrameThatWasWithheldIsOneMessageWithoutAMetricOfIts() {
    String epoch = "00112233445566778899aabbccddeeff";
    String boot = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";
    Entry reading = new Entry.Measured(Reading.good(new PointId("pump/flow"), 1, 2));
    byte[] bytes =
        new FrameCodec(Workbench.GATEWAY, epoch, boot)
            .encode(
                Lane.RAW,
                8,
                new FrameCodec.Stamp(0, TimeQuality.SYNCHRONISED),
                List.of(Withheld.of(reading)),
                0)
            .bytes();
    for (boolean acknowledged : new boolean[] {true, false}) {
      Binding binding = sparkplug(epoch, null, acknowledged);
      binding.begin();
      List<Outgoing> messages = binding.pack(new Outbound(epoch, Lane.RAW, 8, 8, bytes), true);
      assertEquals(1, messages.size());
      assertTrue(messages.getFirst().topic().contains("/NDATA/"));
      String said = new String(messages.getFirst().payload(), StandardCharsets.ISO_8859_1);
      assertFalse(said.contains("withheld"), said);
    }
  }

  /** Without it, what a link that is dead has swallowed would be forgotten, or nothing ever. */
  @Test
  void whatStandsForThreeAndAHalfKeepAlivesCountsAsDelivered() throws Exception {
    try (Workbench bench = new Workbench(folder, clock, config(URI.create("mqtt://127.0.0.1:1")))) {
      Mute link = new Mute();
      Session session = session(bench, link, false);
      bench.alarms(3);
      session.send(clock.monotonicNanos());
      long frames = bench.count("published");
      assertTrue(frames >= 3 && frames <= link.published.size(), "sent: " + frames);
      long open = link.published.getLast();
      long written = clock.monotonicNanos();
      link.published.stream()
          .filter(id -> id != open)
          .forEach(id -> session.pubAck(id, 0, written));
      clock.advance(KEEP_ALIVE * SECOND * 34 / 10);
      session.send(clock.monotonicNanos());
      assertEquals(0, bench.count("acked-frames"), "after 3.4 keep-alives");
      clock.advance(KEEP_ALIVE * SECOND * 2 / 10);
      session.send(clock.monotonicNanos());
      assertEquals(frames - 1, bench.count("acked-frames"), "after 3.6, but what was not written");
      session.pubAck(open, 0, clock.monotonicNanos());
      clock.advance(KEEP_ALIVE * SECOND * 36 / 10);
      session.send(clock.monotonicNanos());
      assertEquals(frames, bench.count("acked-frames"));
    }
  }

  /** The control: a host that says what it has stored is waited for. */
  @Test
  void whereTheHostAcknowledgesTimeAloneSettlesNothing() throws Exception {
    try (Workbench bench = new Workbench(folder, clock, config(URI.create("mqtt://127.0.0.1:1")))) {
      Mute link = new Mute();
      Session session = session(bench, link, true);
      bench.alarms(3);
      session.send(clock.monotonicNanos());
      long written = clock.monotonicNanos();
      List.copyOf(link.published).forEach(id -> session.pubAck(id, 0, written));
      clock.advance(KEEP_ALIVE * SECOND * 36 / 10);
      session.send(clock.monotonicNanos());
      assertEquals(0, bench.count("acked-frames"));
    }
  }

  private static void serve(
      ScriptedBroker.Peer peer, LinkedBlockingQueue<ScriptedBroker.Peer> peers) throws IOException {
    peer.accept(0x13, 0x0e, 0x10); // server keep-alive an hour
    byte[] subscribe = peer.read().body();
    peer.raw(0x90, 6, subscribe[0], subscribe[1], 0, 1, 1, 1);
    peers.add(peer);
    while (true) {
      ScriptedBroker.Packet packet = peer.read();
      byte[] body = packet.body();
      if (packet.type() == ScriptedBroker.PUBLISH && (packet.flags() & 6) == 2) {
        int id = 2 + ((body[0] & 255) << 8 | (body[1] & 255));
        peer.raw(0x40, 2, body[id], body[id + 1]);
      }
    }
  }

  private static void state(ScriptedBroker.Peer peer, String json) throws IOException {
    peer.say("spBv1.0/STATE/scada", json.getBytes(StandardCharsets.UTF_8));
  }

  /** For how long the cloud has been away, as a dead man counts it. */
  private long silentNanos(Workbench bench) {
    Sync.Status status = bench.sync.status();
    return status.online() ? 0 : clock.monotonicNanos() - status.sinceNanos();
  }

  /** Without it, a dead man would take a broker for the host behind it, and hold still. */
  @Test
  void aDeadManCountsWhileTheHostIsAwayThoughTheBrokerIsThere() throws Exception {
    LinkedBlockingQueue<ScriptedBroker.Peer> peers = new LinkedBlockingQueue<>();
    try (ScriptedBroker broker = new ScriptedBroker(peer -> serve(peer, peers));
        Workbench bench =
            new Workbench(
                folder, clock, config(broker.uri()), epoch -> sparkplug(epoch, "scada", false))) {
      bench.until("that the host is missed", () -> bench.hasFault("far-side-away"));
      assertFalse(bench.hasFault("disconnected"), "the broker is there");
      clock.advance(100 * SECOND);
      bench.settle();
      assertEquals(100 * SECOND, silentNanos(bench));
      ScriptedBroker.Peer first = peers.take();
      state(first, "{\"online\":true,\"timestamp\":1}");
      bench.until("the host", () -> bench.sync.status().online());
      assertFalse(bench.hasFault("far-side-away"));
      state(first, "{\"online\":false,\"timestamp\":2}");
      bench.until("that it has gone", () -> bench.losses() == 1);
      clock.advance(SECOND);
      bench.until("that the host is missed again", () -> bench.hasFault("far-side-away"));
      clock.advance(50 * SECOND);
      bench.settle();
      assertEquals(2, bench.count("connects"));
      assertEquals(51 * SECOND, silentNanos(bench), "a new connection does not begin it anew");
      state(peers.take(), "{\"online\":true,\"timestamp\":3}");
      bench.until("the host again", () -> silentNanos(bench) == 0);
    }
  }
}
