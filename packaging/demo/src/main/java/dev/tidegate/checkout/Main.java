package dev.tidegate.checkout;

import dev.tidegate.cli.Tidegate;
import dev.tidegate.demo.DemoCommand;
import dev.tidegate.torture.TortureCommand;

/** The command line of a checkout: the gateway's own, {@code demo} and {@code torture}. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(Tidegate.commandLine(new DemoCommand(), new TortureCommand()).execute(args));
  }
}
