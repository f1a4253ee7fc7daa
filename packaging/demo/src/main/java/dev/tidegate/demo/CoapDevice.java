package dev.tidegate.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.observe.ObserveRelation;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.dataformat.cbor.CBORFactory;
import tools.jackson.dataformat.cbor.CBORGenerator;

/**
 * A small CoAP sensor in a process of its own, as foreign to the gateway as any device on the wall.
 *
 * <pre>
 *   /temperature  text/plain, observable, one CON notification every --every
 *   /air          SenML in CBOR: temperature and humidity, observable likewise
 *   /status       JSON, to be polled
 *   /counter      text/plain, observable: the outside witness of what a gateway has acknowledged
 * </pre>
 *
 * <p><b>The witness.</b> Each notification of {@code /counter} is one larger than the one before,
 * and is sent when the one before has been acknowledged ({@code acked N} on standard output) or
 * given up ({@code gaveup N}: never acknowledged, rejected, or its observer is gone). A new
 * observer takes the place of the old one, and counting goes on. The answer to a registration
 * repeats the last number, and is no notification.
 *
 * <p><b>The signal.</b> A function of the seed and of how many notifications there have been, not
 * of the clock: two runs say the same.
 *
 * <p>Prints {@code ready coap://127.0.0.1:PORT}, answers on loopback alone, and ends when its
 * standard input ends, so that it never outlives its parent. One thread runs the protocol stack and
 * everything here; two more are Californium's socket.
 */
public final class CoapDevice {
  private static final String USAGE =
      """
      usage: CoapDevice [--port N] [--every DURATION] [--seed N]
        --port N          UDP port on 127.0.0.1; 0, the default: one of the system's choice
        --every DURATION  time from one notification to the next, 1ms to 1h; 500ms
        --seed N          seed of the signal; 1
      """;

  /** Kept here, because java.util.logging forgets the level of a logger that nobody holds. */
  private static final Logger CALIFORNIUM = Logger.getLogger("org.eclipse.californium");

  private final PrintStream out;
  private final Duration every;
  private final Signal signal;
  private final ScheduledThreadPoolExecutor worker = new ScheduledThreadPoolExecutor(1);
  private final CoapServer server;
  private final CoapEndpoint endpoint;

