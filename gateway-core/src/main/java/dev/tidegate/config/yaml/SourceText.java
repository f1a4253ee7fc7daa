package dev.tidegate.config.yaml;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The text of one file, taken only when it is small enough, well-formed UTF-8, and indented with
 * spaces. What is wrong goes to the findings. Keeps no state.
 */
final class SourceText {
  private SourceText() {}

  /** The bytes of the file; null when there is no such file, or it is not to be read. */
  static byte @Nullable [] bytes(Path file, Findings findings) {
    try {
      if (Files.isDirectory(file)) {
        findings.add(Place.START, "this is a folder", "a YAML file");
        return null;
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        findings.add(Place.START, "this is a device or a pipe", "a YAML file");
        return null;
      }
      long size = Files.size(file);
      if (size > YamlFile.MAX_BYTES) {
        tooLarge(size + " bytes long", findings);
        return null;
      }
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(YamlFile.MAX_BYTES + 1); // it may have grown
        if (bytes.length > YamlFile.MAX_BYTES) {
          tooLarge("longer than " + YamlFile.MAX_BYTES + " bytes", findings);
          return null;
        }
        return bytes;
      }
    } catch (NoSuchFileException e) {
      findings.add(Place.START, "no such file");
    } catch (AccessDeniedException e) {
      String user = System.getProperty("user.name", "?");
      findings.add(
          Place.START, "the file cannot be read", "a file that user " + user + " may read");
    } catch (IOException e) {
      findings.add(Place.START, "the file cannot be read: " + Problem.plain(e.toString()));
    }
    return null;
  }

  private static void tooLarge(String how, Findings findings) {
    findings.add(Place.START, "the file is " + how, "at most 256 KiB");
  }

  /** The bytes as text without a byte order mark; null when that cannot be had. */
  static @Nullable String decode(byte[] bytes, Findings findings) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
    String text = out.flip().toString();
    if (text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    findings.lines(text.lines().toList());
    if (result.isError()) {
      String wrong = String.format("byte 0x%02x is no UTF-8", bytes[in.position()] & 0xff);
      findings.add(after(text, text.codePointCount(0, text.length())), wrong, "UTF-8 text");
      return null;
    }
    return indentedWithSpaces(text, findings) ? text : null;
  }

  /** YAML 1.2, chapter 6.1: indentation is made of spaces, tabs are not allowed in it. */
  private static boolean indentedWithSpaces(String text, Findings findings) {
    int before = findings.count();
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      int at = 0;
      int tab = -1;
      while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
        tab = tab < 0 && line.charAt(at) == '\t' ? at : tab;
        at++;
      }
      if (tab >= 0 && at < line.length()) {
        findings.add(new Place(number, tab + 1), "tab in the indentation", "spaces");
      }
    }
    return findings.count() == before;
  }

  /** The place behind the first so many code points. */
  static Place after(String text, int codePoints) {
    int line = 1;
    int column = 1;
    int at = 0;
    for (int i = 0; i < codePoints && at < text.length(); i++) {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      boolean breaks = c == '\n' || (c == '\r' && (at == text.length() || text.charAt(at) != '\n'));
      line += breaks ? 1 : 0;
      column = breaks ? 1 : column + 1;
    }
    return new Place(line, column);
  }
}
