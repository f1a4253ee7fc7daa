package dev.tidegate.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that is being tested. */
final class Repository {
  /** The folder of the root pom. */
  static final Path ROOT = Path.of(System.getProperty("tidegate.root", "../..")).normalize();

  /** Public recordings that only measure the product; not part of it, often absent. */
  static final Path DATA = ROOT.resolve("../shared/data");

  private Repository() {}

  /** Every regular file below {@code folder} with that ending, build output left out, sorted. */
  static List<Path> files(Path folder, String ending) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(p -> p.toString().endsWith(ending))
          .filter(p -> !p.toString().contains("/target/") && !p.toString().contains("/.git/"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Compares a golden text file, or writes it with {@code -Dtidegate.golden=write}. */
  static void golden(Path file, String actual) throws IOException {
    if ("write".equals(System.getProperty("tidegate.golden"))) {
      Files.writeString(file, actual);
    }
    String expected = Files.exists(file) ? Files.readString(file) : "";
    org.junit.jupiter.api.Assertions.assertEquals(
        expected,
        actual,
        () ->
            ROOT.relativize(file)
                + " is out of date: run 'mvn verify -Dtidegate.golden=write' and look at the"
                + " difference");
  }
}
