package dev.tidegate.cli;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.config.decode.LoadResult;
import dev.tidegate.config.yaml.Problem;
import dev.tidegate.driver.Driver;
import dev.tidegate.gateway.Drivers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tidegate check}: everything that is wrong with a configuration, without starting it. */
@Command(
    name = "check",
    description = "Checks a configuration offline and lists every complaint at once.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "the configuration, one YAML file")
  @Nullable Path file;

  @Override
  public Integer call() {
    Optional<GatewayConfig> config = load(file, Drivers.installed());
    config.ifPresent(
        c ->
            System.out.printf(
                "%s: good: gateway %s, %d devices, %d points, %d windows, %d models, %s%n",
                file,
                c.id(),
                c.devices().size(),
                c.points().size(),
                c.windows().size(),
                c.models().size(),
                c.sync() == null ? "no cloud" : "cloud at " + c.sync().broker()));
    return config.isPresent() ? Exit.OK : Exit.CONFIG;
  }

  /** The configuration, or empty after all complaints were printed. */
  static Optional<GatewayConfig> load(@Nullable Path file, List<Driver> drivers) {
    if (file == null) {
      throw new IllegalArgumentException("no file given");
    }
    return switch (ConfigLoader.load(file, drivers)) {
      case LoadResult.Loaded loaded -> {
        loaded.warnings().forEach(w -> print("warning: ", w));
        yield Optional.of(loaded.config());
      }
      case LoadResult.Refused refused -> {
        refused.problems().forEach(p -> print("", p));
        int count = refused.problems().size();
        String complaints = count + (count == 1 ? " complaint" : " complaints");
        System.err.println(
            file + ": refused: " + complaints + (refused.more() ? ", and there are more" : ""));
        yield Optional.empty();
      }
    };
  }

  private static void print(String prefix, Problem problem) {
    System.err.println(prefix + problem);
    if (!problem.excerpt().isBlank()) {
      System.err.println(problem.excerpt());
    }
  }
}
