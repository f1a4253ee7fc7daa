package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The walls of the house: which package may know which, and why. */
class ArrowsTest {
  /** Floors of our packages; arrows run to lower floors only. */
  private static final Map<String, Integer> FLOORS = new TreeMap<>();

  static {
    floor(0, "reading", "time", "driver");
    floor(1, "timekeeping", "flow", "frame", "config", "health", "twin");
    floor(
        2, "acquisition", "conditioning", "aggregation", "inference", "buffer", "sync", "command");
    floor(2, "local");
    floor(3, "pipeline");
    floor(4, "gateway");
    floor(5, "cli");
    floor(6, "demo");
    floor(7, "torture");
    floor(8, "checkout");
  }

  /** Arrows within a floor that are meant. */
  private static final Map<String, String> WITHIN_A_FLOOR =
      Map.ofEntries(
          Map.entry("driver → reading", "a driver's contract speaks of samples"),
          Map.entry("driver → time", "a driver asks its context for the time"),
          Map.entry("sync.plain → sync.binding", "a binding is what sync.binding describes"),
          Map.entry("sync.ditto → sync.binding", "a binding is what sync.binding describes"),
          Map.entry("sync.sparkplug → sync.binding", "a binding is what sync.binding describes"),
          Map.entry("frame → flow", "frames are made of the records that travel between stages"),
          Map.entry("config.decode → config.kind", "the keys are made of kinds of values"),
          Map.entry("config.decode → config.yaml", "the keys are read off the file's tree"),
          Map.entry("config.kind → config.yaml", "a value is read off a node of the file's tree"),
          Map.entry("sync.binding → sync.link", "a binding makes messages for the link"),
          Map.entry("sync.plain → sync.link", "a binding makes messages for the link"),
          Map.entry("sync.ditto → sync.link", "a binding makes messages for the link"),
          Map.entry("sync.sparkplug → sync.link", "a binding makes messages for the link"));

  /** A third-party library and the one room that may see it. */
  private static final Map<String, String> ROOMS =
      Map.of(
          "org.eclipse.paho", "sync.link",
          "org.sqlite", "buffer",
          "java.sql", "buffer",
          "ai.onnxruntime", "inference",
          "org.snakeyaml", "config",
          "picocli", "cli",
          "org.eclipse.californium", "drivers.coap");

  /** What lies around the gateway brings its own peers. */
  private static final Set<String> WORLD = Set.of("demo", "torture", "checkout", "bench");

  private static House house;

  private static void floor(int number, String... packages) {
    for (String name : packages) {
      FLOORS.put("dev.tidegate." + name, number);
    }
  }

  @BeforeAll
  static void read() throws IOException {
    house = House.read();
    assertTrue(house.uses().size() > 10, () -> "classes not found: " + house.uses().keySet());
  }

  /** Without it stages would grow into each other and nothing could be stepped alone. */
  @Test
  void arrowsRunToLowerFloorsOnly() {
    List<String> wrong = new ArrayList<>();
    house
        .arrows()
        .forEach(
            (from, targets) -> {
              for (String to : targets) {
                String fault = forbidden(from, to);
                if (!fault.isEmpty()) {
                  wrong.add(fault);
                }
              }
            });
    assertEquals(List.of(), wrong);
  }

  /** A rule that forbids nothing would pass everything. */
  @Test
  void aForbiddenArrowIsNoticed() {
    assertFalse(forbidden("dev.tidegate.buffer", "dev.tidegate.sync").isEmpty());
    assertFalse(forbidden("dev.tidegate.flow", "dev.tidegate.pipeline").isEmpty());
    assertFalse(forbidden("dev.tidegate.drivers.coap", "dev.tidegate.flow").isEmpty());
    assertTrue(forbidden("dev.tidegate.pipeline", "dev.tidegate.buffer").isEmpty());
  }

  /** A loop means that neither package can be understood, tested or replaced alone. */
  @Test
  void noPackageIsPartOfALoop() {
    assertEquals(Set.of(), House.loops(house.arrows()));
    assertEquals(
        Set.of("a", "b"),
        House.loops(Map.of("a", Set.of("b"), "b", Set.of("a"), "c", Set.of("a"))),
        "the search itself finds a loop where there is one");
  }

  /** A library that shows in two rooms cannot be replaced in one. */
  @Test
  void eachLibraryHasOneRoom() {
    List<String> wrong = new ArrayList<>();
    house
        .uses()
        .forEach(
            (from, targets) -> {
              if (WORLD.stream().anyMatch(around -> isBelow(from, "dev.tidegate." + around))) {
                return;
              }
              for (String to : targets) {
                ROOMS.forEach(
                    (library, room) -> {
                      if (isBelow(to, library) && !isBelow(from, "dev.tidegate." + room)) {
                        wrong.add(from + " sees " + library + ", whose room is " + room);
                      }
                    });
              }
            });
    assertEquals(List.of(), wrong);
  }

  /** A third-party type in a public signature drags its library into the caller. */
  @Test
  void noThirdPartyTypeShowsInAPublicSignature() {
    List<String> wrong = new ArrayList<>();
    house
        .signatures()
        .forEach(
            (type, shown) -> {
              for (String to : shown) {
                boolean own =
                    to.startsWith("dev.tidegate")
                        || to.matches("(java|javax[.]net)([.].*)?"); // the JDK
                boolean commandLine = to.startsWith("picocli") && inCommandLine(type);
                if (!own && !commandLine && !inBench(type)) {
                  wrong.add(type + " shows " + to);
                }
              }
            });
    assertEquals(List.of(), wrong);
  }