  private CoapDevice(int port, Duration every, long seed, PrintStream out) {
    this.out = out;
    this.every = every;
    this.signal = new Signal(seed);
    Configuration config =
        new Configuration(SystemConfig.DEFINITIONS, CoapConfig.DEFINITIONS, UdpConfig.DEFINITIONS);
    config.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1);
    config.set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1);
    config.set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1);
    config.set(UdpConfig.UDP_CONNECTOR_OUT_CAPACITY, 1_024);
    config.set(CoapConfig.MAX_SERVER_OBSERVES, 1_000);
    this.endpoint =
        CoapEndpoint.builder()
            .setConfiguration(config)
            .setInetSocketAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .build();
    this.server = new CoapServer(config);
    server.setExecutors(worker, worker, false);
    server.addEndpoint(endpoint);
  }

  /** Runs until standard input ends. Exit status 2: the arguments are wrong. */
  public static void main(String[] args) throws IOException {
    int port = 0;
    Duration every = Duration.ofMillis(500);
    long seed = 1;
    try {
      for (int i = 0; i < args.length; i += 2) {
        String value = i + 1 < args.length ? args[i + 1] : "";
        switch (args[i]) {
          case "--port" -> port = (int) within(Long.parseLong(value), 0, 65_535);
          case "--every" -> every = duration(value);
          case "--seed" -> seed = Long.parseLong(value);
          default -> throw new IllegalArgumentException("unknown: " + args[i]);
        }
      }
    } catch (IllegalArgumentException e) {
      System.err.print("CoapDevice: " + e.getMessage() + "\n" + USAGE);
      System.exit(2);
    }
    CALIFORNIUM.setLevel(Level.WARNING);
    CoapDevice device = new CoapDevice(port, every, seed, System.out);
    device.run(System.in);
    System.exit(0);
  }

  private static long within(long value, long low, long high) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(value + " is not from " + low + " to " + high);
    }
    return value;
  }

  /** 250ms, 10s, 5m, 1h. */
  private static Duration duration(String text) {
    int unit = 0;
    while (unit < text.length() && Character.isDigit(text.charAt(unit))) {
      unit++;
    }
    long number = Long.parseLong(text.substring(0, unit));
    long millis =
        switch (text.substring(unit)) {
          case "ms" -> number;
          case "s" -> Math.multiplyExact(number, 1_000);
          case "m" -> Math.multiplyExact(number, 60_000);
          case "h" -> Math.multiplyExact(number, 3_600_000);
          default -> throw new IllegalArgumentException("not a duration: '" + text + "'");
        };
    return Duration.ofMillis(within(millis, 1, 3_600_000));
  }

  private void run(InputStream parent) throws IOException {
    Sensor temperature =
        new Sensor("temperature", MediaTypeRegistry.TEXT_PLAIN, () -> text(signal.temperature()));
    Sensor air = new Sensor("air", MediaTypeRegistry.APPLICATION_SENML_CBOR, this::pack);
    Counter counter = new Counter();
    server.add(temperature, air, counter, new Status());
    server.start();
    var _ =
        worker.scheduleAtFixedRate(
            () -> {
              signal.step();
              temperature.changed();
              air.changed();
              counter.tick();
            },
            every.toNanos(),
            every.toNanos(),
            TimeUnit.NANOSECONDS);
    say("ready coap://127.0.0.1:" + endpoint.getAddress().getPort());
    while (parent.read() >= 0) {
      // a parent that writes is still there
    }
    server.destroy();
    worker.shutdownNow();
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }

  /** Long enough to stay fresh from one notification to the next, short enough to notice a loss. */
  private long maxAgeSeconds() {
    return Math.max(2, 1 + 3 * every.toMillis() / 1_000);
  }

  private static byte[] text(double value) {
    return String.format(Locale.ROOT, "%.2f", value).getBytes(UTF_8);
  }

  /** RFC 8428 section 6: labels are integers, here bn -2, n 0, u 1, v 2. */
  private byte[] pack() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (CBORGenerator cbor =
        (CBORGenerator) new CBORFactory().createGenerator(ObjectWriteContext.empty(), bytes)) {
      cbor.writeStartArray(null, 2);
      cbor.writeStartObject(null, 4);
      cbor.writePropertyId(-2);
      cbor.writeString("urn:dev:tidegate:demo:");
      record(cbor, "temperature", "Cel", signal.temperature());
      cbor.writeStartObject(null, 3);
      record(cbor, "humidity", "%RH", signal.humidity());
      cbor.writeEndArray();
    }
    return bytes.toByteArray();
  }

  private static void record(CBORGenerator cbor, String name, String unit, double value) {
    cbor.writePropertyId(0);
    cbor.writeString(name);
    cbor.writePropertyId(1);
    cbor.writeString(unit);
    cbor.writePropertyId(2);
    cbor.writeNumber(value);
    cbor.writeEndObject();
  }

  /** A room whose air warms and cools over ten minutes, with a draught now and then. */
  private static final class Signal {
    private static final double STEPS_A_CYCLE = 1_200;

    private final Random random;
    private long steps;
    private double draught;

    Signal(long seed) {
      this.random = new Random(seed);
    }

    void step() {
      steps++;
      draught = draught * 0.95 + random.nextGaussian() * 0.05;
    }

    /** Degrees Celsius. */
    double temperature() {
      return 21 + 2 * Math.sin(2 * Math.PI * steps / STEPS_A_CYCLE) + draught;
    }

    /** Per cent relative: the same water in warmer air. */
    double humidity() {
      return 55 - 3 * (temperature() - 21);
    }

    long steps() {
      return steps;
    }
  }

  /** One quantity, told to whoever observes it. */
  private final class Sensor extends CoapResource {
    private final int contentFormat;
    private final Supplier<byte[]> payload;

    Sensor(String name, int contentFormat, Supplier<byte[]> payload) {
      super(name);
      this.contentFormat = contentFormat;
      this.payload = payload;
      setObservable(true);
      setObserveType(CoAP.Type.CON);
    }

    @Override
    public void handleGET(CoapExchange exchange) {
      exchange.setMaxAge(maxAgeSeconds());
      exchange.respond(CoAP.ResponseCode.CONTENT, payload.get(), contentFormat);
    }
  }

  /** What a service engineer asks for. */
  private final class Status extends CoapResource {
    Status() {
      super("status");
    }

    @Override
    public void handleGET(CoapExchange exchange) {
      exchange.respond(
          CoAP.ResponseCode.CONTENT,
          String.format(
              Locale.ROOT,
              "{\"steps\":%d,\"fan\":{\"on\":%b,\"rpm\":%d},\"air\":{\"temperature\":%.2f}}",
              signal.steps(),
              signal.temperature() > 22,
              signal.temperature() > 22 ? 1_200 : 0,
              signal.temperature()),
          MediaTypeRegistry.APPLICATION_JSON);
    }
  }

  /** Counts what is acknowledged. Owned by the worker thread. */
  private final class Counter extends CoapResource {
    private long issued;
    private boolean pending;
    private @Nullable ObserveRelation observer;

    Counter() {
      super("counter");
      setObservable(true);
      setObserveType(CoAP.Type.CON);
    }

    void tick() {
      if (pending && getObserverCount() == 0) {
        settle(issued, false);
      }
      if (!pending && getObserverCount() > 0) {
        issued++;
        pending = true;
        changed();
      }
    }

    /** Called when a registration is accepted, before it is answered. */
    @Override
    public void addObserveRelation(ObserveRelation relation) {
      super.addObserveRelation(relation);
      ObserveRelation former = observer;
      observer = relation;
      if (former != null) {
        former.cancel();
      }
      settle(issued, false);
    }

    @Override
    public void handleGET(CoapExchange exchange) {
      Response response = new Response(CoAP.ResponseCode.CONTENT);
      response.setPayload(Long.toString(issued));
      response.getOptions().setContentFormat(MediaTypeRegistry.TEXT_PLAIN);
      response.getOptions().setMaxAge(maxAgeSeconds());
      ObserveRelation relation = exchange.advanced().getRelation();
      if (relation != null && relation.isEstablished()) {
        response.addMessageObserver(new Witness(issued));
      }
      exchange.respond(response);
    }

    private void settle(long number, boolean acknowledged) {
      if (pending && number == issued) {
        pending = false;
        say((acknowledged ? "acked " : "gaveup ") + number);
      }
    }

    /** Told what became of one notification, on whichever thread finds out. */
    private final class Witness extends MessageObserverAdapter {
      private final long number;

      Witness(long number) {
        this.number = number;
      }

      @Override
      public void onAcknowledgement() {
        worker.execute(() -> settle(number, true));
      }

      @Override
      public void onCancel() {
        worker.execute(() -> settle(number, false));
      }

      @Override
      protected void failed() {
        worker.execute(() -> settle(number, false));
      }
    }
  }
}
