package dev.retort.bench;

/** Is told how far the measuring is. */
public interface Progress {
  /**
   * The measuring begins.
   *
   * @param measurements how many things are measured
   * @param seconds about how long it takes in all
   */
  void begins(int measurements, double seconds);

  /**
   * Something is about to be measured for one round.
   *
   * @param name what
   * @param done how many of the parts lie behind
   * @param total how many parts there are
   */
  void measuring(String name, int done, int total);
}