  /** Only {@code timekeeping} asks the system for the time: everything else can be stepped. */
  @Test
  void nobodyElseAsksForTheTimeOrSleeps() {
    Set<String> banned =
        Set.of(
            "java.lang.System.currentTimeMillis",
            "java.lang.System.nanoTime",
            "java.lang.Thread.sleep",
            "java.time.Instant.now",
            "java.time.LocalDateTime.now",
            "java.time.LocalDate.now",
            "java.time.ZonedDateTime.now",
            "java.time.OffsetDateTime.now",
            "java.time.Clock.systemUTC",
            "java.time.Clock.systemDefaultZone");
    List<String> wrong = new ArrayList<>();
    Set<String> timekeepers = new TreeSet<>();
    house
        .calls()
        .forEach(
            (type, called) -> {
              Set<String> hits = new TreeSet<>(called);
              hits.retainAll(banned);
              if (type.startsWith("dev.tidegate.timekeeping.")) {
                timekeepers.addAll(hits);
              } else if (!hits.isEmpty() && !inBench(type)) {
                wrong.add(type + " calls " + hits);
              }
            });
    assertEquals(List.of(), wrong);
    assertFalse(timekeepers.isEmpty(), "the search finds the calls where they are allowed");
  }

  /** A test that sleeps is slow when it passes and wrong when the machine is busy. */
  @Test
  void noTestSleeps() throws IOException {
    List<String> wrong = new ArrayList<>();
    String call = "Thread" + ".sleep(";
    for (Path file : Repository.files(Repository.ROOT, ".java")) {
      if (file.toString().contains("/src/test/") && Files.readString(file).contains(call)) {
        wrong.add(Repository.ROOT.relativize(file).toString());
      }
    }
    assertEquals(List.of(), wrong);
  }

  /** The drawing in the documentation is made here, so that picture and code cannot differ. */
  @Test
  void theDrawingIsTheCode() throws IOException {
    Path file = Repository.ROOT.resolve("docs/ARCHITECTURE.md");
    String text = Files.exists(file) ? Files.readString(file) : "";
    String begin = "<!-- arrows: drawn by ArrowsTest -->\n";
    String end = "<!-- end of arrows -->";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    assertTrue(from >= 0 && to > from, "docs/ARCHITECTURE.md has no place for the drawing");
    String drawn = text.substring(0, from + begin.length()) + drawing() + text.substring(to);
    Repository.golden(file, drawn);
  }

  private static String drawing() {
    StringBuilder drawing = new StringBuilder("```\n");
    for (int floor = 6; floor >= 0; floor--) {
      for (Map.Entry<String, Set<String>> arrow : house.arrows().entrySet()) {
        if (floorOf(arrow.getKey()) == floor) {
          drawing.append(
              "%d  %-18s → %s%n"
                  .formatted(
                      floor,
                      shortName(arrow.getKey()),
                      String.join(
                          " ", arrow.getValue().stream().map(ArrowsTest::shortName).toList())));
        }
      }
    }
    return drawing.append("```\n").toString().replaceAll(" +\n", "\n");
  }

  private static String shortName(String name) {
    return name.replaceFirst("^dev\\.tidegate\\.", "");
  }

  /** Why the arrow must not be; empty when it may. */
  private static String forbidden(String from, String to) {
    String arrow = shortName(from) + " → " + shortName(to);
    if (isBelow(from, "dev.tidegate.bench") || WITHIN_A_FLOOR.containsKey(arrow)) {
      return "";
    }
    if (isBelow(from, to) || isBelow(to, from)) {
      return ""; // a package and its own rooms
    }
    if (isBelow(from, "dev.tidegate.drivers") && floorOf(to) != 0) {
      return arrow + ": a driver knows the driver API alone";
    }
    if (floorOf(from) <= floorOf(to)) {
      return arrow + ": floor " + floorOf(from) + " must not know floor " + floorOf(to);
    }
    return "";
  }

  private static int floorOf(String name) {
    for (Map.Entry<String, Integer> floor : FLOORS.entrySet()) {
      if (isBelow(name, floor.getKey())) {
        return floor.getValue();
      }
    }
    if (isBelow(name, "dev.tidegate.drivers")) {
      return 1;
    }
    if (isBelow(name, "dev.tidegate.models") || isBelow(name, "dev.tidegate.testkit")) {
      return 2;
    }
    if (isBelow(name, "dev.tidegate.bench")) {
      return 7;
    }
    throw new IllegalStateException(name + " stands on no floor: put it on one in FLOORS");
  }

  private static boolean isBelow(String name, String parent) {
    return name.equals(parent) || name.startsWith(parent + ".");
  }

  private static boolean inCommandLine(String type) {
    return type.startsWith("dev.tidegate.cli.")
        || type.startsWith("dev.tidegate.demo.")
        || type.startsWith("dev.tidegate.torture.");
  }

  private static boolean inBench(String type) {
    return type.startsWith("dev.tidegate.bench.") || type.startsWith("dev.tidegate.testkit.");
  }
}
