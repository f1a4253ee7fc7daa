package dev.tidegate.buffer.store;

/** What a commit waits for. Everything but {@link #FULL} is for tests' negative controls alone. */
public enum Durability {
  /** The log is synchronised at every commit: what was committed survives a power cut. */
  FULL,

  /** The log is synchronised before a checkpoint only: a power cut takes the last commits. */
  NORMAL,

  /** Nothing is ever synchronised: a power cut may leave anything. */
  OFF
}
