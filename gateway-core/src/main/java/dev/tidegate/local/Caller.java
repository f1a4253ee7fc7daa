package dev.tidegate.local;

import dev.tidegate.time.Clock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks at the {@link Desk} of a gateway that runs on this machine. Safe for use by any thread. */
public final class Caller {
  /** How long an answer may take: a little longer than the desk itself allows for it. */
  private static final Duration PATIENCE = Duration.ofSeconds(65);

  private static final Duration TO_ASK = Duration.ofSeconds(1);
  private static final int MAX_ANSWER = 1 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Caller() {}

  /** Nobody could be asked; the message says what to do. */
  public static final class NobodyThere extends IOException {
    private static final long serialVersionUID = 1L;

    NobodyThere(String message, IOException cause) {
      super(message, cause);
    }
  }

  /** The gateway did not take the question, and did nothing; the message is its own. */
  public static final class TurnedAway extends IOException {
    private static final long serialVersionUID = 1L;

    TurnedAway(String message) {
      super(message);
    }
  }

  /**
   * Asks the gateway whose data folder that is.
   *
   * @return its answer, one JSON document
   * @throws NobodyThere when there is none, or it may not be asked
   * @throws TurnedAway when it did not take the question
   * @throws IOException when it was asked, and did not answer
   */
  public static String ask(Path folder, Question question, Clock clock) throws IOException {
    try (Exchange exchange = new Exchange(connect(folder), clock)) {
      try {
        exchange.write(question.json().getBytes(StandardCharsets.UTF_8), TO_ASK);
      } catch (IOException e) {
        // it may have closed already, and have said why
      }
      Exchange.Said said = exchange.read(MAX_ANSWER, PATIENCE);
      if (said.end() != Exchange.End.LINE) {
        throw new IOException("the gateway in " + folder + " was asked, and did not answer");
      }
      JsonNode error = JSON.readTree(said.text()).path("error");
      if (error.isString()) {
        throw new TurnedAway(error.stringValue());
      }
      return said.text();
    }
  }

  private static SocketChannel connect(Path folder) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve(Desk.SOCKET)));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw new NobodyThere(advice(folder, String.valueOf(e.getMessage())), e);
    }
  }

  /** What to do where the socket in that folder cannot be reached. */
  static String advice(Path folder, String trouble) {
    if (!trouble.contains("Permission denied")) {
      return "no gateway answers in "
          + folder
          + " ("
          + trouble
          + "): is it running, with this data folder?";
    }
    String owner = "its own user";
    try {
      owner = Files.getOwner(folder).getName();
    } catch (IOException | UnsupportedOperationException e) {
      // then without the name
    }
    return "the gateway in "
        + folder
        + " may be asked by "
        + owner
        + " and by root alone: run this as one of them, for example with sudo";
  }

  /** Reads the answer to {@link Question.Status}. */
  public static Report report(String json) {
    return JSON.readValue(json, Report.class);
  }

  /** Reads the answer to {@link Question.Write}. */
  public static WriteAnswer writeAnswer(String json) {
    return JSON.readValue(json, WriteAnswer.class);
  }
}
