package dev.retort.system;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Path;

/** Where this user's caches are: what is in them can be deleted at any time. */
public final class UserCache {
  private static final long LARGEST_RESERVE = 1_000_000_000;

  private UserCache() {}

  /**
   * A folder of that name in {@code $XDG_CACHE_HOME/retort}, or in {@code ~/.cache/retort} where
   * the variable is not set. It need not exist.
   */
  public static Path folder(String name) {
    String caches = System.getenv("XDG_CACHE_HOME");
    Path base =
        caches == null || caches.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(caches);
    return base.resolve("retort").resolve(name);
  }

  /**
   * The bytes of a disk that no cache takes, since they are for all others, checkpoints above all:
   * 1 GB, or a twentieth of a smaller disk.
   */
  public static long reserve(FileStore disk) throws IOException {
    return Math.min(LARGEST_RESERVE, disk.getTotalSpace() / 20);
  }
}
