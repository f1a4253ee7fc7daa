package dev.tidegate.sync.ditto;

import dev.tidegate.sync.binding.Incoming.Fate;
import tools.jackson.databind.JsonNode;

/**
 * What Ditto says of a command: a response, an error, one acknowledgement, or several of them in
 * one message, of which each that we asked for must be there and positive.
 *
 * @param code 200 to 599
 * @param reason in Ditto's words; may be empty
 */
record Result(int code, String reason) {
  /** An acknowledgement that nobody stands behind: no subscriber was there to give it. */
  private static final String WEAK = "ditto-weak-ack";

  private static final int FAILED_DEPENDENCY = 424;

  static Result of(Envelope message) {
    JsonNode value = message.value();
    if (message.criterion().endsWith("/acks")) {
      for (String label : value.propertyNames()) {
        boolean ours =
            label.equals(DittoBinding.TWIN_PERSISTED) || label.equals(DittoBinding.STORED);
        JsonNode ack = value.path(label);
        if (ours) {
          int code = ack.path("status").asInt(FAILED_DEPENDENCY);
          return result(code, Envelope.text(ack.path("payload"), "message"), ack.path("headers"));
        }
      }
    }
    String reason = Envelope.text(value, "message");
    return result(message.status(), reason, message.headers());
  }

  private static Result result(int code, String reason, JsonNode headers) {
    JsonNode weak = headers.path(WEAK);
    boolean isWeak = weak.isBoolean() ? weak.booleanValue() : weak.asString("").equals("true");
    return isWeak
        ? new Result(FAILED_DEPENDENCY, "nobody is there to store it")
        : new Result(code, reason);
  }

  boolean isStored() {
    return code >= 200 && code < 300;
  }

  /**
   * What follows. Only what is wrong with the message itself is given up: a policy that is missing,
   * or a quota that is used up, can be set right.
   */
  Fate fate() {
    if (isStored()) {
      return Fate.STORED;
    }
    return code == 400 || code == 413 || code == 415 || code == 422 ? Fate.NEVER : Fate.LATER;
  }
}
