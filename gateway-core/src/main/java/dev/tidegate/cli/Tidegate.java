package dev.tidegate.cli;

import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line {@code tidegate}. */
@Command(
    name = "tidegate",
    description =
        "Reads a plant's sensors, decides on the spot, holds what it learnt while the link is down,"
            + " and lets it out, complete and in order, when the link is back.",
    subcommands = {
      RunCommand.class,
      CheckCommand.class,
      StatusCommand.class,
      WriteCommand.class,
      PlanCommand.class,
      BufferCommand.class,
      ReplayCommand.class,
      SchemaCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Tidegate.Version.class)
public final class Tidegate {
  private Tidegate() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /**
   * The command line with every command of the gateway.
   *
   * @param further commands that the caller adds
   */
  public static CommandLine commandLine(Object... further) {
    Logs.toStandardError(Level.INFO);
    CommandLine commands = new CommandLine(new Tidegate());
    for (Object command : further) {
      commands.addSubcommand(command);
    }
    commands.setExecutionExceptionHandler(
        (thrown, command, parsed) -> {
          thrown.printStackTrace(command.getErr());
          return Exit.DEFECT;
        });
    commands.getCommandSpec().exitCodeOnInvalidInput(Exit.USAGE);
    commands
        .getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().exitCodeOnInvalidInput(Exit.USAGE));
    return commands;
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Tidegate.class.getPackage().getImplementationVersion();
      return new String[] {
        "tidegate " + (version == null ? "(built from a checkout)" : version),
        "Java " + Runtime.version() + ", " + System.getProperty("os.arch")
      };
    }
  }
}
