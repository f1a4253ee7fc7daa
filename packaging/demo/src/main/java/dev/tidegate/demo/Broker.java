package dev.tidegate.demo;

import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The demo's broker: our embedded one, which can be cut off and restored, or somebody else's. */
final class Broker implements AutoCloseable {
  private static final int STANDARD_PORT = 1883;

  private final URI uri;
  private final boolean ours;
  private @Nullable EmbeddedBroker embedded;

  private Broker(URI uri, @Nullable EmbeddedBroker embedded) {
    this.uri = uri;
    this.ours = embedded != null;
    this.embedded = embedded;
  }

  /** The broker at that address; null: an embedded one on a free port. */
  static Broker of(@Nullable URI given) throws IOException {
    if (given != null) {
      return new Broker(given, null);
    }
    EmbeddedBroker embedded = EmbeddedBroker.start(0);
    return new Broker(embedded.uri(), embedded);
  }

  /**
   * That address as {@code mqtt://host:port}, with the standard port when it names none.
   *
   * @throws IllegalArgumentException with a sentence for people, when it is no such address
   */
  static URI address(URI given) {
    String scheme = given.getScheme();
    if ("mqtts".equalsIgnoreCase(scheme)) {
      throw new IllegalArgumentException(
          "the demo's cloud side speaks plain MQTT, not TLS: name a broker's mqtt:// address, best"
              + " on this machine");
    }
    String path = given.getPath();
    boolean more = path != null && !path.isEmpty() && !path.equals("/");
    if (!"mqtt".equalsIgnoreCase(scheme)
        || given.getHost() == null
        || given.getUserInfo() != null
        || more
        || given.getPort() == 0
        || given.getPort() > 65_535) {
      throw new IllegalArgumentException(
          "'" + given + "' is not an address like mqtt://127.0.0.1:1883");
    }
    int port = given.getPort() < 0 ? STANDARD_PORT : given.getPort();
    return URI.create("mqtt://" + given.getHost() + ":" + port);
  }

  URI uri() {
    return uri;
  }

  boolean isOurs() {
    return ours;
  }

  /** Cuts the link when it is up, restores it when it is cut. */
  synchronized void toggle() throws IOException {
    if (!ours) {
      return;
    }
    if (embedded == null) {
      restore();
      System.out.println("the link is back: live data first, the backlog behind it");
    } else {
      System.out.println("the link is cut: watch 'buffered' grow; Enter restores it");
      embedded.close();
      embedded = null;
    }
  }

  /** Makes sure that the link is up. */
  synchronized void restore() throws IOException {
    if (ours && embedded == null) {
      embedded = EmbeddedBroker.start(uri.getPort());
    }
  }

  @Override
  public synchronized void close() {
    if (embedded != null) {
      embedded.close();
      embedded = null;
    }
  }
}
