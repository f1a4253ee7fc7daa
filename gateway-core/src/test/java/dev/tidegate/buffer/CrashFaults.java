package dev.tidegate.buffer;

import dev.tidegate.buffer.crash.Disk;
import dev.tidegate.buffer.crash.Disk.Fault;
import dev.tidegate.buffer.store.Durability;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.health.Faults;
import java.util.List;
import java.util.Optional;

/**
 * What {@link DiskFaultsTest} has a process go through: a disk that begins to refuse, a while of
 * that, and a disk that is well again. Ends with an error where the buffer does not do as it should
 * meanwhile.
 */
final class CrashFaults {
  private static final long RETRY = 31 * Rig.SECOND;

  private final CrashChild child;
  private final Disk disk;
  private final Rig rig;

  CrashFaults(CrashChild child) {
    this.child = child;
    disk = child.disk;
    rig = child.rig;
  }

  void run(String name) throws Exception {
    if (name.startsWith("full")) {
      rig.config = Rig.quota(16 << 20, PointConfig.NEVER);
    }
    child.open();
    store(20);
    require(rig.frames(Lane.RAW).size() == 1, "one frame to begin with");
    switch (name) {
      case "write-fails" -> outage("cannot be written", Disk.EIO, Fault.WRITES);
      case "fsync-fails" -> outage("cannot be written", Disk.EIO, Fault.SYNCS);
      case "read-only" ->
          outage("read-only", Disk.EROFS, Fault.WRITES, Fault.SYNCS, Fault.OPENS, Fault.NAMES);
      case "write-fails-once" -> once(Fault.WRITES);
      case "fsync-fails-once" -> once(Fault.SYNCS);
      case "overfull" -> overfull();
      case "full" -> full();
      case "full-while-growing" -> fullWhileGrowing();
      default -> throw new IllegalArgumentException(name);
    }
    disk.heal();
    retry();
    require(open().isEmpty(), "faults that are over: " + rig.faults.open());
    require(child.receipts() == child.appended(), "every receipt is given");
    rig.close();
    require(rig.faults.open().isEmpty(), "a close without faults: " + rig.faults.open());
  }

  /** A disk that refuses for minutes. */
  private void outage(String word, int error, Fault... kinds) throws Exception {
    long before = child.receipts();
    disk.fail(error, 0, Disk.ALWAYS, kinds);
    long since = rig.clock.wallNanos() + Rig.SECOND;
    for (int i = 0; i < 12; i++) {
      child.append(Lane.RAW, 25);
      rig.commit();
      rig.clock.advance(i * Rig.SECOND);
    }
    require(disk.failed() > 0, "something was made to fail");
    require(child.receipts() == before, "no receipt for what is not durable");
    Faults.Fault fault = open().orElseThrow(() -> new AssertionError("nobody is told"));
    require(fault.firstWallNanos() == since, "since when: " + fault);
    require(fault.message().contains(rig.folder + "/buffer.db"), "where: " + fault);
    require(fault.message().contains(word), "what: " + fault);
    require(fault.message().contains("wait in memory"), "what of new records: " + fault);
    require(fault.message().contains("disk"), "what to do: " + fault);
    System.out.println(fault);
  }

  private void once(Fault kind) throws Exception {
    long before = child.receipts();
    disk.fail(Disk.EIO, 0, 1, kind);
    child.append(Lane.RAW, 25);
    rig.commit();
    require(disk.failed() == 1, "one step was made to fail");
    require(child.receipts() == before, "no receipt for what is not durable");
    require(open().isPresent(), "the operator is told");
    rig.clock.advance(2 * Rig.SECOND);
    rig.buffer().step(0);
    require(child.receipts() == child.appended(), "all is well at the next try");
    require(open().isEmpty(), "and said to be so");
  }

  /** More than fits waits, in bounded memory: whoever brings more waits as well. */
  private void overfull() throws Exception {
    disk.fail(Disk.EROFS, 0, Disk.ALWAYS, Fault.WRITES, Fault.SYNCS, Fault.OPENS, Fault.NAMES);
    int count = Batch.MAX_RECORDS + Handover.MAX_RECORDS + 100;
    Thread pipeline = new Thread(() -> child.append(Lane.RAW, count));
    pipeline.setDaemon(true);
    pipeline.start();
    boolean waits = false;
    for (int i = 0; i < 1_000 && !waits; i++) {
      rig.clock.advance(Rig.SECOND);
      rig.buffer().step(0);
      pipeline.join(10);
      waits = pipeline.getState() == Thread.State.TIMED_WAITING && rig.buffer().step(0) == 0;
    }
    require(waits, "the pipeline waits");
    require(child.appended() < count, "and not all of it has come in");
    require(open().isPresent(), "the operator is told");
    disk.heal();
    for (int i = 0; i < 1_000 && pipeline.isAlive(); i++) {
      retry();
      pipeline.join(10);
    }
    require(!pipeline.isAlive(), "the pipeline goes on");
    require(rig.counters.value("buffer.append-waits") > 0, "waiting is counted");
  }

  /** The link is down, the buffer grows, and there is no more room: somebody has to make some. */
  private void fullWhileGrowing() throws Exception {
    disk.room(100_000);
    fill();
    disk.room(1_000_000);
  }

  /** Others fill the disk; the file has room inside, and the log is to be written over and over. */
  private void full() throws Exception {
    backlog();
    rig.close();
    rig.options =
        new Options(Durability.FULL, 0, 1_000); // so that nothing but need empties the log
    child.open();
    for (int i = 0; i < 5; i++) {
      store(1_000);
      deliver();
      retry();
    }
    disk.room(0);
    for (int i = 0; i < 12; i++) {
      child.append(Lane.RAW, i % 3 == 2 ? 2_000 : 1_000);
      rig.commit();
      retry();
      deliver();
      retry();
      require(open().isEmpty(), "round " + i + " is stored: " + open());
    }
    require(disk.failed() > 0, "there was no room");
    require(child.receipts() == child.appended(), "everything is stored: " + rig.faults.open());
    Account.Line raw = rig.buffer().account().of(Lane.RAW);
    require(raw.delivered() > 15_000 && raw.balances(), "delivered: " + raw);
  }

  /** Leaves a file that is larger than what it holds. */
  private void backlog() throws Exception {
    for (int i = 0; i < 4; i++) {
      store(3_000);
    }
    deliver();
    retry();
  }

  private void deliver() throws Exception {
    for (Outbound frame : rig.frames(Lane.RAW)) {
      child.settling(frame);
      rig.ack(Lane.RAW, frame.firstSequence(), frame.lastSequence());
    }
  }

  private void fill() throws Exception {
    long before = 0;
    while (open().isEmpty()) {
      before = child.receipts();
      child.append(Lane.RAW, 100);
      rig.commit();
    }
    require(open().get().message().contains("the disk is full"), "what: " + open());
    require(open().get().message().contains("free space"), "what to do: " + open());
    for (int i = 0; i < 5; i++) {
      child.append(Lane.RAW, 100);
      retry();
    }
    require(child.receipts() == before, "no receipt for what is not durable");
  }

  private void store(int count) throws Exception {
    child.append(Lane.RAW, count);
    rig.commit();
  }

  private void retry() throws InterruptedException {
    rig.clock.advance(RETRY);
    rig.buffer().step(0);
    rig.clock.advance(RETRY);
    rig.buffer().step(0);
  }

  private Optional<Faults.Fault> open() {
    List<Faults.Fault> open = rig.faults.open();
    return open.stream().filter(fault -> fault.what().equals("commit-failed")).findFirst();
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
