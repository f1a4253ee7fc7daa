package dev.tidegate.torture;

import dev.tidegate.cli.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tidegate torture}: see for yourself what is lost. */
@Command(
    name = "torture",
    description = {
      "Kills a real gateway again and again, cuts its link, sets its clock and fills its disk, and says"
          + " whether anything is unaccounted for. Ends by itself, in under a minute with its defaults.",
      "Exit code 0: everything is accounted for. 1: something is not. Others: it could not run."
    },
    mixinStandardHelpOptions = true)
public final class TortureCommand implements Callable<Integer> {
  private static final int MAX_KILLS = 1_000;

  @Option(
      names = "--kills",
      paramLabel = "N",
      description = "how often the gateway is killed; 1 to 1000, default ${DEFAULT-VALUE}",
      defaultValue = "3")
  int kills;

  @Option(
      names = "--link-down",
      paramLabel = "DURATION",
      description = "how long the link is down, of the plant's time: 30s, 5m, 2h; 0s for never",
      defaultValue = "5m")
  String linkDown = "";

  @Option(
      names = "--clock",
      paramLabel = "DURATION",
      description = "by how much the wall clock is set under way: -1h, 10m; 0s for not",
      defaultValue = "-1h")
  String clock = "";

  @Option(names = "--disk-full", description = "the disk is full for one life")
  boolean diskFull;

  @Option(
      names = "--speed",
      paramLabel = "N",
      description =
          "how much faster the plant's time passes; 1 to 100, default ${DEFAULT-VALUE}: a pump that is"
              + " read once a second is read a hundred times",
      defaultValue = "100")
  int speed;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of the moments; the same one gives the same plan",
      defaultValue = "1")
  long seed;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "where everything goes, and stays; must be empty")
  @Nullable Path dir;

  @Option(
      names = "--control",
      description =
          "acknowledges before the commit, so that losses must be found: a check of the check")
  boolean control;

  /** Set by the command line's library. */
  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (kills < 1 || kills > MAX_KILLS || speed < 1 || speed > 100) {
      throw refused("--kills takes 1 to 1000, --speed 1 to 100");
    }
    Torture.Plan plan =
        new Torture.Plan(
            kills,
            duration("--link-down", linkDown).toMillis() / speed,
            duration("--clock", clock).toNanos(),
            diskFull,
            Math.max(10, 1_000 / speed),
            seed,
            control);
    if (plan.linkDownMillis() < 0) {
      throw refused("--link-down: 0s or more");
    }
    Path folder = dir == null ? Files.createTempDirectory("tidegate-torture-") : dir;
    Files.createDirectories(folder);
    long startNanos = new dev.tidegate.timekeeping.SystemClock().monotonicNanos();
    Torture.Outcome outcome = new Torture(plan, folder, System.out::println).run();
    long nanos = new dev.tidegate.timekeeping.SystemClock().monotonicNanos() - startNanos;
    System.out.println(text(outcome, nanos / 1e9));
    System.out.println("everything is in " + folder);
    return outcome.held() ? Exit.OK : Exit.FAILED;
  }

  private Duration duration(String option, String text) {
    try {
      boolean isNegative = text.startsWith("-");
      String rest = (isNegative ? text.substring(1) : text).toUpperCase(Locale.ROOT);
      Duration duration = Duration.parse(rest.endsWith("D") ? "P" + rest : "PT" + rest);
      return isNegative ? duration.negated() : duration;
    } catch (DateTimeParseException e) {
      throw refused(option + ": '" + text + "' is no duration like 30s, 5m or 2h");
    }
  }

  private CommandLine.ParameterException refused(String message) {
    CommandLine line = spec == null ? new CommandLine(this) : spec.commandLine();
    return new CommandLine.ParameterException(line, message);
  }

  private static String text(Torture.Outcome outcome, double seconds) {
    StringBuilder text = new StringBuilder();
    boolean hasAccount = outcome.account().size() == 4;
    text.append(
        String.format(
            Locale.ROOT,
            """
            killed         %,d times in %.0f s
            produced       %,d records were accepted
            delivered      %,d
            buffered       %,d
            declared lost  %,d
            duplicates     %,d frames came again and were recognised, %,d came again with other bytes
            gaps           %s
            acknowledged   %,d counts to a device that waits for it; missing: %s
            flash          %,d bytes written
            """,
            outcome.kills(),
            seconds,
            hasAccount ? outcome.account().get(0) : -1,
            hasAccount ? outcome.account().get(1) : -1,
            hasAccount ? outcome.account().get(2) : -1,
            hasAccount ? outcome.account().get(3) : -1,
            outcome.verdict().duplicates(),
            outcome.verdict().differing(),
            outcome.verdict().missing().isEmpty()
                ? "none"
                : String.join("; ", outcome.verdict().missing()),
            outcome.acknowledged(),
            outcome.missing().isEmpty() ? "none" : outcome.missing().toString(),
            outcome.flashBytes()));
    return text.append(
            outcome.held()
                ? "conservation   held: by the gateway's account, by the far side's and by the device's"
                : "conservation   DID NOT HOLD")
        .toString();
  }
}
