package dev.tidegate.drivers.coap.payload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Unit;
import dev.tidegate.reading.Value;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each folder of testcases: a payload in, readings and complaints out. */
class TestcasesTest {
  static Stream<Path> cases() throws IOException {
    Path folder = Path.of(System.getProperty("tidegate.root", "."), "drivers/coap/testcases");
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList().stream();
    }
  }

  // Without it what a payload means changes from release to release, unnoticed.
  @ParameterizedTest
  @MethodSource("cases")
  void payloadSaysWhatIsExpected(Path folder) throws IOException {
    Properties input = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.resolve("input.properties"))) {
      input.load(reader);
    }
    String hex = input.getProperty("payload-hex");
    byte[] payload =
        hex == null ? input.getProperty("payload").getBytes(UTF_8) : HexFormat.of().parseHex(hex);
    List<Extract> extracts = new ArrayList<>();
    for (int i = 1; input.containsKey("point." + i); i++) {
      extracts.add(extract(input.getProperty("point." + i)));
    }
    ManualClock clock = new ManualClock();
    Decoded decoded =
        Payload.decode(
            payload,
            Integer.parseInt(input.getProperty("content-format", "-1")),
            extracts,
            clock.monotonicNanos(),
            clock);
    List<String> lines = new ArrayList<>();
    for (Reading reading : decoded.readings()) {
      lines.add(
          "%s %+d %s %s"
              .formatted(
                  reading.point().point(),
                  reading.sourceNanos() - clock.monotonicNanos(),
                  reading.quality(),
                  written(reading.value())));
    }
    decoded.complaints().forEach(complaint -> lines.add("complaint " + complaint));
    assertEquals(
        Files.readString(folder.resolve("expected.txt")).strip(), String.join("\n", lines));
  }

  private static Extract extract(String line) {
    String[] words = line.split(" ", -1);
    Map<String, String> keys = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      keys.put(words[i].substring(0, equals), words[i].substring(equals + 1));
    }
    String unit = keys.get("unit");
    return new Extract(
        PointId.of("plant", words[0]),
        unit == null ? null : Unit.of(unit),
        Format.ofWord(keys.getOrDefault("format", "auto")),
        keys.getOrDefault("pointer", ""),
        keys.get("name"));
  }

  private static String written(Value value) {
    return switch (value) {
      case Value.Real real -> Double.toString(real.value());
      case Value.Whole whole -> whole.value() + " whole";
      case Value.Flag flag -> Boolean.toString(flag.value());
      case Value.Text text -> "'" + text.value() + "'";
    };
  }
}
