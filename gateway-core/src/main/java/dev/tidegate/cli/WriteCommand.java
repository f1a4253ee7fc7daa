package dev.tidegate.cli;

import dev.tidegate.local.Caller;
import dev.tidegate.local.Question;
import dev.tidegate.local.WriteAnswer;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidegate write}: someone at the gateway commands an actuator. */
@Command(
    name = "write",
    description =
        "Has the gateway that runs on this machine write a value to an actuator, within what its"
            + " configuration allows, and says what became of it.",
    footer = {
      "",
      "Exit codes: 0 done; 69 refused or failed; 76 not known, or not known yet; 1 no gateway",
      "could be asked; 64 wrong command line; 78 the configuration was refused."
    },
    mixinStandardHelpOptions = true)
final class WriteCommand implements Callable<Integer> {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?");

  @ArgGroup(multiplicity = "1")
  @Nullable WhichGateway which;

  @Option(names = "--json", description = "prints what became of it as JSON")
  boolean json;

  @Parameters(index = "0", paramLabel = "POINT", description = "for example pump/speed")
  String point = "";

  @Parameters(index = "1", paramLabel = "VALUE", description = "a number, true or false")
  String value = "";

  @Override
  public Integer call() {
    Question.Write question;
    try {
      question = question(point, value);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return Exit.USAGE;
    }
    Optional<WhichGateway.Place> place = WhichGateway.place(which);
    if (place.isEmpty()) {
      return Exit.CONFIG;
    }
    try {
      String document = Caller.ask(place.get().folder(), question, new SystemClock());
      WriteAnswer answer = Caller.writeAnswer(document);
      System.out.println(json ? document : text(answer, place.get().actuators()));
      return code(answer);
    } catch (Caller.NobodyThere e) {
      System.err.println(e.getMessage());
      return Exit.FAILED;
    } catch (Caller.TurnedAway e) {
      System.err.println(point + ": not taken: " + e.getMessage());
      return Exit.NOT_DONE;
    } catch (IOException | RuntimeException e) {
      System.err.println(
          point
              + ": whether it is written is not known ("
              + e.getMessage()
              + "): see the events, and what the plant shows");
      return Exit.NOT_KNOWN;
    }
  }

  /**
   * The question.
   *
   * @throws IllegalArgumentException when it cannot be asked; the message says what could be
   */
  static Question.Write question(String point, String value) {
    boolean isFlag = value.equals("true") || value.equals("false");
    if (!isFlag && !NUMBER.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "VALUE: a number such as 1200 or -0.5, true or false, not '" + value + "'");
    }
    double number = isFlag ? (value.equals("true") ? 1 : 0) : Double.parseDouble(value);
    return new Question.Write(point, number, isFlag);
  }

  /** What became of it, in one line. */
  static String text(WriteAnswer answer, List<String> actuators) {
    String message = answer.message();
    String said =
        switch (answer.outcome()) {
          case "done" -> "done, " + message;
          case WriteAnswer.UNDER_WAY -> message;
          default -> answer.outcome() + " (" + answer.reason() + "): " + message;
        };
    boolean isNone = List.of("unknown-point", "not-writable").contains(answer.reason());
    String hint = "";
    if (isNone) {
      hint =
          actuators.isEmpty()
              ? "; what may be written is listed under 'actuators' in its configuration"
              : "; what may be written: " + String.join(", ", actuators);
    }
    return answer.point() + ": " + said + hint;
  }

  private static int code(WriteAnswer answer) {
    return switch (answer.outcome()) {
      case "done" -> Exit.OK;
      case "refused", "failed" -> Exit.NOT_DONE;
      default -> Exit.NOT_KNOWN;
    };
  }
}
