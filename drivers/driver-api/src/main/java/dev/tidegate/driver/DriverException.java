package dev.tidegate.driver;

import java.io.Serial;

/** A device cannot be used now. The message names what failed, where, and what to do next. */
public final class DriverException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** What the gateway should do about it. */
  public enum Kind {
    /** Likely gone at the next try: a time-out, a busy bus, a checksum. */
    TRANSIENT,
    /** The device is not there; tried again, more and more seldom. */
    UNPLUGGED,
    /** It cannot work as configured; tried again only once a minute. */
    MISCONFIGURED,
    /** The device cannot do what was asked of it. */
    UNSUPPORTED
  }

  private final Kind kind;

  public DriverException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public DriverException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
