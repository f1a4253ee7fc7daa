package dev.tidegate.sync.link;

import dev.tidegate.config.SyncConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the files look that a connection is opened with, so that a change shows, whichever way: a
 * backup that is put back is older than what it replaces. Immutable, so any thread may use it.
 *
 * @param files in the order of their keys
 */
public record FileStamps(List<Stamp> files) {
  public FileStamps {
    files = List.copyOf(files);
  }

  /**
   * How a file looks.
   *
   * @param modified when it changed; null where there is no such file
   * @param key what the file system knows it by; null for nothing
   */
  public record Stamp(@Nullable FileTime modified, long size, @Nullable Object key) {
    private static Stamp of(Path file) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
      } catch (IOException e) {
        return new Stamp(null, 0, null); // being replaced: the next look finds it
      }
    }
  }

  /** How they look now. */
  public static FileStamps of(SyncConfig config) {
    SyncConfig.Identity identity = config.identity();
    return new FileStamps(
        Stream.of(
                config.caFile(),
                config.passwordFile(),
                identity.usernameFile(),
                identity.certificateFile(),
                identity.keyFile(),
                identity.crlFile())
            .filter(Objects::nonNull)
            .map(Stamp::of)
            .toList());
  }

  /** Whether other files are in their place, all of them: one that is missing is on its way. */
  public boolean isReplacedBy(FileStamps now) {
    return !now.equals(this) && now.files.stream().allMatch(f -> f.modified() != null);
  }
}
