package dev.tidegate.drivers.coap;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.DriverException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where a device answers: {@code coap://host[:port]}.
 *
 * @param host a name or an address literal, IPv6 without its brackets
 * @param port 1 to 65,535
 */
record Peer(String host, int port) {
  /** RFC 7252 section 6.1. */
  private static final int DEFAULT_PORT = 5683;

  private static final long RESOLVE_WITHIN_SECONDS = 5;

  /**
   * Reads the {@code uri} of a device, offline.
   *
   * @throws IllegalArgumentException when it is not of that form; the message says what was
   *     expected
   */
  static Peer of(String uri) {
    URI parsed;
    try {
      parsed = new URI(uri);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "'" + uri + "' is no URI (" + e.getReason() + "): expected coap://host[:port]", e);
    }
    String scheme = String.valueOf(parsed.getScheme());
    if (!scheme.equalsIgnoreCase("coap")) {
      throw new IllegalArgumentException(
          "'" + uri + "' has the scheme '" + scheme + "': expected coap (CoAP over UDP)");
    }
    String host = parsed.getHost();
    if (host == null || host.isEmpty() || parsed.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "'" + uri + "' names no host that can be used: expected coap://host[:port]");
    }
    String path = parsed.getRawPath();
    if ((path != null && !path.isEmpty() && !path.equals("/"))
        || parsed.getRawQuery() != null
        || parsed.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "'" + uri + "' has more than a host and a port: a path belongs to a point's 'resource'");
    }
    int port = parsed.getPort() < 0 ? DEFAULT_PORT : parsed.getPort();
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "'" + uri + "' has port " + port + ": expected 1 to 65535");
    }
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return new Peer(bracketed ? host.substring(1, host.length() - 1) : host, port);
  }

  /** Whether the host is an address, so that no name server is ever asked. */
  boolean isLiteral() {
    return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
  }

  /**
   * Asks the system's resolver, for 5 s at most.
   *
   * @param device the device's id, for the message
   * @throws DriverException UNPLUGGED when nobody knows the name now
   */
  InetSocketAddress resolve(String device) throws DriverException {
    FutureTask<InetAddress> lookup = new FutureTask<>(() -> InetAddress.getByName(host));
    Thread.ofVirtual().name("coap-resolve").start(lookup);
    try {
      return new InetSocketAddress(lookup.get(RESOLVE_WITHIN_SECONDS, TimeUnit.SECONDS), port);
    } catch (ExecutionException | TimeoutException e) {
      throw new DriverException(
          Kind.UNPLUGGED,
          "device '"
              + device
              + "': "
              + this
              + ": the host '"
              + host
              + "' is not known now; check its spelling and the name server, or give an address",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DriverException(
          Kind.TRANSIENT, "device '" + device + "': interrupted while looking up " + host, e);
    }
  }

  @Override
  public String toString() {
    return "coap://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
