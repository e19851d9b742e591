package dev.retort.bench;

/** Hears how far the measuring is. */
public interface Progress {
  /**
   * First steps of something are about to be tried, to see how long they take.
   *
   * @param name what
   * @param done how many things were tried
   * @param total how many things there are
   */
  default void trying(String name, int done, int total) {}

  /**
   * The measuring begins.
   *
   * @param measurements how many things are measured
   * @param seconds about how long it takes from here
   */
  default void begins(int measurements, double seconds) {}

  /**
   * Something is about to be measured for one round.
   *
   * @param name what
   * @param done how many of the parts lie behind
   * @param total how many parts there are
   */
  default void measuring(String name, int done, int total) {}
}
