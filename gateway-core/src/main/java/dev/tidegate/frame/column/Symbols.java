package dev.tidegate.frame.column;

import java.util.Arrays;

/**
 * The distinct values of a column, most frequent first, and which of them each value is.
 *
 * <pre>
 *   number   how many symbols, less 1
 *   signed   the first symbol
 *   6 bits, Rice codes ..   distance of each other symbol from the first
 *   4 bits, Rice codes ..   per value: place of its symbol; absent where there is one symbol
 * </pre>
 *
 * For one thread.
 */
final class Symbols {
  /** Slots of the table, a power of two and several times {@link LongColumn#MAX_SYMBOLS}. */
  private static final int SLOTS = 1_024;

  private static final int PLACE_K_BITS = 4;
  private static final int MAX_PLACE_K = 8;

  private final long[] slotValue = new long[SLOTS];

  /** Index of the slot's symbol, plus 1; 0: free. */
  private final int[] slotSymbol = new int[SLOTS];

  private final int[] usedSlots = new int[LongColumn.MAX_SYMBOLS];
  private final long[] values = new long[LongColumn.MAX_SYMBOLS];
  private final int[] counts = new int[LongColumn.MAX_SYMBOLS];

  /** Symbols by place, and each symbol's place. */
  private final long[] order = new long[LongColumn.MAX_SYMBOLS];

  private final int[] placeOf = new int[LongColumn.MAX_SYMBOLS];
  private final long[] distances = new long[LongColumn.MAX_SYMBOLS];
  private int size;

  /**
   * Finds the symbols of the values, or of the steps between them.
   *
   * @param steps 0 or 1
   * @return false when there are too many for this to be cheap
   */
  boolean of(long[] column, int count, int steps) {
    for (int i = 0; i < size; i++) {
      slotSymbol[usedSlots[i]] = 0;
    }
    size = 0;
    int most = Math.min(LongColumn.MAX_SYMBOLS, Math.max(4, count / 3));
    for (int i = steps; i < count; i++) {
      long value = steps == 0 ? column[i] : column[i] - column[i - 1];
      int slot = slot(value);
      int symbol = slotSymbol[slot] - 1;
      if (symbol < 0) {
        if (size == most) {
          return false;
        }
        symbol = size++;
        slotValue[slot] = value;
        slotSymbol[slot] = symbol + 1;
        usedSlots[symbol] = slot;
        values[symbol] = value;
        counts[symbol] = 0;
      }
      counts[symbol]++;
    }
    for (int i = 0; i < size; i++) {
      order[i] = ((long) counts[i] << 16) | (0xffff - i); // frequent first, then early first
    }
    Arrays.sort(order, 0, size);
    for (int i = 0; i < size; i++) {
      placeOf[0xffff - (int) (order[i] & 0xffff)] = size - 1 - i;
    }
    for (int i = 0; i < size; i++) {
      order[placeOf[i]] = i;
    }
    return true;
  }

  private int slot(long value) {
    long hash = value * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash >>> 54);
    while (slotSymbol[slot] != 0 && slotValue[slot] != value) {
      slot = (slot + 1) & (SLOTS - 1);
    }
    return slot;
  }

  /** What {@link #write} takes. */
  long bits() {
    long bits = LongColumn.numberBits(size) + LongColumn.numberBits(values[(int) order[0]]);
    if (size == 1) {
      return bits;
    }
    int n = distances();
    bits += 6 + LongColumn.bits(distances, n, LongColumn.k(distances, n));
    return bits + PLACE_K_BITS + placeBits(placeK());
  }

  private int distances() {
    long first = values[(int) order[0]];
    for (int i = 1; i < size; i++) {
      distances[i - 1] = BitWriter.zigzag(values[(int) order[i]] - first);
    }
    return size - 1;
  }

  private int placeK() {
    int best = 0;
    for (int k = 1; k <= MAX_PLACE_K; k++) {
      if (placeBits(k) < placeBits(best)) {
        best = k;
      }
    }
    return best;
  }

  private long placeBits(int k) {
    long bits = 0;
    for (int place = 0; place < size; place++) {
      if (place >>> k >= LongColumn.ESCAPE) {
        return LongColumn.never();
      }
      bits += (long) counts[(int) order[place]] * ((place >>> k) + 1 + k);
    }
    return bits;
  }

  void write(BitWriter out, long[] column, int count, int steps) {
    out.number(size - 1);
    out.signed(values[(int) order[0]]);
    if (size == 1) {
      return;
    }
    int n = distances();
    int k = LongColumn.k(distances, n);
    out.bits(k, 6);
    for (int i = 0; i < n; i++) {
      LongColumn.writeRice(out, distances[i], k);
    }
    int placeK = placeK();
    out.bits(placeK, PLACE_K_BITS);
    for (int i = steps; i < count; i++) {
      long value = steps == 0 ? column[i] : column[i] - column[i - 1];
      LongColumn.writeRice(out, placeOf[slotSymbol[slot(value)] - 1], placeK);
    }
  }

  static void read(BitReader in, long[] into, int steps) {
    int size = 1 + in.number(LongColumn.MAX_SYMBOLS - 1);
    long[] symbols = new long[size];
    symbols[0] = in.signed();
    int placeK = 0;
    if (size > 1) {
      int k = (int) in.bits(6);
      for (int i = 1; i < size; i++) {
        symbols[i] = symbols[0] + BitReader.unzigzag(LongColumn.readRice(in, k));
      }
      placeK = (int) in.bits(PLACE_K_BITS);
    }
    for (int i = steps; i < into.length; i++) {
      long place = size == 1 ? 0 : LongColumn.readRice(in, placeK);
      if (place < 0 || place >= size) {
        throw new IllegalArgumentException("a symbol that there is not: " + place);
      }
      into[i] = steps == 0 ? symbols[(int) place] : into[i - 1] + symbols[(int) place];
    }
  }
}
