package dev.tidegate.buffer;

import dev.tidegate.buffer.store.StoreException;
import java.io.Serial;

/** The buffer cannot be opened. The message names what failed, where, and the next step. */
public final class BufferException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Says what the database file said. */
  BufferException(StoreException cause) {
    super(cause.getMessage(), cause);
  }
}
