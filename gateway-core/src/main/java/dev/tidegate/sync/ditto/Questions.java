package dev.tidegate.sync.ditto;

import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.frame.Frame;
import dev.tidegate.sync.binding.DownMessages;
import dev.tidegate.sync.binding.Incoming;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Live messages to our things that ask for something, at most {@value #MAX}, until they are
 * answered. Owned by the sync thread.
 */
final class Questions {
  private static final int MAX = 64;
  private static final String SUBJECTS = "things/live/messages/";

  private final Map<String, Envelope> asked = new LinkedHashMap<>();

  /** What a live message to one of our things asks for. */
  Incoming read(Envelope message) {
    if (!message.path().contains("/inbox/")) {
      return new Incoming.Nothing();
    }
    String subject = message.criterion().substring(SUBJECTS.length());
    byte[] value = message.value().toString().getBytes(StandardCharsets.UTF_8);
    Incoming read = DownMessages.request(subject, value, message.header("correlation-id"));
    if (read instanceof Incoming.Commanded commanded) {
      read = named(message, commanded);
      if (asked.size() >= MAX) {
        asked.remove(asked.keySet().iterator().next());
      }
      asked.put(commanded.commands().getFirst().id(), message);
    }
    return read;
  }

  /**
   * By whom Ditto says that it was sent; what the message itself says only where Ditto is silent.
   */
  private static Incoming.Commanded named(Envelope message, Incoming.Commanded said) {
    return message.headers().has(Desired.ORIGINATOR)
        ? new Incoming.Commanded(
            said.commands().stream().map(c -> c.by(Desired.issuer(message))).toList())
        : said;
  }

  /** Answers to messages whose commands the frame closes. */
  List<Envelope> answers(Frame frame) {
    List<Envelope> answers = new ArrayList<>();
    for (Entry entry : frame.entries()) {
      if (entry instanceof CommandResult result && result.outcome().isFinal()) {
        Envelope question = asked.remove(result.id());
        if (question != null) {
          answers.add(answer(question, frame, result));
        }
      }
    }
    return answers;
  }

  private static Envelope answer(Envelope question, Frame frame, CommandResult result) {
    ObjectNode headers =
        JsonNodeFactory.instance
            .objectNode()
            .put("content-type", "application/json")
            .put("correlation-id", question.header("correlation-id"));
    return new Envelope(
        question.namespace(),
        question.name(),
        question.criterion(),
        headers,
        question.path().replaceFirst("/inbox/", "/outbox/"),
        Records.answer(frame.header(), result),
        result.status(),
        0);
  }
}
