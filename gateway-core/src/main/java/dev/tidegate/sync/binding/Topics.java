package dev.tidegate.sync.binding;

import dev.tidegate.config.SyncConfig;

/**
 * The topics of one gateway (docs/spec/wire.md).
 *
 * @param up what is no frame goes here
 * @param batch frames go here
 * @param down what the far side says comes here
 * @param status birth and will, retained
 */
public record Topics(String up, String batch, String down, String status) {
  /**
   * Fills the template in.
   *
   * @throws IllegalArgumentException when the outcome cannot be published to (MQTT 5, 4.7.1 and
   *     4.7.3)
   */
  public static Topics of(SyncConfig config, String gatewayId) {
    String prefix =
        config.topics().replace("{tenant}", config.tenant()).replace("{gateway}", gatewayId);
    if (prefix.isEmpty()
        || prefix.length() > 200
        || prefix.startsWith("$")
        || prefix.chars().anyMatch(c -> "#+\"\\\u007f".indexOf(c) >= 0 || c < ' ')) {
      throw new IllegalArgumentException(
          "sync.topics makes the prefix '"
              + prefix
              + "', which MQTT cannot publish to: leave out # + $ \" \\ and control characters, and"
              + " stay within 200 characters");
    }
    return new Topics(prefix + "/up", prefix + "/up/batch", prefix + "/down", prefix + "/status");
  }
}
