package dev.tidegate.config.kind;

import dev.tidegate.config.ModelConfig.Bundle;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import dev.tidegate.config.yaml.Problem;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The kinds whose values are words: texts and what is made of them, choices, true and false. */
public final class Words {
  /** The id of a device, a point, a window or a model. */
  public static final Text ID =
      new Text(
          PointId.PART.pattern(),
          64,
          "1 to 64 lower-case letters, digits, '.', '_' or '-', the first a letter or digit");

  /** A name towards the cloud: goes into topics as it is. */
  public static final Text NAME =
      new Text("[A-Za-z0-9._-]{1,64}", 64, "1 to 64 letters, digits, '.', '_' or '-'");

  public static final Text ANY = new Text("[^\\x00]+", 1024, "a text");

  public static final Single<Path> PATH =
      new Made<>(
          new Text(
              "[^\\x00]+", 1024, "a file or folder; relative ones start at this file's folder"),
          (text, findings) -> path(text, findings.folder()));

  public static final Single<Unit> UNIT =
      new Made<>(
          new Text(".{1,64}", 64, "a UCUM unit, for example Cel, l/min, kW.h or %"),
          (text, findings) -> Unit.of(text));

  public static final Single<Bundle> BUNDLE =
      new Made<>(
          new Text(
              "builtin:[a-z0-9-]{1,64}|(?!builtin:)[^\\x00]+",
              1024,
              "the folder of a model bundle, or builtin:<name>"),
          (text, findings) ->
              text.startsWith("builtin:")
                  ? new Bundle.Builtin(text.substring("builtin:".length()))
                  : new Bundle.Folder(path(text, findings.folder())));

  public static final Single<URI> BROKER =
      new Made<>(
          new Text("mqtts?://[^/?#@\\s]+", 300, "mqtt://host:port or mqtts://host:port"),
          (text, findings) -> broker(text));

  private Words() {}

  private static Path path(String text, Path folder) {
    try {
      return folder.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("no file can be called so", e);
    }
  }

  /** With the port that was left out: IANA's 1883 for mqtt, 8883 for mqtts. */
  private static URI broker(String text) {
    try {
      URI uri = new URI(text);
      if (uri.getHost() == null || uri.getPort() > 65_535 || uri.getPort() == 0) {
        throw new IllegalArgumentException("there is no host, or no such port");
      }
      int standard = uri.getScheme().equals("mqtts") ? 8883 : 1883;
      int port = uri.getPort() < 0 ? standard : uri.getPort();
      return new URI(uri.getScheme(), null, uri.getHost(), port, null, null, null);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("there is no host, or no such port", e);
    }
  }

  /** A text of a certain form. */
  public static final class Text extends Single<String> {
    private final Pattern pattern;
    private final int maxLength;
    private final String expected;

    /**
     * @param pattern what the whole text matches, in what Java's and JavaScript's patterns share
     */
    public Text(String pattern, int maxLength, String expected) {
      this.pattern = Pattern.compile(pattern);
      this.maxLength = maxLength;
      this.expected = expected;
    }

    @Override
    @Nullable String take(String name, Node.Scalar scalar, Findings findings) {
      if (scalar.type() != Node.Type.TEXT) {
        String type = scalar.type() == Node.Type.FLAG ? "true or false" : "a number";
        String quoted = "a text, which it is in quotes: \"" + Problem.plain(scalar.text()) + "\"";
        findings.add(scalar.place(), is(name, scalar) + ", to YAML " + type, quoted);
        return null;
      }
      return matches(scalar.text()) ? scalar.text() : misfit(name, scalar, findings);
    }

    public boolean matches(String text) {
      return text.length() <= maxLength && pattern.matcher(text).matches();
    }

    @Override
    public String expected() {
      return expected;
    }

    @Override
    public Map<String, Object> schema() {
      Map<String, Object> schema = new LinkedHashMap<>();
      schema.put("type", "string");
      schema.put("maxLength", maxLength);
      schema.put("pattern", "^(?:" + pattern.pattern() + ")$");
      return schema;
    }
  }

  /**
   * Something made of a text.
   *
   * @param <T> what is made; the maker throws IllegalArgumentException, saying why it cannot
   */
  public static final class Made<T> extends Single<T> {
    private final Text text;
    private final BiFunction<String, Findings, T> maker;

    public Made(Text text, BiFunction<String, Findings, T> maker) {
      this.text = text;
      this.maker = maker;
    }

    @Override
    @Nullable T take(String name, Node.Scalar scalar, Findings findings) {
      String word = text.take(name, scalar, findings);
      if (word == null) {
        return null;
      }
      try {
        return maker.apply(word, findings);
      } catch (IllegalArgumentException e) {
        String why = String.valueOf(e.getMessage());
        boolean saysWhatWasMeant = why.endsWith("?");
        findings.add(
            scalar.place(), "'" + name + "': " + why, saysWhatWasMeant ? null : expected(), null);
        return null;
      }
    }

    @Override
    public String expected() {
      return text.expected();
    }

    @Override
    public Map<String, Object> schema() {
      return text.schema();
    }
  }

  /**
   * One of a few words.
   *
   * @param <T> what the words stand for
   */
  public static final class Choice<T> extends Single<T> {
    private final Map<String, T> words;

    public Choice(Map<String, T> words) {
      if (words.isEmpty()) {
        throw new IllegalArgumentException("a choice without words");
      }
      this.words = new LinkedHashMap<>(words);
    }

    /** Words that stand for themselves. */
    public static Choice<String> of(List<String> words) {
      Map<String, String> same = new LinkedHashMap<>();
      words.forEach(w -> same.put(w, w));
      return new Choice<>(same);
    }

    /** The constants of an enum, in lower case. */
    public static <E extends Enum<E>> Choice<E> of(Class<E> type) {
      return of(EnumSet.allOf(type));
    }

    /** Some constants of an enum, in lower case. */
    public static <E extends Enum<E>> Choice<E> of(EnumSet<E> constants) {
      Map<String, E> words = new LinkedHashMap<>();
      for (E constant : constants) {
        words.put(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant);
      }
      return new Choice<>(words);
    }

    @Override
    @Nullable T take(String name, Node.Scalar scalar, Findings findings) {
      T meant = scalar.type() == Node.Type.TEXT ? words.get(scalar.text()) : null;
      if (meant == null) {
        String near = findings.nearest(scalar.text(), words.keySet());
        findings.add(scalar.place(), is(name, scalar), expected(), near);
      }
      return meant;
    }

    @Override
    public String expected() {
      List<String> all = new ArrayList<>(words.keySet());
      String last = all.removeLast();
      return all.isEmpty() ? last : String.join(", ", all) + " or " + last;
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("enum", List.copyOf(words.keySet()));
    }
  }

  /** true or false. */
  public static final class Flag extends Single<Boolean> {
    @Override
    @Nullable Boolean take(String name, Node.Scalar scalar, Findings findings) {
      return scalar.type() == Node.Type.FLAG
          ? Boolean.valueOf(scalar.text())
          : misfit(name, scalar, findings);
    }

    @Override
    public Node.Type type() {
      return Node.Type.FLAG;
    }

    @Override
    public String expected() {
      return "true or false";
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("type", "boolean");
    }
  }
}
