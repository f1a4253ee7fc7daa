package dev.tidegate.driver;

/** A device that speaks by itself. */
public interface Subscribable extends Device {
  /**
   * Called once after {@link Driver#open}. From then on the device hands samples in as they come,
   * from any thread, until {@link #close()}.
   *
   * @throws DriverException when the subscription could not be made; later trouble goes to {@link
   *     Sink#trouble}
   */
  void subscribe(Sink sink) throws DriverException;
}
