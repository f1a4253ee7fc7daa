package dev.tidegate.config.yaml;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;

/**
 * Makes the tree out of the library's events. Events, not the library's own tree, for two reasons:
 *
 * <ul>
 *   <li>Depth. The library's composer recurses once per level and overflows the stack at 100,000
 *       brackets; its parser keeps its own stack and hands out one event at a time, so reading
 *       stops at the 33rd level with no second, less exact YAML scanner ahead of it.
 *   <li>Aliases. In the library's tree an alias is the node that it stands for; as an event it has
 *       a place. An alias is never followed here, so no file grows while it is read.
 * </ul>
 *
 * Used once, by one thread.
 */
final class TreeReader {
  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setLabel("").setParseComments(false).build();
  private static final CoreScalarResolver CORE = new CoreScalarResolver(false);

  private final String text;
  private final Findings findings;
  private final Iterator<Event> events;
  private @Nullable Place firstAlias;
  private String firstAliasWord = "";
  private int aliases;
  private int values;

  /** Ends the reading: what is wrong was noted. */
  private static final class Stop extends Exception {
    private static final long serialVersionUID = 1;

    Stop() {
      super(null, null, false, false);
    }
  }

  TreeReader(String text, Findings findings) {
    this.text = text;
    this.findings = findings;
    this.events = new Parse(SETTINGS).parseString(text).iterator();
  }

  @Nullable Node read() {
    Node root = null;
    try {
      root = document();
    } catch (MarkedYamlEngineException e) {
      findings.add(place(e.getProblemMark()), "not YAML: " + because(e));
    } catch (ReaderException e) {
      String wrong = String.format("character U+%04X is not allowed", e.getCodePoint());
      findings.add(SourceText.after(text, e.getPosition()), wrong, "text that can be read");
    } catch (YamlEngineException e) {
      findings.add(Place.START, "not YAML: " + firstLine(String.valueOf(e.getMessage())));
    } catch (Stop e) {
      root = null;
    }
    if (firstAlias != null) {
      String more = aliases == 1 ? "" : " (and " + (aliases - 1) + " more in this file)";
      findings.add(
          firstAlias,
          "anchors and aliases are not taken: " + Problem.quote(firstAliasWord) + more,
          "the value itself, written out");
    }
    return root;
  }

  private @Nullable Node document() throws Stop {
    Node root = null;
    while (events.hasNext()) {
      Event event = events.next();
      switch (event.getEventId()) {
        case DocumentStart -> {
          Place start = place(event.getStartMark());
          if (root != null) {
            findings.add(start, "a second document starts here", "one document in one file");
            throw new Stop();
          }
          checkVersion((DocumentStartEvent) event, start);
          root = node(events.next(), 1);
        }
        case StreamStart, StreamEnd, DocumentEnd, Comment -> {}
        case Alias, Scalar, SequenceStart, SequenceEnd, MappingStart, MappingEnd ->
            throw new IllegalStateException(
                "the YAML library gave " + event + " between documents");
      }
    }
    if (root == null || (root instanceof Node.Scalar s && s.type() == Node.Type.NOTHING)) {
      findings.add(Place.START, "the file is empty");
      return null;
    }
    return root;
  }

  private void checkVersion(DocumentStartEvent start, Place place) {
    start
        .getSpecVersion()
        .filter(v -> v.getMajor() != 1 || v.getMinor() != 2)
        .ifPresent(
            v -> {
              String version = v.getMajor() + "." + v.getMinor();
              findings.add(place, "this says that it is YAML " + version, "YAML 1.2");
            });
  }

