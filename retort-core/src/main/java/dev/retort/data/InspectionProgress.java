package dev.retort.data;

/**
 * Hears how far the look at every picture of a data set is, after each of them and on several
 * threads. A data set that was looked at before is not looked at again, and nothing is heard.
 */
@FunctionalInterface
public interface InspectionProgress {
  /** Hears nothing. */
  InspectionProgress NONE = (data, done, total) -> {};

  /**
   * Takes note of how far it is.
   *
   * @param data the name of the data set
   * @param done pictures that were looked at
   * @param total of them, the last of which ends the look
   */
  void looked(String data, int done, int total);
}
