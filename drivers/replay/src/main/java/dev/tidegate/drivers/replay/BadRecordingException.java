package dev.tidegate.drivers.replay;

import java.io.IOException;
import java.io.Serial;

/** A file that can be read and is no recording, or not the one that was described. */
public final class BadRecordingException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  BadRecordingException(String message) {
    super(message);
  }
}
