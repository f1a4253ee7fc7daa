package dev.tidegate.buffer.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one buffer, held by one process: {@code buffer.db} with its log, the lock file, and
 * what was set aside. Owned by the thread that opened it.
 */
public final class Folder implements AutoCloseable {
  private static final String DATABASE = "buffer.db";
  private static final String LOCK = "buffer.lock";
  private static final String SUSPECT = "buffer.db.suspect";
  private static final String MARK = "buffer.mark";

  /** More damaged files than these mean a broken card: a human must look. */
  private static final int MAX_SET_ASIDE = 99;

  /** What this process holds: on POSIX, closing a second channel would let go of the first lock. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;
  private @Nullable Mark mark;

  private Folder(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /** Makes the folder where it is missing (mode 0700), and takes hold of it. */
  static Folder hold(Path folder) throws StoreException {
    try {
      boolean isNew = !Files.exists(folder);
      Files.createDirectories(folder, only("rwx------"));
      Path path = folder.toRealPath();
      Path parent = path.getParent();
      if (isNew && parent != null) {
        sync(parent);
      }
      if (!HELD.add(path)) {
        throw inUse(path, "pid " + ProcessHandle.current().pid());
      }
      try {
        return lock(path);
      } catch (IOException | StoreException e) {
        HELD.remove(path);
        throw e;
      }
    } catch (IOException e) {
      throw new StoreException(
          "the buffer's folder "
              + folder
              + " cannot be used ("
              + e
              + "): make it writable for the user that runs the gateway",
          e);
    }
  }

  private static Folder lock(Path path) throws IOException, StoreException {
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            only("rw-------"));
    FileLock lock = channel.tryLock();
    if (lock == null) {
      String holder = holder(channel);
      channel.close();
      throw inUse(path, holder);
    }
    channel.truncate(0);
    String holder = "pid " + ProcessHandle.current().pid() + "\n";
    channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.US_ASCII)), 0);
    return new Folder(path, channel, lock);
  }

  private static StoreException inUse(Path path, String holder) {
    return new StoreException(
        "the buffer in "
            + path
            + " is in use by another gateway ("
            + holder
            + "): stop that one, or give this one a folder of its own");
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(64);
    channel.read(text, 0);
    String holder = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
    return holder.isEmpty() ? "its pid is unknown" : holder;
  }

  /** The database file, made empty with mode 0600 where it is missing; durable in its folder. */
  Path database() throws IOException {
    Path file = path.resolve(DATABASE);
    try {
      Files.createFile(file, only("rw-------"));
    } catch (FileAlreadyExistsException e) {
      return file;
    }
    sync(path);
    return file;
  }

  /**
   * Writes the database's log anew where it lies, and synchronises it; to be called before a
   * database is opened that may have seen a failed fsync, in this run or in one before.
   *
   * <p>After a failed fsync the kernel may show bytes that are not on the disk and that it holds
   * for written; no later fsync writes them. SQLite would take such a commit for a good one, and
   * build on it (docs/decisions/0009-crash-states.md). What is written once more is synchronised
   * once more.
   */
  public void rewriteLog() throws IOException {
    Path log = path.resolve(DATABASE + "-wal");
    if (!Files.exists(log)) {
      return;
    }
    ByteBuffer piece = ByteBuffer.allocate(1 << 16);
    try (FileChannel channel =
        FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long at = 0;
      while (channel.read(piece.clear(), at) > 0) {
        piece.flip();
        while (piece.hasRemaining()) {
          at += channel.write(piece, at);
        }
      }
      channel.force(true);
    }
  }

  /**
   * Makes the names in the folder durable; to be called once a database is open, because SQLite
   * takes no notice where the fsync that should keep its log's name fails.
   */
  public void syncNames() throws IOException {
    sync(path);
  }

  /** Notes that this commit of the database with that epoch is durable. */
  public void note(String epoch, long commitNumber) throws IOException {
    Mark open = mark;
    if (open == null) {
      open = Mark.open(path.resolve(MARK));
      mark = open;
    }
    open.note(epoch, commitNumber);
  }

  /** The last commit that was noted for the database with that epoch; 0 where none is. */
  long noted(String epoch) throws IOException {
    return Mark.read(path.resolve(MARK), epoch);
  }

  /** Whether an earlier run found the file broken while it used it. */
  boolean isSuspect() {
    return Files.exists(path.resolve(SUSPECT));
  }

  /** Has the file set aside at the next start. */
  public void suspect() throws IOException {
    Files.writeString(path.resolve(SUSPECT), "");
    sync(path);
  }

  /**
   * Renames the database and its log; returns the new name of the database. The mark is set first
   * and stays until a new database is in its place ({@link #adopt}, {@link #trust}), so that a
   * power cut in between leaves neither a database without its log, which would look sound and be
   * old, nor a log that a new database would take for its own, nor a new one without what the old
   * one held.
   */
  Path setAside() throws IOException {
    suspect();
    Path file = path.resolve(DATABASE);
    Path log = path.resolve(DATABASE + "-wal");
    Path aside = Files.exists(file) ? nameAside(Files.exists(log)) : lastAside();
    if (Files.exists(log)) {
      Files.move(log, withLog(aside));
    }
    Files.deleteIfExists(path.resolve(DATABASE + "-shm"));
    if (Files.exists(file)) {
      Files.move(file, aside);
    }
    sync(path);
    return aside;
  }

  /** An empty file in which a new database is made ready; what is left of an earlier one goes. */
  Path draft() throws IOException {
    Path draft = path.resolve(DATABASE + ".draft");
    for (String end : new String[] {"", "-wal", "-shm"}) {
      Files.deleteIfExists(draft.resolveSibling(draft.getFileName() + end));
    }
    return Files.createFile(draft, only("rw-------"));
  }

  /** Puts the draft, which is closed and durable, in the place of the database set aside. */
  void adopt(Path draft) throws IOException {
    Files.move(draft, path.resolve(DATABASE), StandardCopyOption.ATOMIC_MOVE);
    sync(path);
    trust();
  }

  /** Takes the mark away: what was set aside has been dealt with. */
  void trust() throws IOException {
    Files.deleteIfExists(path.resolve(SUSPECT));
    sync(path);
  }

  /** The first free name; a log without its database is left by a power cut, and belongs to it. */
  private Path nameAside(boolean hasLog) throws IOException {
    for (int n = 1; n <= MAX_SET_ASIDE; n++) {
      Path aside = path.resolve(DATABASE + ".damaged-" + n);
      if (!Files.exists(aside) && !(hasLog && Files.exists(withLog(aside)))) {
        return aside;
      }
    }
    throw new IOException(
        MAX_SET_ASIDE + " damaged databases lie in " + path + " already: replace the card");
  }

  /** Where the database went before a power cut, when it is no longer in its place. */
  private Path lastAside() throws IOException {
    Path last = nameAside(false);
    for (int n = 1; n <= MAX_SET_ASIDE; n++) {
      Path aside = path.resolve(DATABASE + ".damaged-" + n);
      last = Files.exists(aside) ? aside : last;
    }
    return last;
  }

  private static Path withLog(Path database) {
    return database.resolveSibling(database.getFileName() + "-wal");
  }

  /** Makes what was created or renamed in the folder durable. */
  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static FileAttribute<?>[] only(String permissions) {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    Set<PosixFilePermission> set = PosixFilePermissions.fromString(permissions);
    return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(set)};
  }

  @Override
  public void close() throws IOException {
    try {
      if (mark != null) {
        mark.close();
      }
      lock.release();
      channel.close();
    } finally {
      HELD.remove(path);
    }
  }
}
