package dev.tidegate.buffer.crash;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What of a folder is on the disk for certain, and what may be: the model of a disk behind a
 * kernel's cache. Fed with the steps of a process in their order, it gives at any time the folders
 * that a power cut could leave.
 *
 * <h2>The model</h2>
 *
 * <ul>
 *   <li>A file's content is certain up to its last fsync. Of the writes and truncations since then,
 *       any subset may have arrived, in any order of arrival: what arrived is applied in the order
 *       of issue, so that an overwritten write shows where the later one did not arrive.
 *   <li>A write arrives in sectors of {@value #SECTOR} bytes, any subset of them; a sector arrives
 *       whole or not at all, and bytes beside the written ones do not change (SQLite's "powersafe
 *       overwrite").
 *   <li>A write beyond the end may leave the file longer without its data: zeros then, or whatever
 *       lay in those sectors before.
 *   <li>A fsync that failed leaves each write before it arrived or not; what did not arrive never
 *       will, whatever fsync succeeds later, unless it is written again: the kernel marks such
 *       pages clean (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
 *       2020).
 *   <li>Names (create, rename, unlink) are certain once their folder has been synchronised; any
 *       subset of the later ones may have arrived. The fsync of a file says nothing of its name.
 * </ul>
 *
 * <p>Real file systems leave less: ext4 and XFS order names in their journal. What passes here
 * passes there.
 */
public final class Platter {
  static final int SECTOR = 512;

  private final Map<String, Inode> live = new TreeMap<>();
  private final Map<String, Inode> durable = new TreeMap<>();
  private final List<Naming> namings = new ArrayList<>();
  private int time;

  /** What a cut makes of what is not certain. */
  interface Fate {
    /** Whether the step of that number arrived. */
    boolean keeps(int time);

    /** Which sectors of a write that arrived did: true for each that did; null: all. */
    boolean @Nullable [] sectors(int count);

    /** What a longer file shows where no data arrived; null: it is not longer. */
    @Nullable Byte filling();
  }

  /** Sets the size where there is no data. */
  @SuppressWarnings("ArrayRecordComponent") // the log's own bytes, read only
  private record Change(int time, long offset, byte @Nullable [] data, State state) {
    Change as(State now) {
      return new Change(time, offset, data, now);
    }
  }

  private enum State {
    /** Arrives or not, and may still be synchronised. */
    PENDING,
    /** On the disk. */
    SURE,
    /** Arrived or not, and nothing will change that. */
    DOOMED
  }

  /** Takes {@code name} away where {@code inode} is null. */
  private record Naming(int time, String name, @Nullable Inode inode, @Nullable String gone) {}

  private static final class Inode {
    private final Content base = new Content();
    private List<Change> changes = new ArrayList<>();

    /** Everything up to now is on the disk, but for what a failed fsync gave up. */
    void sync() {
      List<Change> kept = new ArrayList<>();
      for (Change change : changes) {
        Change now = change.state == State.PENDING ? change.as(State.SURE) : change;
        if (now.state == State.SURE && kept.isEmpty()) {
          base.apply(now.offset, now.data, null);
        } else {
          kept.add(now);
        }
      }
      changes = kept;
    }

    void failSync() {
      changes.replaceAll(c -> c.state == State.PENDING ? c.as(State.DOOMED) : c);
    }

    byte[] after(Fate fate) {
      Content content = base.copy();
      for (Change change : changes) {
        byte[] data = change.data;
        if (change.state == State.SURE) {
          content.apply(change.offset, data, null);
        } else if (fate.keeps(change.time)) {
          boolean[] sectors = data == null ? null : fate.sectors(sectors(change.offset, data));
          content.apply(change.offset, data, sectors);
        } else if (data != null) {
          content.lengthen(change.offset + data.length, fate.filling());
        }
      }
      return content.bytes();
    }

    private static int sectors(long offset, byte[] data) {
      return data.length == 0
          ? 0
          : (int) ((offset + data.length - 1) / SECTOR - offset / SECTOR) + 1;
    }
  }

  /** Notes a step; marks are nothing to a disk. */
  public void apply(Step step) {
    time++;
    switch (step.kind()) {
      case CREATE -> {
        Inode inode = new Inode();
        live.put(step.name(), inode);
        namings.add(new Naming(time, step.name(), inode, null));
      }
      case WRITE -> of(step).add(step.offset(), step.data());
      case TRUNCATE -> of(step).add(step.offset(), null);
      case SYNC -> sync(step.name());
      case FAILED_SYNC -> {
        if (!step.name().isEmpty()) {
          inode(step.name()).failSync();
        }
      }
      case RENAME -> {
        Inode inode = inode(step.name());
        live.remove(step.name());
        live.put(step.other(), inode);
        namings.add(new Naming(time, step.other(), inode, step.name()));
      }
      case UNLINK -> {
        live.remove(step.name());
        namings.add(new Naming(time, step.name(), null, null));
      }
      case MARK -> {}
    }
  }

  private interface Adder {
    void add(long offset, byte @Nullable [] data);
  }

  private Adder of(Step step) {
    Inode inode = inode(step.name());
    int now = time;
    return (offset, data) -> inode.changes.add(new Change(now, offset, data, State.PENDING));
  }

  private Inode inode(String name) {
    return Objects.requireNonNull(live.get(name), () -> name + " was never made");
  }

  private void sync(String name) {
    if (name.isEmpty()) {
      namings.forEach(naming -> apply(naming, durable));
      namings.clear();
    } else {
      inode(name).sync();
    }
  }

  private static void apply(Naming naming, Map<String, Inode> names) {
    if (naming.gone != null) {
      names.remove(naming.gone, naming.inode);
    }
    if (naming.inode == null) {
      names.remove(naming.name);
    } else {
      names.put(naming.name, naming.inode);
    }
  }

  /** Numbers of the steps that a cut now may keep or drop, in their order. */
  int[] uncertain() {
    List<Integer> times = new ArrayList<>();
    namings.forEach(naming -> times.add(naming.time));
    for (Inode inode : new HashSet<>(live.values())) {
      for (Change change : inode.changes) {
        if (change.state != State.SURE) {
          times.add(change.time);
        }
      }
    }
    return times.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  /** The folder after a cut of that fate: each file's content, by name. */
  Map<String, byte[]> after(Fate fate) {
    Map<String, Inode> names = new TreeMap<>(durable);
    for (Naming naming : namings) {
      if (fate.keeps(naming.time)) {
        apply(naming, names);
      }
    }
    Map<String, byte[]> files = new LinkedHashMap<>();
    names.forEach((name, inode) -> files.put(name, inode.after(fate)));
    return files;
  }
}
