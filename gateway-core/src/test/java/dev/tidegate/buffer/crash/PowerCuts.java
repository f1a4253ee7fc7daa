package dev.tidegate.buffer.crash;

import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Draws folders that a power cut could leave, of every kind that has broken a database somewhere.
 */
public final class PowerCuts {
  private static final int KINDS = 8;

  private final RandomGenerator random;

  public PowerCuts(RandomGenerator random) {
    this.random = random;
  }

  /** One folder that a cut at this moment could leave: each file's content, by name. */
  public Map<String, byte[]> of(Platter platter) {
    int[] uncertain = platter.uncertain();
    return platter.after(fate(random.nextInt(KINDS), uncertain));
  }

  private Platter.Fate fate(int kind, int[] uncertain) {
    int pick = uncertain.length == 0 ? 0 : uncertain[random.nextInt(uncertain.length)];
    double share = random.nextDouble();
    return switch (kind) {
      case 0 -> new Drawn(time -> true, 0); // a killed process: the kernel lives
      case 1 -> new Drawn(time -> false, 0);
      case 2 -> new Drawn(time -> time <= pick, 0.3); // in order of issue
      case 3 -> new Drawn(time -> time != pick, 0);
      case 4 -> new Drawn(time -> time == pick, 0.3);
      case 5 -> new Drawn(time -> time >= pick, 0); // the last ones first
      case 6 -> new Drawn(time -> random.nextBoolean(), 0.2);
      default -> new Drawn(time -> random.nextDouble() < share, 0.5);
    };
  }

  private interface Keeping {
    boolean keeps(int time);
  }

  /** A fate made of chances; a step is asked about once. */
  private final class Drawn implements Platter.Fate {
    private final Keeping keeping;
    private final double torn;
    private final int filling;

    /**
     * @param torn share of the writes that arrive in part
     */
    Drawn(Keeping keeping, double torn) {
      this.keeping = keeping;
      this.torn = torn;
      filling = random.nextInt(4);
    }

    @Override
    public boolean keeps(int time) {
      return keeping.keeps(time);
    }

    @Override
    public boolean @Nullable [] sectors(int count) {
      if (count < 2 || random.nextDouble() >= torn) {
        return null;
      }
      boolean[] sectors = new boolean[count];
      int at = 1 + random.nextInt(count - 1);
      int how = random.nextInt(3);
      for (int i = 0; i < count; i++) {
        sectors[i] =
            switch (how) {
              case 0 -> i < at;
              case 1 -> i >= at;
              default -> random.nextBoolean();
            };
      }
      return sectors;
    }

    @Override
    public @Nullable Byte filling() {
      return switch (filling) {
        case 0 -> (byte) 0;
        case 1 -> (byte) random.nextInt(256);
        default -> null;
      };
    }
  }
}
