package dev.tidegate.demo;

import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Summary;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the cloud side has stored, and its books: which numbers of each gateway, epoch and lane it
 * has, which came twice, which are missing.
 *
 * <p>The file {@value #FILE} is a sequence of (length, 4 bytes, big endian; frame). It is forced to
 * disk before anything in it is acknowledged; a torn end is cut off at the next opening, by the
 * frames' own checksum. Safe for use by any thread.
 */
public final class CloudStore implements AutoCloseable {
  static final String FILE = "frames.log";

  /** Frames of a book whose bytes can be compared with those of a frame that comes again. */
  static final int HASHES = 4_096;

  private static final int MAX_RESULTS = 4_096;

  private final @Nullable FileChannel file;
  private final Map<Origin, EnumMap<Lane, Book>> books = new LinkedHashMap<>();
  private long duplicates;
  private long differing;
  private @Nullable Summary lastSummary;
  private @Nullable Decision lastDecision;
  private final LinkedHashMap<String, CommandResult> results = new LinkedHashMap<>();

  /** Whose numbers: each database of each gateway counts from 1. */
  public record Origin(String gatewayId, String epoch) {}

  /** One record, as it was stored. */
  public record Stored(Origin origin, Lane lane, long sequence, Entry entry) {}

  /**
   * Whether everything up to the highest number of each lane is there.
   *
   * @param stored records stored, each counted once
   * @param declaredLost records that loss records stand for
   * @param missing one line for each range that is neither stored nor declared lost
   * @param duplicates frames that came again
   * @param differing frames that came again with other bytes: a defect of the sender; noticed for
   *     the newest 4,096 frames of a lane
   */
  public record Verdict(
      Map<Lane, Long> stored,
      long declaredLost,
      List<String> missing,
      long duplicates,
      long differing) {
    public boolean complete() {
      return missing.isEmpty() && differing == 0;
    }
  }

  /** One lane of one database. */
  private static final class Book {
    final Ranges stored = new Ranges();
    final Ranges accounted = new Ranges();

    /** Of the newest {@value #HASHES} frames: whether one that comes again has the same bytes. */
    final Map<Long, Integer> hashByFirst =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
            if (size() <= HASHES) {
              return false;
            }
            forgottenUpTo = Math.max(forgottenUpTo, eldest.getKey());
            return true;
          }
        };

    /** Frames that start up to here may be stored without a hash. */
    long forgottenUpTo;
  }

  private CloudStore(@Nullable FileChannel file) {
    this.file = file;
  }

  /** A store that ends with the process. */
  public static CloudStore inMemory() {
    return new CloudStore(null);
  }

  /**
   * The store in that folder, made when it is not there.
   *
   * @throws IOException when the folder or its file cannot be used
   */
  public static CloudStore open(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel file =
        FileChannel.open(
            folder.resolve(FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    CloudStore store = new CloudStore(file);
    long sound = forEachFrame(file, store::note);
    file.truncate(sound);
    file.position(sound);
    return store;
  }

  /**
   * Every record that a store's file holds, in the order of arrival, each frame once; the store may
   * be in use.
   */
  public static List<Stored> read(Path folder) throws IOException {
    List<Stored> all = new ArrayList<>();
    try (FileChannel file = FileChannel.open(folder.resolve(FILE), StandardOpenOption.READ)) {
      forEachFrame(
          file,
          (frame, bytes) -> {
            long sequence = frame.header().firstSequence();
            for (Entry entry : frame.entries()) {
              all.add(
                  new Stored(originOf(frame.header()), frame.header().lane(), sequence++, entry));
            }
          });
    }
    return all;
  }

  /**
   * Visits the whole frames with a right checksum, one at a time, from the start of the file up to
   * the first that is not.
   *
   * @return where in the file they end
   */
  private static long forEachFrame(FileChannel file, BiConsumer<Frame, byte[]> visitor)
      throws IOException {
    long at = 0;
    ByteBuffer length = ByteBuffer.allocate(4);
    while (file.read(length.clear(), at) == 4) {
      int bytes = length.getInt(0);
      if (bytes < 1 || bytes > FrameCodec.MAX_BYTES) {
        break;
      }
      ByteBuffer buffer = ByteBuffer.allocate(bytes);
      int read = 0;
      while (buffer.hasRemaining() && read >= 0) {
        read = file.read(buffer, at + 4 + buffer.position());
      }
      if (buffer.hasRemaining()) {
        break;
      }
      Frame frame;
      try {
        frame = FrameCodec.decode(buffer.array());
      } catch (FrameException e) {
        break;
      }
      visitor.accept(frame, buffer.array());
      at += 4L + bytes;
    }
    return at;
  }

  private static Origin originOf(FrameHeader header) {
    return new Origin(header.gatewayId(), header.epoch());
  }

  /**
   * Takes a frame in; it is durable after the next {@link #force}.
   *
   * @return whether it is new; false for one that is stored already
   */
  public synchronized boolean add(Frame frame, byte[] bytes) throws IOException {
    if (!note(frame, bytes)) {
      return false;
    }
    if (file != null) {
      ByteBuffer record = ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length).put(bytes);
      record.flip();
      while (record.hasRemaining()) {
        file.write(record);
      }
    }
    return true;
  }

  /** Makes durable what was taken in. */
  public synchronized void force() throws IOException {
    if (file != null) {
      file.force(false);
    }
    notifyAll();
  }

  private boolean note(Frame frame, byte[] bytes) {
    FrameHeader header = frame.header();
    Origin origin = originOf(header);
    Book book = book(origin, header.lane());
    Integer hash = book.hashByFirst.get(header.firstSequence());
    long fresh = book.stored.add(header.firstSequence(), header.lastSequence());
    if (hash != null || fresh == 0) {
      duplicates++;
      boolean forgotten = hash == null && header.firstSequence() <= book.forgottenUpTo;
      if (!forgotten && (hash == null || hash != Arrays.hashCode(bytes))) {
        differing++;
      }
      return false;
    }
    book.hashByFirst.put(header.firstSequence(), Arrays.hashCode(bytes));
    if (fresh != header.count()) {
      differing++; // overlaps a stored frame without being it
    }
    book.accounted.add(header.firstSequence(), header.lastSequence());
    for (Entry entry : frame.entries()) {
      switch (entry) {
        case LossRecord loss ->
            book(origin, loss.lane()).accounted.add(loss.firstSequence(), loss.lastSequence());
        case Summary summary -> lastSummary = summary;
        case Decision decision -> lastDecision = decision;
        case Entry.Measured m -> {}
        case dev.tidegate.flow.Event e -> {}
        case dev.tidegate.flow.ClockCorrection c -> {}
        case CommandResult result -> remember(result);
      }
    }
    return true;
  }

  /** Of the last {@value #MAX_RESULTS} commands, what was said of each last. */
  private void remember(CommandResult result) {
    results.put(result.id(), result);
    if (results.size() > MAX_RESULTS) {
      results.remove(results.firstEntry().getKey());
    }
  }

  /**
   * Waits until the condition holds, looking whenever frames became durable; whether it does.
   *
   * @param condition about this store; must not wait
   */
  public synchronized boolean await(BooleanSupplier condition, Duration patience)
      throws InterruptedException {
    Clock clock = new SystemClock();
    long end = clock.monotonicNanos() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      long left = end - clock.monotonicNanos();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  /** What was said of that command last; null for nothing, or long ago. */
  public synchronized @Nullable CommandResult result(String id) {
    return results.get(id);
  }

  private Book book(Origin origin, Lane lane) {
    return books
        .computeIfAbsent(origin, o -> new EnumMap<>(Lane.class))
        .computeIfAbsent(lane, l -> new Book());
  }

  /** Records stored of a lane, of all gateways, each counted once. */
  public synchronized long stored(Lane lane) {
    long count = 0;
    for (Map<Lane, Book> lanes : books.values()) {
      Book book = lanes.get(lane);
      count += book == null ? 0 : book.stored.count();
    }
    return count;
  }

  /** The summary that came last; null before the first. */
  public synchronized @Nullable Summary lastSummary() {
    return lastSummary;
  }

  /** The decision that came last; null before the first. */
  public synchronized @Nullable Decision lastDecision() {
    return lastDecision;
  }

  /** The books as they are now. */
  public synchronized Verdict verdict() {
    Map<Lane, Long> stored = new EnumMap<>(Lane.class);
    List<String> missing = new ArrayList<>();
    long[] declaredLost = {0};
    for (Lane lane : Lane.values()) {
      stored.put(lane, stored(lane));
    }
    books.forEach(
        (origin, lanes) ->
            lanes.forEach(
                (lane, book) -> {
                  declaredLost[0] += book.accounted.count() - book.stored.count();
                  for (Ranges.Range gap : book.accounted.gaps()) {
                    missing.add(
                        "%s %s %s %d to %d"
                            .formatted(
                                origin.gatewayId(),
                                origin.epoch(),
                                lane.word(),
                                gap.first(),
                                gap.last()));
                  }
                }));
    return new Verdict(stored, declaredLost[0], missing, duplicates, differing);
  }

  @Override
  public synchronized void close() throws IOException {
    if (file != null) {
      file.force(true);
      file.close();
    }
  }
}
