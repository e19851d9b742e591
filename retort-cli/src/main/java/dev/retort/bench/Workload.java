package dev.retort.bench;

/** Work that comes in steps of one size, which can be done again and again. */
interface Workload {
  /** What is measured, in a few words. */
  String name();

  /**
   * Does some steps, and before them one that is not counted.
   *
   * @param steps at least 1
   * @return the mean time of a counted step in seconds
   */
  double secondsAStep(int steps);
}
