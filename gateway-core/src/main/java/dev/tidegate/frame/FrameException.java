package dev.tidegate.frame;

import java.io.Serial;

/** Bytes that are no frame, or no deterministic CBOR. The message says what is wrong and where. */
public final class FrameException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  public FrameException(String message) {
    super(message);
  }
}
