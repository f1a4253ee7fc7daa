package dev.tidegate.drivers.replay;

import static dev.tidegate.driver.Option.Kind.CHOICE;
import static dev.tidegate.driver.Option.Kind.FLAG;
import static dev.tidegate.driver.Option.Kind.NUMBER;
import static dev.tidegate.driver.Option.Kind.PATH;
import static dev.tidegate.driver.Option.Kind.TEXT;

import dev.tidegate.driver.Complaint;
import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The driver {@code replay}: every device plays one {@link Recording}. */
public final class ReplayDriver implements Driver {
  /** How many rows the check looks at for one with a time. */
  private static final int ROWS_CHECKED = 100;

  @Override
  public String type() {
    return "replay";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.device(PATH, "file", "The recording: a CSV file with a header.").must(),
        Option.device(CHOICE, "separator", "What stands between cells.")
            .oneOf("auto", "comma", "semicolon", "tab")
            .or("auto"),
        Option.device(TEXT, "time-column", "The column of times; left out, the first one."),
        Option.device(CHOICE, "time-format", "How times are written; without a zone they are UTC.")
            .oneOf(Arrays.stream(TimeFormat.values()).map(TimeFormat::id).toArray(String[]::new))
            .or("auto"),
        Option.device(
                NUMBER, "speed", "Recorded seconds played in one second; 0: as fast as possible.")
            .or("1")
            .within(0, 1e6),
        Option.device(
                CHOICE,
                "times",
                "What readings are stamped with: when they are played, or (with speed 0, for a"
                    + " clock that follows the recording) the recorded times.")
            .oneOf("played", "original")
            .or("played"),
        Option.device(FLAG, "repeat", "Whether to start again at the end.").or("false"),
        Option.point(TEXT, "column", "The column to play; left out, the point's id names it."));
  }

  @Override
  public List<Complaint> check(DeviceConfig config) {
    Path file = config.settings().path("file");
    if (!Files.isRegularFile(file)) {
      return List.of(
          new Complaint(
              null,
              "file",
              "there is no file "
                  + file
                  + "; a relative path starts at the folder of the configuration file"));
    }
    List<Complaint> complaints = new ArrayList<>();
    if (config.settings().text("times").equals("original")
        && (config.settings().number("speed") != 0 || config.settings().flag("repeat"))) {
      complaints.add(
          new Complaint(
              null, "times", "recorded times need 'speed: 0' and 'repeat: false'; leave it out"));
    }
    try (Recording recording = Recording.open(file, layout(config.settings()))) {
      for (DeviceConfig.Point point : config.points()) {
        try {
          recording.column(column(point));
        } catch (BadRecordingException e) {
          String option = point.settings().has("column") ? "column" : null;
          complaints.add(new Complaint(point.id(), option, message(e)));
        }
      }
      int rows = 0;
      while (rows < ROWS_CHECKED && recording.step() == Recording.Step.BAD_ROW) {
        rows++;
      }
      if (rows == ROWS_CHECKED) {
        complaints.add(
            new Complaint(
                null,
                "file",
                "the first " + rows + " rows cannot be read; " + recording.firstBad()));
      }
    } catch (BadRecordingException e) {
      String option = config.settings().has("time-column") ? "time-column" : "file";
      complaints.add(new Complaint(null, option, message(e)));
    } catch (IOException e) {
      complaints.add(new Complaint(null, "file", file + " cannot be read: " + e));
    }
    return complaints;
  }

  @Override
  public Device open(DeviceConfig config, DriverContext context) throws DriverException {
    Path file = config.settings().path("file");
    Source source = () -> Recording.open(file, layout(config.settings()));
    try {
      Recording recording = source.open();
      try {
        int[] columns = new int[config.points().size()];
        for (int i = 0; i < columns.length; i++) {
          columns[i] = recording.column(column(config.points().get(i)));
        }
        return new ReplayedDevice(config, source, recording, columns, context.clock());
      } catch (BadRecordingException e) {
        recording.close();
        throw e;
      }
    } catch (BadRecordingException e) {
      throw new DriverException(
          DriverException.Kind.MISCONFIGURED, config.id() + " cannot play: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new DriverException(
          DriverException.Kind.UNPLUGGED,
          config.id() + " cannot read " + file + " (" + e + "): put the recording there",
          e);
    }
  }

  private static String column(DeviceConfig.Point point) {
    return point.settings().has("column") ? point.settings().text("column") : point.id().point();
  }

  private static String message(BadRecordingException e) {
    return Objects.requireNonNull(e.getMessage());
  }

  private static Recording.Layout layout(Settings settings) {
    char separator =
        switch (settings.text("separator")) {
          case "comma" -> ',';
          case "semicolon" -> ';';
          case "tab" -> '\t';
          default -> '\0';
        };
    TimeFormat format = TimeFormat.ofId(settings.text("time-format"));
    return new Recording.Layout(
        separator,
        settings.has("time-column") ? settings.text("time-column") : null,
        format == null ? TimeFormat.AUTO : format);
  }

  /** Opens the recording once more. */
  @FunctionalInterface
  interface Source {
    Recording open() throws IOException;
  }
}
