package dev.tidegate.buffer.store;

import java.io.Serial;

/** The database file cannot be opened. The message names what failed, where, and the next step. */
public final class StoreException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
