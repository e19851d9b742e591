package dev.retort.study;

import org.jspecify.annotations.Nullable;

/**
 * Where the teacher's outputs are kept.
 *
 * @param folder null for the user's cache folder
 * @param gigabytes how much of the disk they may take, in 10⁹ bytes; 0 keeps none
 */
public record CacheConfiguration(@Nullable String folder, double gigabytes) {
  public CacheConfiguration {
    if (!(gigabytes >= 0)) {
      throw new IllegalArgumentException("gigabytes must not be negative, but is " + gigabytes);
    }
  }
}
