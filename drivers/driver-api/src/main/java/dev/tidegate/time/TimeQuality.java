package dev.tidegate.time;

/** How far the wall clock can be trusted. The wire code of each constant is fixed. */
public enum TimeQuality {
  /** The wall clock shows a time before this software was built: it cannot be right. */
  IMPLAUSIBLE(0),
  /** Nothing speaks against the wall clock, and nothing vouches for it. */
  UNVERIFIED(1),
  /** The kernel says that the wall clock is synchronised to a time source. */
  SYNCHRONISED(2);

  private final int code;

  TimeQuality(int code) {
    this.code = code;
  }

  /** The stable number of this quality on the wire and in the buffer file. */
  public int code() {
    return code;
  }
}
