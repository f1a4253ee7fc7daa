package dev.tidegate.cli;

/** What the process ends with; numbers as in sysexits(3), so that systemd can tell them apart. */
public final class Exit {
  /** Done. */
  public static final int OK = 0;

  /** It ran, and something was not as it should be. */
  public static final int FAILED = 1;

  /** The command line was wrong. */
  public static final int USAGE = 64;

  /** A write was refused, or it failed. */
  public static final int NOT_DONE = 69;

  /** A stage broke: a defect of the software. */
  public static final int DEFECT = 70;

  /** The data folder cannot be used. */
  public static final int NO_DATA = 74;

  /** What became of a write is not known, or not yet. */
  public static final int NOT_KNOWN = 76;

  /** The configuration was refused. */
  public static final int CONFIG = 78;

  private Exit() {}
}
