package dev.tidegate.sync.link;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether it shows that a file is another one. */
final class FileStampsTest {
  private static final FileTime THEN = FileTime.fromMillis(1_700_000_000_000L);
  private static final FileTime LATER = FileTime.fromMillis(1_700_000_001_000L);

  @TempDir Path folder;

  private SyncConfig config() {
    return SyncConfig.to(URI.create("mqtts://127.0.0.1"))
        .with(
            new SyncConfig.Identity(
                folder.resolve("crt"), folder.resolve("key"), null, folder.resolve("name")));
  }

  private void write(String name, String text, FileTime at) throws Exception {
    Files.setLastModifiedTime(Files.writeString(folder.resolve(name), text), at);
  }

  /** Without it, a backup that was put back, or a copy that kept its time, would not be used. */
  @Test
  void aChangeInAnyDirectionShows() throws Exception {
    write("crt", "one", LATER);
    write("key", "one", LATER);
    write("name", "one", FileTime.fromMillis(1_800_000_000_000L)); // the newest of all
    FileStamps before = FileStamps.of(config());
    assertFalse(before.isReplacedBy(FileStamps.of(config())), "nothing has changed");
    write("key", "two", THEN);
    assertTrue(before.isReplacedBy(FileStamps.of(config())), "an older time");
    write("key", "longer", LATER);
    assertTrue(before.isReplacedBy(FileStamps.of(config())), "another size");
    write("key", "one", LATER);
    assertFalse(before.isReplacedBy(FileStamps.of(config())));
    write("new", "two", LATER);
    Files.move(folder.resolve("new"), folder.resolve("key"), StandardCopyOption.REPLACE_EXISTING);
    assertTrue(before.isReplacedBy(FileStamps.of(config())), "another file, the same otherwise");
  }

  /** Without it, a connection would be given up for files with which there is no other. */
  @Test
  void aFileThatIsNotThereIsWaitedFor() throws Exception {
    write("crt", "one", THEN);
    write("key", "one", THEN);
    write("name", "one", THEN);
    FileStamps before = FileStamps.of(config());
    Files.delete(folder.resolve("key"));
    assertFalse(before.isReplacedBy(FileStamps.of(config())));
    write("key", "two", LATER);
    assertTrue(before.isReplacedBy(FileStamps.of(config())));
  }
}
