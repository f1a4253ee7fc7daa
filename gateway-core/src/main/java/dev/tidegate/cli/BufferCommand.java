package dev.tidegate.cli;

import dev.tidegate.buffer.store.BufferFile;
import dev.tidegate.buffer.store.Salvage;
import dev.tidegate.buffer.store.StoreException;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.Frame;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code tidegate buffer}: what a buffer holds, in use, off, or set aside as damaged. */
@Command(
    name = "buffer",
    description = "Looks into a buffer, also one that was set aside as damaged; never changes it.",
    subcommands = {
      BufferCommand.Inspect.class,
      BufferCommand.Export.class,
      BufferCommand.SalvageTo.class
    },
    mixinStandardHelpOptions = true)
final class BufferCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    System.err.println("say what to do: tidegate buffer inspect, export or salvage");
    return Exit.USAGE;
  }

  /** {@code tidegate buffer inspect}. */
  @Command(
      name = "inspect",
      description = "Checks every frame of a buffer and says what it holds.",
      mixinStandardHelpOptions = true)
  static final class Inspect implements Callable<Integer> {
    @Parameters(paramLabel = "PATH", description = "a data folder, or a database file in it")
    @Nullable Path path;

    @Option(names = "--json", description = "prints it as JSON")
    boolean json;

    @Override
    public Integer call() {
      try {
        Path at = path == null ? Path.of(".") : path;
        BufferFile.Found found = BufferFile.at(at).visit(frame -> {});
        List<Path> aside = Files.isDirectory(at) ? BufferFile.setAside(at) : List.of();
        System.out.println(
            json ? JsonMapper.builder().build().writeValueAsString(found) : text(found, aside));
        return found.damagedFrames() == 0 && found.trouble().isEmpty() ? Exit.OK : Exit.FAILED;
      } catch (IOException e) {
        System.err.println(e.getMessage());
        return Exit.NO_DATA;
      }
    }

    private static String text(BufferFile.Found found, List<Path> aside) {
      StringBuilder text = new StringBuilder();
      for (Lane lane : Lane.values()) {
        text.append(
            String.format(
                Locale.ROOT,
                "%-9s %,d records (%,d to %,d) in %,d frames, %s%n",
                lane.word(),
                found.records().getOrDefault(lane, 0L),
                found.firstSequence().getOrDefault(lane, 0L),
                found.lastSequence().getOrDefault(lane, 0L),
                found.frames().getOrDefault(lane, 0L),
                StatusCommand.bytes(found.bytes().getOrDefault(lane, 0L))));
      }
      text.append(
          String.format(
              Locale.ROOT,
              "checked   every frame; %,d do not match their checksum, %,d lie in quarantine%n",
              found.damagedFrames(),
              found.quarantined()));
      if (!found.trouble().isEmpty()) {
        text.append("broken    SQLite could not read all of it: ")
            .append(found.trouble())
            .append('\n');
      }
      for (Path file : aside) {
        text.append("set aside ").append(file).append(": see what it holds with buffer inspect\n");
      }
      return text.toString().stripTrailing();
    }
  }

  /** {@code tidegate buffer salvage}. */
  @Command(
      name = "salvage",
      description =
          "Makes a new data folder of what is sound in a buffer: a gateway with the same id goes on"
              + " with its numbers, on another card.",
      mixinStandardHelpOptions = true)
  static final class SalvageTo implements Callable<Integer> {
    @Parameters(paramLabel = "PATH", description = "a data folder, or a database file in it")
    @Nullable Path path;

    @Option(
        names = "--out",
        paramLabel = "FOLDER",
        required = true,
        description = "the new data folder; must not hold a buffer yet")
    @Nullable Path out;

    @Override
    public Integer call() {
      Path target = out == null ? Path.of("salvaged") : out;
      try {
        BufferFile file = BufferFile.at(path == null ? Path.of(".") : path);
        Salvage.Result result = Salvage.copy(file.path(), target);
        System.out.printf(
            Locale.ROOT,
            "%,d records were taken over into %s%n%,d are missing%s; %,d frames do not match their"
                + " checksum%n",
            result.keptRecords(),
            target,
            result.missingRecords(),
            result.missingRecords() == 0
                ? ""
                : ": the gateway that starts with this folder declares them lost",
            result.damagedFrames());
        return result.missingRecords() == 0 ? Exit.OK : Exit.FAILED;
      } catch (IOException | StoreException e) {
        System.err.println(e.getMessage());
        return Exit.NO_DATA;
      }
    }
  }

  /** {@code tidegate buffer export}. */
  @Command(
      name = "export",
      description =
          "Writes every sound record of a buffer as one JSON object a line, also of one set aside as"
              + " damaged.",
      mixinStandardHelpOptions = true)
  static final class Export implements Callable<Integer> {
    @Parameters(paramLabel = "PATH", description = "a data folder, or a database file in it")
    @Nullable Path path;

    @Option(
        names = "--out",
        paramLabel = "FILE",
        required = true,
        description = "where the lines go; must not be there yet")
    @Nullable Path out;

    @Option(names = "--lane", paramLabel = "LANE", description = "one lane alone")
    @Nullable String lane;

    private final JsonMapper lines = JsonMapper.builder().build();
    private long written;

    @Override
    public Integer call() {
      if (lane != null && List.of(Lane.values()).stream().noneMatch(l -> l.word().equals(lane))) {
        System.err.println("--lane: alarms, events, summaries or raw, not '" + lane + "'");
        return Exit.USAGE;
      }
      Path target = out == null ? Path.of("buffer.jsonl") : out;
      try {
        BufferFile file = BufferFile.at(path == null ? Path.of(".") : path);
        try (Writer writer =
            Files.newBufferedWriter(
                target, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW)) {
          BufferFile.Found found = file.visit(frame -> write(frame, writer));
          System.out.printf(
              Locale.ROOT,
              "%,d records written to %s; %,d frames do not match their checksum and were left out%n",
              written,
              target,
              found.damagedFrames());
          if (!found.trouble().isEmpty()) {
            System.out.println("SQLite could not read all of it: " + found.trouble());
          }
          return found.damagedFrames() == 0 && found.trouble().isEmpty() ? Exit.OK : Exit.FAILED;
        }
      } catch (IOException e) {
        System.err.println(
            e instanceof java.nio.file.FileAlreadyExistsException
                ? target + " is there already; nothing is written over"
                : String.valueOf(e.getMessage()));
        return Exit.NO_DATA;
      }
    }

    private void write(Frame frame, Writer writer) throws IOException {
      if (lane != null && !frame.header().lane().word().equals(lane)) {
        return;
      }
      long sequence = frame.header().firstSequence();
      for (Entry entry : frame.entries()) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("epoch", frame.header().epoch());
        line.put("lane", frame.header().lane().word());
        line.put("sequence", sequence++);
        line.put("time", instant(entry.atNanos() + frame.header().wallOffsetNanos()));
        line.put("kind", entry.getClass().getSimpleName());
        line.put("record", entry.toString());
        if (entry instanceof Entry.Measured measured) {
          line.put("point", measured.sample().point().name());
          if (measured.sample() instanceof dev.tidegate.reading.Reading reading) {
            line.put("value", reading.value().asDouble());
            line.put("quality", reading.quality().name());
          }
        }
        writer.write(lines.writeValueAsString(line));
        writer.write('\n');
        written++;
      }
    }

    private static String instant(long wallNanos) {
      return Instant.ofEpochSecond(
              Math.floorDiv(wallNanos, 1_000_000_000L), Math.floorMod(wallNanos, 1_000_000_000L))
          .toString();
    }
  }
}
