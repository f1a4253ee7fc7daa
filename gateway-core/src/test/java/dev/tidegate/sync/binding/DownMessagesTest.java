package dev.tidegate.sync.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.Value;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the far side says, well and badly. */
final class DownMessagesTest {
  private static final String GOOD =
      """
      {"type":"ack","epoch":"e1","extra":{"later":[1]},"acks":[
        {"lane":"raw","first":1,"last":200,"code":200},
        {"lane":"alarms","first":7,"last":7,"code":503,"reason":"disk\\u0000full\\nnow"}]}
      """;

  private static Incoming parse(String json) {
    return DownMessages.read(json.getBytes(StandardCharsets.UTF_8));
  }

  /** Without it, no acknowledgement would ever be understood. */
  @Test
  void acknowledgementsAreRead() {
    assertEquals(
        new Incoming.Acks(
            "e1",
            List.of(
                new Incoming.Ack(Lane.RAW, 1, 200, 200, ""),
                new Incoming.Ack(Lane.ALARMS, 7, 7, 503, "disk full now"))),
        parse(GOOD));
  }

  /** Without it, the far side could not ask for what led to an alarm. */
  @Test
  void requestsAreRead() {
    assertEquals(
        new Incoming.Commanded(
            List.of(
                new Command(
                    "r-1",
                    Command.Action.REPLAY,
                    "raw",
                    Value.of("1970-01-01T00:00:01.5Z/1970-01-01T02:00:00+01:00"),
                    "",
                    Command.Origin.TWIN,
                    Command.NOT_SAID,
                    Command.NOT_SAID))),
        parse(
            "{\"type\":\"replay\",\"id\":\"r-1\",\"lane\":\"raw\","
                + "\"from\":\"1970-01-01T00:00:01.5Z\",\"to\":\"1970-01-01T02:00:00+01:00\"}"));
  }

  private static String replay(String id, String lane, String from, String to) {
    return "{\"type\":\"replay\",\"id\":%s,\"lane\":%s,\"from\":%s,\"to\":%s}"
        .formatted(id, lane, from, to);
  }

  static Stream<String> unreadable() {
    String one = "\"2026-01-01T00:00:00Z\"";
    String two = "\"2026-01-02T00:00:00Z\"";
    String ack = "{\"lane\":\"raw\",\"first\":1,\"last\":2,\"code\":200}";
    String head = "{\"type\":\"ack\",\"epoch\":\"e1\",\"acks\":";
    return Stream.of(
        "",
        "null",
        "[]",
        "\"ack\"",
        "{",
        "\u0000",
        head + "[" + ack + "]} trailing",
        head + "[" + ack + "]}{}",
        "{\"type\":\"ack\"}",
        "{\"type\":\"replay\"}",
        replay("\"\"", "\"raw\"", one, two),
        replay("\"a b\"", "\"raw\"", one, two),
        replay("7", "\"raw\"", one, two),
        replay("\"a\"", "\"cooked\"", one, two),
        replay("\"a\"", "\"raw\"", two, one),
        replay("\"a\"", "\"raw\"", "\"yesterday\"", two),
        replay("\"a\"", "\"raw\"", "\"2026-01-01T00:00:00\"", two),
        replay("\"a\"", "\"raw\"", one, "\"+999999999-01-01T00:00:00Z\""),
        replay("\"a\"", "\"raw\"", "null", two),
        "{\"type\":\"ack\",\"epoch\":7,\"acks\":[]}",
        "{\"type\":\"ack\",\"type\":\"ack\",\"epoch\":\"e1\",\"acks\":[]}",
        "{\"type\":\"reboot\",\"epoch\":\"e1\",\"acks\":[]}",
        head + "{}}",
        head + "[7]}",
        head + "[null]}",
        head + "[" + ack.replace("\"raw\"", "\"cooked\"") + "]}",
        head + "[" + ack.replace("\"raw\"", "1") + "]}",
        head + "[" + ack.replace("\"first\":1", "\"first\":0") + "]}",
        head + "[" + ack.replace("\"first\":1", "\"first\":-1") + "]}",
        head + "[" + ack.replace("\"first\":1", "\"first\":3") + "]}",
        head + "[" + ack.replace("\"first\":1", "\"first\":\"1\"") + "]}",
        head + "[" + ack.replace("\"first\":1", "\"first\":1.5") + "]}",
        head + "[" + ack.replace("\"last\":2", "\"last\":99999999999999999999") + "]}",
        head + "[" + ack.replace("\"last\":2", "\"last\":1e400") + "]}",
        head + "[" + ack.replace("200}", "100}") + "]}",
        head + "[" + ack.replace("200}", "302}") + "]}",
        head + "[" + ack.replace("200}", "600}") + "]}",
        head + "[" + ack.replace("200}", "4294967496}") + "]}",
        head + "[" + ack.replace(",\"code\":200", "") + "]}",
        head + "[" + (ack + ",").repeat(1024) + ack + "]}",
        head + "[".repeat(30_000) + "]".repeat(30_000) + "}",
        "[".repeat(60_000),
        "{\"" + "k".repeat(60_000) + "\":1}");
  }

  /** Without it, a hostile or confused far side could settle, or stop, what it has no say in. */
  @ParameterizedTest
  @MethodSource("unreadable")
  void everythingElseHasNoEffect(String json) {
    assertTimeout(
        Duration.ofSeconds(1), () -> assertInstanceOf(Incoming.Unreadable.class, parse(json)));
  }

  /** Without it, some damaged byte could throw where nobody expects it. */
  @Test
  void damagedMessagesNeverThrow() {
    Random random = new Random(42);
    byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = java.util.Arrays.copyOf(good, 1 + random.nextInt(good.length));
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Incoming read = DownMessages.read(damaged);
      if (read instanceof Incoming.Acks acks) {
        acks.acks().forEach(a -> assertEquals(true, a.first() >= 1 && a.last() >= a.first()));
      }
    }
  }
}
