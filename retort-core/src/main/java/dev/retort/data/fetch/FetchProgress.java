package dev.retort.data.fetch;

/** Hears how a fetch goes on, many times a second, on the thread that called it. */
@FunctionalInterface
public interface FetchProgress {
  /** Where the total is not known. */
  long UNKNOWN = -1;

  /** Hears nothing. */
  FetchProgress NONE = (activity, done, total) -> {};

  /**
   * Takes note of how far it is.
   *
   * @param activity what is being done, in a few words: {@code downloading}, {@code unpacking}
   * @param done bytes of it that are done
   * @param total bytes in all, or {@link #UNKNOWN}
   */
  void at(String activity, long done, long total);
}
