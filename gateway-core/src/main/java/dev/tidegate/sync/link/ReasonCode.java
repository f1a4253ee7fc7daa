package dev.tidegate.sync.link;

import java.util.List;

/** MQTT 5 reason codes (2.4) in words. */
public final class ReasonCode {
  /** From here on a reason code means failure. */
  public static final int FAILURE = 0x80;

  /** The server took the publish, and nobody is subscribed to it. */
  public static final int NO_MATCHING_SUBSCRIBERS = 0x10;

  /** Unavailable, busy, rate and quota exceeded (2.4). */
  private static final List<Integer> BUSY = List.of(0x88, 0x89, 0x96, 0x97, 0x9F);

  private ReasonCode() {}

  /** Whether a reason in words says that the server has too much to do. */
  public static boolean isBusy(String reason) {
    return BUSY.stream().anyMatch(code -> reason.contains(name(code)));
  }

  /** The code's name in the standard, and its number. */
  public static String name(int code) {
    String name =
        switch (code) {
          case 0x00 -> "success";
          case 0x10 -> "no matching subscribers";
          case 0x80 -> "unspecified error";
          case 0x81 -> "malformed packet";
          case 0x82 -> "protocol error";
          case 0x83 -> "implementation specific error";
          case 0x84 -> "unsupported protocol version";
          case 0x85 -> "client identifier not valid";
          case 0x86 -> "bad user name or password";
          case 0x87 -> "not authorized";
          case 0x88 -> "server unavailable";
          case 0x89 -> "server busy";
          case 0x8A -> "banned";
          case 0x8B -> "server shutting down";
          case 0x8C -> "bad authentication method";
          case 0x8D -> "keep alive timeout";
          case 0x8E -> "session taken over: another client uses this gateway's id";
          case 0x8F -> "topic filter invalid";
          case 0x90 -> "topic name invalid";
          case 0x91 -> "packet identifier in use";
          case 0x93 -> "receive maximum exceeded";
          case 0x94 -> "topic alias invalid";
          case 0x95 -> "packet too large";
          case 0x96 -> "message rate too high";
          case 0x97 -> "quota exceeded";
          case 0x98 -> "administrative action";
          case 0x99 -> "payload format invalid";
          case 0x9A -> "retain not supported";
          case 0x9B -> "QoS not supported";
          case 0x9C -> "use another server";
          case 0x9D -> "server moved";
          case 0x9F -> "connection rate exceeded";
          default -> "reason code";
        };
    return "%s (0x%02X)".formatted(name, code);
  }
}
