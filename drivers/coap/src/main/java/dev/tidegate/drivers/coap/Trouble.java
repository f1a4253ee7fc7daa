package dev.tidegate.drivers.coap;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.DriverException.Kind;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;

/** What can go wrong with one resource, each in the words for the operator. */
final class Trouble {
  private static final int MAX_DIAGNOSTIC_CHARS = 80;

  private final String what;

  /**
   * @param device the device's id
   * @param peer where it answers
   * @param resource the resource that everything below is about
   */
  Trouble(String device, Peer peer, Resource resource) {
    this.what = "device '" + device + "': " + peer + resource.path();
  }

  DriverException silent(long timeoutNanos) {
    return new DriverException(
        Kind.TRANSIENT,
        what
            + " did not answer within "
            + timeoutNanos / 1_000_000
            + " ms; check that the device is on and can be reached, or allow a longer 'timeout'");
  }

  DriverException reset() {
    return new DriverException(
        Kind.TRANSIENT, what + " was answered with a reset; it is asked again after a pause");
  }

  DriverException unsendable(Throwable error) {
    return new DriverException(
        Kind.UNPLUGGED,
        what + " could not be sent (" + error.getMessage() + "); check the network and its route",
        error);
  }

  DriverException unreadable(Throwable error) {
    return new DriverException(
        Kind.UNSUPPORTED,
        what
            + " answered with what cannot be taken in ("
            + error.getMessage()
            + "); let the device send less at once",
        error);
  }

  DriverException unobservable() {
    return new DriverException(
        Kind.UNSUPPORTED,
        what + " answers but takes no observer; set 'mode: poll' for this device");
  }

  DriverException closed() {
    return new DriverException(Kind.TRANSIENT, what + " was not waited for: the device is closed");
  }

  DriverException interrupted() {
    return new DriverException(
        Kind.TRANSIENT, what + " was not waited for: this thread was interrupted");
  }

  DriverException undecodable(String complaint) {
    return new DriverException(
        Kind.TRANSIENT,
        what + ": " + complaint + "; check the point's 'format', 'pointer' and 'name'");
  }

  /** An answer that is no content (RFC 7252 section 5.9). */
  DriverException refused(Response response) {
    ResponseCode code = response.getCode();
    String said = said(response);
    String answered = what + " answered " + code.text + " " + code.name() + said;
    return switch (code) {
      case NOT_FOUND ->
          new DriverException(
              Kind.MISCONFIGURED,
              answered + "; check the point's 'resource' against the device's /.well-known/core");
      case METHOD_NOT_ALLOWED ->
          new DriverException(
              Kind.MISCONFIGURED, answered + "; it cannot be read: choose another 'resource'");
      case UNAUTHORIZED, FORBIDDEN ->
          new DriverException(
              Kind.MISCONFIGURED, answered + "; let the device grant this gateway access");
      case NOT_ACCEPTABLE, BAD_OPTION, BAD_REQUEST ->
          new DriverException(
              Kind.MISCONFIGURED, answered + "; check the point's 'resource' and its query");
      case TOO_MANY_REQUESTS ->
          new DriverException(Kind.TRANSIENT, answered + "; poll it less often");
      default -> // the registry of codes is open: judged by class, RFC 7252 section 5.9
          code.isServerError()
              ? new DriverException(Kind.TRANSIENT, answered + "; it is asked again")
              : new DriverException(Kind.UNSUPPORTED, answered + ", where 2.05 was expected");
    };
  }

  /** The diagnostic payload (RFC 7252 section 5.5.2), cut and without control characters. */
  private static String said(Response response) {
    String said = response.getPayloadString();
    if (said == null || said.isBlank()) {
      return "";
    }
    String clean = said.replaceAll("[^ -~]", "?");
    return " ('" + clean.substring(0, Math.min(MAX_DIAGNOSTIC_CHARS, clean.length())) + "')";
  }
}
