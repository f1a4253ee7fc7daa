package dev.tidegate.drivers.coap.payload;

import dev.tidegate.reading.Reading;
import java.util.List;

/**
 * What one payload gave.
 *
 * @param readings at least one for each point asked for, in the order asked; a point whose value
 *     could not be read has one of quality {@link dev.tidegate.reading.Quality#BAD_SENSOR}
 * @param complaints why, one sentence for each of those, naming the point
 */
public record Decoded(List<Reading> readings, List<String> complaints) {
  public Decoded {
    readings = List.copyOf(readings);
    complaints = List.copyOf(complaints);
  }
}