  private Node node(Event event, int depth) throws Stop {
    Place place = place(event.getStartMark());
    if (++values > YamlFile.MAX_VALUES) {
      findings.add(place, "too many values", "at most " + YamlFile.MAX_VALUES + " in one file");
      throw new Stop();
    }
    if (findings.isFull()) {
      throw new Stop();
    }
    if (event instanceof NodeEvent node) {
      node.getAnchor().ifPresent(a -> noteAlias(place, event instanceof AliasEvent ? "*" : "&", a));
    }
    if (event instanceof CollectionStartEvent collection) {
      checkTag(collection.getTag(), place);
      if (depth > YamlFile.MAX_DEPTH) {
        findings.add(place, "nested too deep", "at most " + YamlFile.MAX_DEPTH + " levels");
        throw new Stop();
      }
    }
    return switch (event.getEventId()) {
      case Scalar -> {
        ScalarEvent scalar = (ScalarEvent) event;
        checkTag(scalar.getTag(), place);
        yield new Node.Scalar(place, scalar.getValue(), type(scalar));
      }
      case SequenceStart -> sequence(place, depth);
      case MappingStart -> mapping(place, depth);
      case Alias -> new Node.Unread(place);
      case StreamStart, StreamEnd, DocumentStart, DocumentEnd, SequenceEnd, MappingEnd, Comment ->
          throw new IllegalStateException("the YAML library gave " + event + " for a value");
    };
  }

  private Node sequence(Place place, int depth) throws Stop {
    List<Node> items = new ArrayList<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      items.add(node(event, depth + 1));
    }
    return new Node.Sequence(place, items);
  }

  private Node mapping(Place place, int depth) throws Stop {
    Map<String, Node.Field> fields = new LinkedHashMap<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      Node key = node(event, depth + 1);
      Node value = node(events.next(), depth + 1);
      if (key instanceof Node.Scalar merge && merge.text().equals("<<")) {
        findings.add(key.place(), "merge keys ('<<') are not taken", "the keys, written out");
      } else if (key instanceof Node.Scalar word && word.type() == Node.Type.TEXT) {
        Node.Field earlier = fields.putIfAbsent(word.text(), new Node.Field(word.place(), value));
        if (earlier != null) {
          String first = " stands in line " + earlier.place().line() + " already";
          findings.add(word.place(), "duplicate key: " + Problem.quote(word.text()) + first);
        }
      } else if (!(key instanceof Node.Unread)) {
        findings.add(key.place(), "this key is " + describe(key), "a word");
      }
    }
    return new Node.Mapping(place, fields);
  }

  private static String describe(Node key) {
    return switch (key) {
      case Node.Scalar s when s.type() == Node.Type.NOTHING -> "empty";
      case Node.Scalar s -> Problem.plain(s.text()) + ", no text";
      case Node.Sequence s -> "a list";
      case Node.Mapping m -> "a mapping";
      case Node.Unread u -> "an alias";
    };
  }

  private void noteAlias(Place place, String sign, Anchor anchor) {
    aliases++;
    if (firstAlias == null) {
      firstAlias = place;
      firstAliasWord = sign + anchor.getValue();
    }
  }

  private void checkTag(Optional<String> tag, Place place) {
    tag.ifPresent(
        t -> findings.add(place, "tags are not taken: " + Problem.quote(t), "the value alone"));
  }

  private static Node.Type type(ScalarEvent scalar) {
    if (!scalar.isPlain()) {
      return Node.Type.TEXT;
    }
    Tag tag = CORE.resolve(scalar.getValue(), true);
    if (tag.equals(Tag.INT)) {
      return Node.Type.WHOLE;
    } else if (tag.equals(Tag.FLOAT)) {
      return Node.Type.REAL;
    } else if (tag.equals(Tag.BOOL)) {
      return Node.Type.FLAG;
    }
    return tag.equals(Tag.NULL) ? Node.Type.NOTHING : Node.Type.TEXT;
  }

  /** The library's context and problem, for example "while scanning …, could not find …". */
  private static String because(MarkedYamlEngineException e) {
    String context = e.getContext() == null ? "" : e.getContext() + ", ";
    return firstLine(context + e.getProblem());
  }

  private static String firstLine(String message) {
    String line = message.lines().findFirst().orElse("");
    StringBuilder safe = new StringBuilder();
    line.codePoints()
        .limit(160)
        .forEach(c -> safe.appendCodePoint(Problem.isPrintable(c) ? c : '?'));
    return safe.toString();
  }

  private static Place place(Optional<Mark> mark) {
    return mark.map(m -> new Place(m.getLine() + 1, m.getColumn() + 1)).orElse(Place.START);
  }
}
