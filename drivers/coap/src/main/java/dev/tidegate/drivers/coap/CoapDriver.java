package dev.tidegate.drivers.coap;

import static dev.tidegate.driver.Option.Kind.CHOICE;
import static dev.tidegate.driver.Option.Kind.DURATION;
import static dev.tidegate.driver.Option.Kind.FLAG;
import static dev.tidegate.driver.Option.Kind.TEXT;

import dev.tidegate.driver.Complaint;
import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Settings;
import dev.tidegate.drivers.coap.payload.Payload;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonPointer;

/** The {@code coap} driver. Keeps no state; each opened device has its own {@link Client}. */
public final class CoapDriver implements Driver {
  private final Pacing pacing;

  /** For {@link java.util.ServiceLoader}. */
  public CoapDriver() {
    this(Pacing.standard());
  }

  CoapDriver(Pacing pacing) {
    this.pacing = pacing;
  }

  @Override
  public String type() {
    return "coap";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.device(TEXT, "uri", "Where the device answers: coap://host[:port].").must(),
        Option.device(CHOICE, "mode", "Observe the resources (RFC 7641), or poll them.")
            .oneOf("observe", "poll")
            .or("observe"),
        Option.device(FLAG, "confirmable", "Send requests as CON, with retransmission, or as NON.")
            .or("true"),
        Option.device(DURATION, "timeout", "How long one request may take, its blocks included.")
            .within(0.1, 60)
            .or("5s"),
        Option.device(
                CHOICE,
                "acknowledge",
                "Acknowledge a confirmable notification once it is stored, or when received.")
            .oneOf("stored", "received")
            .or("stored"),
        Option.point(TEXT, "resource", "Path on the device; the point's id where left out."),
        Option.point(CHOICE, "format", "How the payload is written; auto: its Content-Format.")
            .oneOf("auto", "text", "json", "cbor", "senml+json", "senml+cbor")
            .or("auto"),
        Option.point(TEXT, "pointer", "JSON pointer (RFC 6901) to the value in JSON or CBOR."),
        Option.point(TEXT, "name", "Name of the SenML record, with or without its base name."));
  }

  @Override
  public List<Complaint> check(DeviceConfig config) {
    List<Complaint> complaints = new ArrayList<>();
    try {
      Peer.of(config.settings().text("uri"));
    } catch (IllegalArgumentException e) {
      complaints.add(new Complaint(null, "uri", String.valueOf(e.getMessage())));
    }
    for (DeviceConfig.Point point : config.points()) {
      check(point, complaints);
    }
    return complaints;
  }

  private static void check(DeviceConfig.Point point, List<Complaint> complaints) {
    Settings settings = point.settings();
    try {
      Resource.of(Resource.pathOf(point), List.of());
    } catch (IllegalArgumentException e) {
      complaints.add(new Complaint(point.id(), "resource", String.valueOf(e.getMessage())));
    }
    String format = settings.text("format");
    if (settings.has("pointer")) {
      try {
        JsonPointer.compile(settings.text("pointer"));
      } catch (IllegalArgumentException _) {
        String message =
            "'" + settings.text("pointer") + "' is no JSON pointer: expected one such as /air/0/v";
        complaints.add(new Complaint(point.id(), "pointer", message));
      }
      if (format.startsWith("senml") || format.equals("text")) {
        String message = "'pointer' is for json and cbor, the format is " + format;
        complaints.add(new Complaint(point.id(), "pointer", message));
      }
    }
    if (settings.has("name")) {
      if (!format.startsWith("senml") && !format.equals("auto")) {
        String message = "'name' is for SenML, the format is " + format;
        complaints.add(new Complaint(point.id(), "name", message));
      } else if (settings.has("pointer")) {
        String message = "'name' is for SenML and 'pointer' for json and cbor: give one of them";
        complaints.add(new Complaint(point.id(), "name", message));
      }
    }
  }

  @Override
  public Device open(DeviceConfig config, DriverContext context) throws DriverException {
    Payload.prepare();
    Settings settings = config.settings();
    Client client =
        Client.open(
            config.id(),
            Peer.of(settings.text("uri")),
            settings.flag("confirmable"),
            settings.nanos("timeout"),
            settings.text("acknowledge").equals("stored"));
    List<Resource> resources = Resource.of(config);
    return settings.text("mode").equals("poll")
        ? new PolledDevice(client, resources, pacing, context.clock())
        : new ObservedDevice(client, resources, pacing, context.clock());
  }
}
