package dev.tidegate.demo;

import dev.tidegate.cli.Tidegate;

/** The command line of a checkout: the gateway's own, and {@code demo}. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(Tidegate.commandLine(new DemoCommand()).execute(args));
  }
}
