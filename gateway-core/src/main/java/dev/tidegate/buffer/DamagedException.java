package dev.tidegate.buffer;

/**
 * The buffer's file is broken inside, and marked so: whoever opens the buffer again gets a new file
 * with what of this one is sound.
 */
public final class DamagedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DamagedException() {
    super("the buffer file is damaged: it is set aside, and what of it is sound is taken over");
  }
}
