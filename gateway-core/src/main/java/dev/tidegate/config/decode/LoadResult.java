package dev.tidegate.config.decode;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.yaml.Problem;
import java.util.List;

/** What became of reading a configuration file. */
public sealed interface LoadResult {
  /**
   * It was taken.
   *
   * @param config the configuration
   * @param warnings what works but is hardly meant, in the order of the file
   */
  record Loaded(GatewayConfig config, List<Problem> warnings) implements LoadResult {
    public Loaded {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * It was refused.
   *
   * @param problems everything that is wrong, in the order of the file; 1 to 1,000
   * @param more whether the file was given up at 1,000, with more to come
   */
  record Refused(List<Problem> problems, boolean more) implements LoadResult {
    public Refused {
      problems = List.copyOf(problems);
    }
  }
}
