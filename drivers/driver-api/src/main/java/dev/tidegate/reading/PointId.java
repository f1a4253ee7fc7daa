package dev.tidegate.reading;

import java.util.regex.Pattern;

/**
 * The name of one measured or actuated quantity: {@code device/point}, for example {@code
 * pump/flow}.
 *
 * @param name the device's id and the point's id, each of lower-case letters, digits, {@code .},
 *     {@code _} and {@code -}, starting with a letter or digit, 1 to 64 characters; joined by one
 *     slash
 */
public record PointId(String name) implements Comparable<PointId> {
  /** What the id of a device or of a point looks like by itself. */
  public static final Pattern PART = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  public PointId {
    int slash = name.indexOf('/');
    if (slash < 0
        || !PART.matcher(name.substring(0, slash)).matches()
        || !PART.matcher(name.substring(slash + 1)).matches()) {
      throw new IllegalArgumentException("not a point id (device/point): '" + name + "'");
    }
  }

  /** The id of {@code point} on {@code device}. */
  public static PointId of(String device, String point) {
    return new PointId(device + "/" + point);
  }

  /** The part before the slash. */
  public String device() {
    return name.substring(0, name.indexOf('/'));
  }

  /** The part after the slash. */
  public String point() {
    return name.substring(name.indexOf('/') + 1);
  }

  @Override
  public int compareTo(PointId other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
