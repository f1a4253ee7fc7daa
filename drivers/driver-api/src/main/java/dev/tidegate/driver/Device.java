package dev.tidegate.driver;

/**
 * One opened device. What it can do is said by the capabilities it implements: {@link Pollable},
 * {@link Subscribable}, {@link Writable}. Its methods are called on its bus thread alone.
 */
public interface Device extends AutoCloseable {
  /** Lets go of the device within 2 s. Nothing reaches the sink afterwards. Never throws. */
  @Override
  void close();
}
