package dev.tidegate.flow;

import java.util.EnumMap;
import java.util.Map;

/**
 * The lanes' books at one moment: accepted = delivered + buffered + lost, exactly, in each lane.
 *
 * @param lanes one line for every lane
 */
public record Account(Map<Lane, Line> lanes) {
  public Account {
    lanes = Map.copyOf(lanes);
  }

  /**
   * One lane's line, counted in records since the database was made.
   *
   * @param accepted records that got a sequence number
   * @param delivered records that the far side says it stored
   * @param buffered records stored and not yet acknowledged: kept up at each commit by what it
   *     stored and took out, and counted anew from the frames when the file is opened and closed
   * @param lost records declared lost
   * @param bufferedBytes size of the buffered frames
   */
  public record Line(long accepted, long delivered, long buffered, long lost, long bufferedBytes) {
    public static final Line NONE = new Line(0, 0, 0, 0, 0);

    /** Whether the equality holds. */
    public boolean balances() {
      return accepted == delivered + buffered + lost;
    }

    Line plus(Line o) {
      return new Line(
          accepted + o.accepted,
          delivered + o.delivered,
          buffered + o.buffered,
          lost + o.lost,
          bufferedBytes + o.bufferedBytes);
    }
  }

  /** Every lane with an empty line. */
  public static Account empty() {
    Map<Lane, Line> lines = new EnumMap<>(Lane.class);
    for (Lane lane : Lane.values()) {
      lines.put(lane, Line.NONE);
    }
    return new Account(lines);
  }

  public Line of(Lane lane) {
    return lanes.getOrDefault(lane, Line.NONE);
  }

  /** The sum over all lanes. */
  public Line total() {
    Line sum = Line.NONE;
    for (Line line : lanes.values()) {
      sum = sum.plus(line);
    }
    return sum;
  }

  /** Whether the equality holds in every lane. */
  public boolean balances() {
    return lanes.values().stream().allMatch(Line::balances);
  }
}
