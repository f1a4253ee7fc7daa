package dev.tidegate.drivers.coap.payload;

import java.io.Serial;

/** A payload, or one value in it, that does not say what was asked of it. Stays in this package. */
final class Undecodable extends Exception {
  @Serial private static final long serialVersionUID = 1;

  Undecodable(String message) {
    super(message, null, false, false);
  }
}
