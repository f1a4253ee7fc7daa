package dev.tidegate.config.kind;

import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import dev.tidegate.config.yaml.Place;
import dev.tidegate.config.yaml.Problem;
import org.jspecify.annotations.Nullable;

/**
 * A kind whose value is neither a list nor a mapping.
 *
 * @param <T> what it is decoded to
 */
public abstract class Single<T> implements Kind<T> {
  /** The value; null when it does not fit, and then the findings say why. Never given NOTHING. */
  abstract @Nullable T take(String name, Node.Scalar scalar, Findings findings);

  /** What a default, written as in the configuration, counts as. */
  public Node.Type type() {
    return Node.Type.TEXT;
  }

  @Override
  public final @Nullable T decode(String name, Node node, Findings findings) {
    if (node instanceof Node.Scalar scalar && scalar.type() != Node.Type.NOTHING) {
      return take(name, scalar, findings);
    }
    return misfit(this, name, node, findings);
  }

  /**
   * The value of a text written as in the configuration, for defaults.
   *
   * @throws IllegalArgumentException when it does not fit: a mistake in the declaration
   */
  final T parse(String name, String text, Findings folder) {
    Findings own = new Findings(folder.folder().resolve("default"));
    T value = decode(name, new Node.Scalar(Place.START, text, type()), own);
    if (value == null) {
      throw new IllegalArgumentException(own.problems().getFirst().message());
    }
    return value;
  }

  /** Notes that the value is not what was expected. */
  final @Nullable T misfit(String name, Node.Scalar scalar, Findings findings) {
    return misfit(this, name, scalar, findings);
  }

  /** Notes that the value is not what the kind expects, unless it was found wrong before. */
  static <T> @Nullable T misfit(Kind<T> kind, String name, Node node, Findings findings) {
    if (node instanceof Node.Unread) {
      findings.passOver();
    } else {
      findings.add(node.place(), is(name, node), kind.expected());
    }
    return null;
  }

  /** "'size' is 10", "'size' is 'ten'": texts, which a number in quotes is one of, are quoted. */
  static String is(String name, Node node) {
    return "'"
        + name
        + switch (node) {
          case Node.Scalar s when s.type() == Node.Type.NOTHING -> "' has no value";
          case Node.Scalar s when s.text().isEmpty() -> "' is empty";
          case Node.Scalar s when s.type() == Node.Type.TEXT -> "' is " + Problem.quote(s.text());
          case Node.Scalar s -> "' is " + Problem.plain(s.text());
          case Node.Sequence s -> "' is a list";
          case Node.Mapping m -> "' is a mapping";
          case Node.Unread u -> "' is an alias";
        };
  }
}
