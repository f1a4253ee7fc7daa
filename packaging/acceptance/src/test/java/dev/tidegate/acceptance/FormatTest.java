package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every Java file is formatted by google-java-format. {@code -Dtidegate.format=write} formats
 * instead of complaining.
 */
class FormatTest {
  @Test
  void everySourceFileIsFormatted() throws Exception {
    boolean write = "write".equals(System.getProperty("tidegate.format"));
    List<Path> wrong = new ArrayList<>();
    for (Path file : Repository.files(Repository.ROOT, ".java")) {
      String source = Files.readString(file);
      String formatted = format(source);
      if (!source.equals(formatted)) {
        if (write) {
          Files.writeString(file, formatted);
        } else {
          wrong.add(Repository.ROOT.relativize(file));
        }
      }
    }
    assertEquals(
        List.of(),
        wrong,
        "not formatted; mend with: mvn verify -Dtidegate.format=write"
            + " -Dtest=FormatTest -Dsurefire.failIfNoSpecifiedTests=false");
  }

  /** Without this a formatter that changes nothing would pass everything. */
  @Test
  void aBadlyFormattedFileIsNoticed() throws Exception {
    String bad = "class  A { int b ; }\n";
    assertNotEquals(bad, format(bad));
  }

  private static String format(String source) throws Exception {
    String ordered =
        ImportOrderer.reorderImports(
            RemoveUnusedImports.removeUnusedImports(source), JavaFormatterOptions.Style.GOOGLE);
    return new Formatter().formatSource(ordered);
  }
}
