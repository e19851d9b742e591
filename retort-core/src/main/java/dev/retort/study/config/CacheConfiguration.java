package dev.retort.study.config;

import dev.retort.teacher.TeacherCache;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the teacher's outputs are kept.
 *
 * @param folder of the cache; null for {@code $XDG_CACHE_HOME/retort/teachers}, or {@code
 *     ~/.cache/retort/teachers}
 * @param gigabytes how much of the disk it may take, in 10⁹ bytes; 0 keeps nothing
 */
public record CacheConfiguration(@Nullable String folder, double gigabytes) {
  /** The values of keys that are left out. */
  static final CacheConfiguration DEFAULTS = new CacheConfiguration(null, 10);

  private static final double GIGABYTE = 1e9;

  public CacheConfiguration {
    if (!(gigabytes >= 0)) {
      throw new IllegalArgumentException("gigabytes must not be negative, but is " + gigabytes);
    }
  }

  /** The cache that this describes. */
  public TeacherCache open() {
    Path where = folder == null ? TeacherCache.userFolder() : Path.of(folder);
    return new TeacherCache(where, (long) (gigabytes * GIGABYTE));
  }
}
