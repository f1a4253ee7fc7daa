package dev.tidegate.config.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidegate.config.yaml.Problem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One folder per case under {@code src/test/resources/config}: {@code gateway.yaml} goes in, {@code
 * expected.txt} comes out, every line of it.
 */
class ConfigCasesTest {
  static List<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(folder("."))) {
      return folders.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  static Path folder(String name) {
    URI root = URI.create(ConfigCasesTest.class.getResource("/config/empty").toString());
    return Path.of(root).resolveSibling(name);
  }

  // Without it: a complaint gets lost, moves, or loses its suggestion, and nobody notices.
  @ParameterizedTest
  @MethodSource("cases")
  void saysAllThatIsWrongAndNothingElse(String name) throws IOException {
    Path file = folder(name).resolve("gateway.yaml");
    String said =
        switch (ConfigLoader.load(file, ProbeDriver.all())) {
          case LoadResult.Loaded loaded -> "loaded\n" + lines(loaded.warnings());
          case LoadResult.Refused refused -> lines(refused.problems());
        };
    if ("write".equals(System.getProperty("tidegate.golden"))) {
      Files.writeString(Path.of("src", "test", "resources", "config", name, "expected.txt"), said);
      return;
    }
    assertEquals(Files.readString(folder(name).resolve("expected.txt")), said);
  }

  private static String lines(List<Problem> problems) {
    return problems.stream()
        .map(p -> "gateway.yaml:" + p.line() + ":" + p.column() + ": " + p.message() + "\n")
        .collect(Collectors.joining());
  }
}
