package dev.tidegate.sync.plain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.flow.Command;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.twin.Document;
import dev.tidegate.twin.Era;
import dev.tidegate.twin.Twin;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What desired documents make a gateway do, and what they do not. */
final class DesiredDocumentsTest {
  private static final String DOWN = "tg/default/g1/down";

  private static PlainBinding start(long run) {
    Twin twin = new Twin(new Era("gateway", run), 1_000_000_000L);
    Topics topics = Topics.of(SyncConfig.to(URI.create("mqtt://localhost")), "g1");
    return new PlainBinding(topics, "g1", "e", twin, Set.of("pump/speed", "valve/set"), Set.of());
  }

  private static List<String> told(PlainBinding binding, Document document, long base) {
    byte[] message =
        StateMessages.write(new StateMessages.State(document.since(base), null, 0, "ops"));
    return binding.read(DOWN, message) instanceof Incoming.Commanded commanded
        ? commanded.commands().stream()
            .map(c -> c.origin() + " " + c.subject() + " " + c.value().asDouble())
            .sorted()
            .toList()
        : List.of();
  }

  private static Document document(String owner, double speed) {
    Document document = new Document(new Era(owner, 1));
    document.set("pump/speed", speed);
    return document;
  }

  /** Without it, a cloud that is started again would start the pumps that a dead man stopped. */
  @Test
  void aCloudThatBeginsAnewWantsNothingThatItWantedBefore() {
    PlainBinding binding = start(1);
    assertEquals(List.of("KEPT pump/speed 1800.0"), told(binding, document("a", 1_800), 0));
    assertEquals(List.of(), told(binding, document("b", 1_800), 0));
    Document other = document("c", 1_800);
    other.set("valve/set", 5.0);
    assertEquals(List.of("KEPT valve/set 5.0"), told(binding, other, 0));
    assertEquals(List.of("KEPT pump/speed 900.0"), told(binding, document("d", 900), 0));
  }

  /** Without it, nobody could start it again. */
  @Test
  void aChangeWithinADocumentIsAWish() {
    PlainBinding binding = start(1);
    Document document = document("a", 1_800);
    told(binding, document, 0);
    long before = document.revision();
    document.set("pump/speed", 0.0);
    document.set("pump/speed", 1_800.0);
    assertEquals(List.of("DESIRED pump/speed 1800.0"), told(binding, document, before));
    assertEquals(List.of(), told(binding, document, before), "it came twice");
  }

  /** Without it, what had no room would pass for known when it comes again. */
  @Test
  void whatWasNotTakenIsWantedAgain() {
    PlainBinding binding = start(1);
    Document document = document("a", 1_800);
    assertEquals(1, told(binding, document, 0).size());
    binding.untaken();
    assertEquals(1, told(binding, document, 0).size());
    assertEquals(0, told(binding, document, 0).size());
  }

  /** Without it, an actuator that lost its value with the power would not get it back. */
  @Test
  void eachStartAsksForWhatIsDesiredUnderAnIdOfItsOwn() {
    Document document = document("a", 1_800);
    byte[] message = StateMessages.write(new StateMessages.State(document.since(0), null, 0, ""));
    List<String> ids =
        LongStream.of(1, 2)
            .mapToObj(run -> (Incoming.Commanded) start(run).read(DOWN, message))
            .map(commanded -> commanded.commands().getFirst())
            .map(Command::id)
            .toList();
    assertEquals(2, Set.copyOf(ids).size());
  }
}
