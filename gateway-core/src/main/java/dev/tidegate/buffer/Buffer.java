package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Durability;
import dev.tidegate.buffer.store.Folder;
import dev.tidegate.buffer.store.FrameReader;
import dev.tidegate.buffer.store.Opening;
import dev.tidegate.buffer.store.Sqlite;
import dev.tidegate.buffer.store.StoreException;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Inbox;
import dev.tidegate.flow.Journal;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Leaving;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Outbox;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.flow.Stretch;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.Agent;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's memory: what is journalled here survives a kill and a power cut, and stays until
 * the far side has it or it is declared lost.
 *
 * <h2>Threads</h2>
 *
 * {@link #append} is for the pipeline's thread and the clock's, the {@link Outbox} for the sync
 * thread, {@link #account} for any. {@link #step} and {@link #close} belong to the buffer's own
 * thread, which alone writes the file and alone calls receipts and commit listeners.
 *
 * <h2>Group commit</h2>
 *
 * Everything that arrives within {@code commit-every} shares one transaction: new frames,
 * settlements, evictions and their loss records. An alarm, or a full batch, commits at once.
 * Numbers are given at the commit, so that they have no gaps whatever happens before it.
 *
 * <h2>Trouble</h2>
 *
 * A commit that fails leaves its batch in memory and is tried again, after 1 s at first and 30 s at
 * last; meanwhile the bounded queue fills, appends wait, and the intake counts what it turns away.
 * A file that is found broken inside ends the buffer ({@link DamagedException}): the next opening
 * sets it aside.
 */
public final class Buffer implements Journal, Outbox, Inbox, Agent {
  /**
   * System property; {@code none} gives receipts before the commit and never synchronises the disk.
   * The kill test's negative control, of no other use.
   */
  public static final String UNSAFE_DURABILITY = "tidegate.unsafe.durability";

  /**
   * System property; so many pages of 4,096 bytes are all that the file may have: SQLite then says
   * that the disk is full. For {@code tidegate torture}, of no other use.
   */
  public static final String UNSAFE_MAX_PAGES = "tidegate.unsafe.max-pages";

  private static final long RETRY_MIN_NANOS = 1_000_000_000L;
  private static final long RETRY_MAX_NANOS = 30_000_000_000L;

  /** An idle buffer still notes from time to time how long the gateway has run. */
  private static final long IDLE_COMMIT_NANOS = 600_000_000_000L;

  /** How often a last commit is tried before what waits is given up, without a receipt. */
  private static final int CLOSING_TRIES = 2;

  private final Folder folder;
  private final FrameReader reader;
  private final Committer committer;
  private final Coalescer coalescer;
  private final Quotas quotas;
  private final Set<Lane> onRequest = EnumSet.noneOf(Lane.class);
  private final Options options;
  private final String epoch;
  private final long commitEveryNanos;
  private final Clock clock;
  private final Faults faults;
  private final Handover handover;
  private final Batch batch;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final LongAdder appended;
  private final LongAdder waits;
  private final LongAdder dropped;
  private final LongAdder notesDropped;

  /** Commands that wait for someone who carries them out. */
  private final Queue<Received> commands = new ArrayDeque<>();

  private volatile @Nullable Consumer<Received> executor;

  private final List<CommandResult> earlier;
  private volatile Consumer<CommandResult> answered = result -> {};

  private volatile Published published;

  /** A reader came upon a broken page; the buffer's own thread acts on it. */
  private volatile boolean foundDamaged;

  private boolean urgent;
  private long dueNanos;
  private long retryAtNanos;
  private long retryPauseNanos;

  /** What other threads see of the last commit. */
  private record Published(Account account, Map<Lane, Long> heads, List<Stretch> stretches) {
    static Published of(Committer committer) {
      Books books = committer.books();
      Map<Lane, Long> heads = new EnumMap<>(Lane.class);
      for (Lane lane : Lane.values()) {
        heads.put(lane, books.of(lane).nextSequence);
      }
      return new Published(books.account(), heads, committer.stretches());
    }
  }

  private Buffer(
      Opening opening,
      Committer committer,
      Coalescer coalescer,
      Options options,
      BufferConfig config,
      Quotas quotas,
      Clock clock,
      Counters counters,
      Faults faults) {
    this.folder = opening.folder();
    this.epoch = opening.contents().epoch();
    this.earlier = opening.contents().commanded();
    this.reader = new FrameReader(opening.file(), epoch);
    this.committer = committer;
    this.coalescer = coalescer;
    this.quotas = quotas;
    for (Lane lane : Lane.values()) {
      if (quotas.of(lane).send() == BufferConfig.Send.ON_REQUEST) {
        onRequest.add(lane);
      }
    }
    this.options = options;
    this.commitEveryNanos = config.commitEveryNanos();
    this.clock = clock;
    this.faults = faults;
    batch = new Batch(quotas.batchBytes());
    handover = new Handover(clock, quotas.batchBytes());
    appended = counters.of("buffer.appended");
    waits = counters.of("buffer.append-waits");
    dropped = counters.of("buffer.dropped");
    notesDropped = counters.of("buffer.notes-dropped");
    published = Published.of(committer);
    dueNanos = clock.monotonicNanos() + (committer.isOwing() ? 0 : IDLE_COMMIT_NANOS);
  }

  /**
   * Opens the buffer in that folder, and makes it where there is none. A damaged file is set aside
   * and reported as a fault; a new one takes its place, with what of it is sound.
   *
   * @param gatewayId who the frames say they come from
   * @param bootId this run of the gateway process, and so its timeline; a UUID in lower case
   * @param quantumOf the step to which a point's values are rounded, in its unit; 0 for none
   * @param random where a new database's epoch comes from
   * @throws BufferException when the folder cannot be used, is in use, or holds a later format
   */
  public static Buffer open(
      Path folder,
      BufferConfig config,
      String gatewayId,
      String bootId,
      ToDoubleFunction<PointId> quantumOf,
      Clock clock,
      RandomGenerator random,
      Counters counters,
      Faults faults)
      throws BufferException {
    return open(
        folder,
        config,
        gatewayId,
        bootId,
        quantumOf,
        clock,
        random,
        counters,
        faults,
        Options.fromSystem());
  }

  /** The same, for values that are kept bit for bit. */
  public static Buffer open(
      Path folder,
      BufferConfig config,
      String gatewayId,
      String bootId,
      Clock clock,
      RandomGenerator random,
      Counters counters,
      Faults faults)
      throws BufferException {
    return open(folder, config, gatewayId, bootId, p -> 0, clock, random, counters, faults);
  }

  static Buffer open(
      Path path,
      BufferConfig config,
      String gatewayId,
      String bootId,
      ToDoubleFunction<PointId> quantumOf,
      Clock clock,
      RandomGenerator random,
      Counters counters,
      Faults faults,
      Options options)
      throws BufferException {
    Opening opening = opening(path, options, random, faults);
    try {
      FrameCodec codec = new FrameCodec(gatewayId, opening.contents().epoch(), bootId, quantumOf);
      Quotas quotas = new Quotas(config);
      Coalescer coalescer = new Coalescer();
      Committer committer =
          new Committer(opening, options, quotas, coalescer, codec, clock, counters, faults);
      Books.checkBalance(committer.books().account(), faults);
      return new Buffer(
          opening, committer, coalescer, options, config, quotas, clock, counters, faults);
    } catch (IllegalArgumentException e) {
      opening.abandon(e);
      throw e;
    }
  }

  private static Opening opening(Path path, Options options, RandomGenerator random, Faults faults)
      throws BufferException {
    try {
      return Opening.of(path, options.durability(), options.maxPages(), random, faults);
    } catch (StoreException e) {
      throw new BufferException(e);
    }
  }

  /**
   * Has that done again and again by a thread whose {@link #append} waits, while it waits: what
   * must not stand still because the disk does. An append by it waits as any other.
   */
  public void whileWaiting(Runnable work) {
    handover.whileWaiting(work);
  }

  /** Has answers to commands that come again say what may leave; before the first {@link #step}. */
  public void leaving(Leaving leaving) {
    committer.leaving(leaving);
  }

  @Override
  public void append(Lane lane, Entry entry, @Nullable Receipt receipt) {
    int weightBytes = FrameCodec.mostBytes(entry);
    if (weightBytes > FrameCodec.MAX_BYTES - 1_024) {
      throw new IllegalArgumentException("a record of up to " + weightBytes + " bytes");
    }
    if (lane == Lane.RAW && !(entry instanceof Entry.Measured)) {
      throw new IllegalArgumentException("the raw lane takes samples alone: " + entry);
    }
    try {
      if (handover.put(new Handover.Appended(lane, entry, receipt, weightBytes))) {
        waits.increment();
      }
      appended.increment();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      dropped.increment();
    }
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public long head(Lane lane) {
    return published.heads.getOrDefault(lane, 1L);
  }

  @Override
  public List<Outbound> read(Lane lane, long from, long before, int maxBytes) {
    coalescer.lock.lock(); // what is read here is handed out, and must not change from then on
    try {
      List<Outbound> frames = reader.read(lane, from, before, maxBytes, this::damaged);
      if (!frames.isEmpty()) {
        coalescer.handedOut(lane, frames.getLast().lastSequence() + 1);
      }
      return frames;
    } catch (SQLException e) {
      if (Sqlite.isDamage(e)) {
        foundDamaged = true;
      }
      faults.raise(
          Committer.WHERE,
          "read-failed",
          "frames cannot be read (" + e.getMessage() + "): check the disk");
      return List.of();
    } finally {
      coalescer.lock.unlock();
    }
  }

  private void damaged(Lane lane, long firstSequence) {
    offer(new Handover.Note.Damaged(lane, firstSequence));
  }

  @Override
  public void settle(Delivery delivery) {
    offer(new Handover.Note.Settled(delivery));
  }

  @Override
  public boolean isOnRequest(Lane lane) {
    return onRequest.contains(lane);
  }

  @Override
  public boolean request(ReplayRequest request) {
    return offer(new Handover.Note.Requested(request));
  }

  @Override
  public List<Stretch> stretches() {
    return published.stretches;
  }

  @Override
  public boolean receive(Command command, Runnable stored) {
    return offer(new Handover.Note.Commanded(command, stored));
  }

  @Override
  public void onCommand(Consumer<Received> executor) {
    this.executor = executor;
  }

  /**
   * What became of the commands of earlier runs, as far as they are remembered, oldest first: the
   * last one of each point's desired and safe values, and the others for a day of running.
   */
  public List<CommandResult> earlier() {
    return earlier;
  }

  /**
   * Who wants to know what the inbox itself answered, without anyone who carries out: a command for
   * which there was no room, or an id that came again. Called on the buffer's thread, after the
   * commit, with all that is said; must only hand over.
   */
  public void onAnswer(Consumer<CommandResult> listener) {
    answered = listener;
  }

  /** Leaves a note; false when there was no room, which does no harm where it comes again. */
  private boolean offer(Handover.Note note) {
    boolean taken = handover.offer(note);
    if (!taken) {
      notesDropped.increment();
    }
    return taken;
  }

  @Override
  public void onCommit(Runnable listener) {
    listeners.add(listener);
  }

  /** A lane's bounds and rules. */
  public BufferConfig.LaneQuota quota(Lane lane) {
    return quotas.of(lane);
  }

  /** The books as of the last commit. Safe for use by any thread; costs nothing. */
  public Account account() {
    return published.account;
  }

  @Override
  public String name() {
    return "buffer";
  }

  /**
   * {@inheritDoc}
   *
   * @throws DamagedException when the file is broken inside: close this buffer, and open it again
   */
  @Override
  public int step(long maxWaitNanos) throws InterruptedException {
    long waitNanos = Math.min(maxWaitNanos, untilDue());
    if (waitNanos > 0) {
      handover.await(waitNanos, wakeAt());
    }
    int work = drain();
    if (untilDue() <= 0) {
      commit();
      work++;
    }
    if (foundDamaged) {
      committer.disk().suspect();
    }
    if (committer.disk().isDamaged()) {
      throw new DamagedException();
    }
    return work;
  }

  /** How many new records end the wait: a first one starts the time of its batch. */
  private int wakeAt() {
    if (isClosedToMore()) {
      return Handover.NOTHING;
    }
    return batch.isEmpty() ? 1 : Handover.MAX_RECORDS / 2;
  }

  private boolean isClosedToMore() {
    return batch.isFull() || committer.isInDoubt();
  }

  /** Nanoseconds until the next commit may and must be tried. */
  private long untilDue() {
    long now = clock.monotonicNanos();
    long until = !batch.isEmpty() && (urgent || batch.isFull()) ? 0 : dueNanos - now;
    return retryPauseNanos == 0 ? until : Math.max(until, retryAtNanos - now);
  }

  private int drain() {
    if (committer.isInDoubt()) {
      return 0;
    }
    boolean first = batch.isEmpty();
    // A full batch takes settlements still: on a full disk they alone make room for it.
    int recordsRoom = batch.isFull() ? 0 : batch.recordsRoom();
    Handover.Drained drained = handover.drain(recordsRoom, batch.bytesRoom(), batch.notesRoom());
    if (drained.size() == 0) {
      return 0;
    }
    for (Handover.Appended record : drained.records()) {
      batch.add(record);
    }
    batch.add(drained.notes());
    urgent |= drained.urgent();
    if (first) {
      dueNanos = drained.oldestNanos() + commitEveryNanos;
    }
    if (options.durability() == Durability.OFF) {
      giveReceipts(batch.takeReceipts(Set.of()));
    }
    return drained.size();
  }

  private boolean commit() {
    if (!committer.commit(batch)) {
      if (publish()) { // settlements alone were committed: there may be room now
        retryPauseNanos = 0;
        listeners.forEach(Runnable::run);
      }
      retryPauseNanos = Math.clamp(retryPauseNanos * 2, RETRY_MIN_NANOS, RETRY_MAX_NANOS);
      retryAtNanos = clock.monotonicNanos() + retryPauseNanos;
      return false;
    }
    retryPauseNanos = 0;
    urgent = false;
    dueNanos = clock.monotonicNanos() + IDLE_COMMIT_NANOS;
    publish();
    List<Receipt> receipts = batch.takeReceipts(committer.refused());
    List<Runnable> commandReceipts = batch.commandReceipts();
    commands.addAll(committer.takeCommands());
    batch.clear(); // before any driver's code runs: what is stored must not be stored again
    giveReceipts(receipts);
    commandReceipts.forEach(Runnable::run);
    committer.takeAnswers().forEach(answered);
    Consumer<Received> carriesOut = executor;
    while (carriesOut != null && !commands.isEmpty()) {
      carriesOut.accept(commands.remove());
    }
    listeners.forEach(Runnable::run);
    return true;
  }

  /** Shows other threads the books; returns whether they had changed. */
  private boolean publish() {
    Published now = Published.of(committer);
    boolean changed = !now.equals(published);
    published = now;
    return changed;
  }

  private void giveReceipts(List<Receipt> receipts) {
    for (Receipt receipt : receipts) {
      try {
        receipt.durable();
      } catch (RuntimeException e) {
        faults.raise(
            Committer.WHERE,
            "receipt-failed",
            "a driver failed when it was told that its record is stored ("
                + e
                + "); the record is safe, but its device may send it again: report it to the"
                + " driver's maker");
      }
    }
  }

  /** Commits what waits, empties the log, checks the account, and lets go of the folder. */
  @Override
  public void close() {
    handover.close();
    drain();
    int refusals = 0;
    while (!batch.isEmpty() && refusals < CLOSING_TRIES) {
      refusals = commit() ? 0 : refusals + 1;
      drain();
    }
    dropped.add(batch.records() + handover.size());
    try {
      reader.close();
    } catch (SQLException e) {
      faults.raise(Committer.WHERE, "close-failed", "the reader does not close: " + e.getMessage());
    }
    Account counted = committer.recountAndClose();
    if (counted != null) {
      Books.checkBalance(counted, faults);
      if (!counted.equals(account())) {
        faults.raise(
            Committer.WHERE,
            "account",
            "the books say " + account() + ", the file says " + counted);
      }
    }
    try {
      folder.close();
    } catch (IOException e) {
      faults.raise(Committer.WHERE, "close-failed", "the folder does not close: " + e.getMessage());
    }
  }
}
