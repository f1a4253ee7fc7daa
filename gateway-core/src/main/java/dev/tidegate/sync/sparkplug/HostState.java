package dev.tidegate.sync.sparkplug;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether the primary host application is there, as it says itself (Sparkplug 3.0.0, 6.4.27):
 * {@code {"online":true,"timestamp":1668114759262}}. A message that is older than one that was seen
 * says nothing (tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp). Owned by the sync
 * thread.
 */
final class HostState {
  private static final Pattern ONLINE = Pattern.compile("\"online\"\\s*:\\s*(true|false)\\b");
  private static final Pattern TIMESTAMP = Pattern.compile("\"timestamp\"\\s*:\\s*(\\d{1,18})\\b");
  private static final int MAX_BYTES = 1_024;

  private boolean online;
  private long timestamp = -1;

  /** A new connection: nothing is known of the host at its server. */
  void begin() {
    online = false;
    timestamp = -1;
  }

  boolean isOnline() {
    return online;
  }

  /** Takes a message on; false when it is none. */
  boolean take(byte[] payload) {
    String text = payload.length > MAX_BYTES ? "" : new String(payload, StandardCharsets.UTF_8);
    Matcher state = ONLINE.matcher(text);
    Matcher time = TIMESTAMP.matcher(text);
    if (!text.startsWith("{") || !state.find() || !time.find()) {
      return false;
    }
    long at = Long.parseLong(time.group(1));
    if (at >= timestamp) {
      timestamp = at;
      online = state.group(1).equals("true");
    }
    return true;
  }
}
