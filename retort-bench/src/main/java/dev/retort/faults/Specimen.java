package dev.retort.faults;

import java.nio.file.Path;

/**
 * A file of a kind that we read.
 *
 * @param kind in a few words
 * @param file that is whole
 * @param digested whether a digest of it is on record, so that no change may go unnoticed
 * @param reader that throws an exception of ours where the file is bad
 * @param declared how much memory its header declares to need, in bytes, at most
 */
record Specimen(String kind, Path file, boolean digested, Reader reader, long declared) {
  /** Reads the file, wherever it lies. */
  @FunctionalInterface
  interface Reader {
    void read(Path file) throws Exception;
  }

  /** Reads it once more, after something was done to it. */
  Outcome outcome() {
    try {
      reader.read(file);
      return new Outcome(Kind.READ, "");
    } catch (Throwable e) {
      return new Outcome(isOurs(e) ? Kind.REFUSED : Kind.FAILED, e.toString());
    }
  }

  /** Of one of our classes, or Java's own for a bad argument where it is we who throw it. */
  private static boolean isOurs(Throwable e) {
    return e.getClass().getName().startsWith("dev.retort.")
        || (e.getClass() == IllegalArgumentException.class
            && e.getStackTrace()[0].getClassName().startsWith("dev.retort."));
  }

  /** How a reading ended. */
  enum Kind {
    READ,
    REFUSED,
    FAILED
  }

  record Outcome(Kind kind, String message) {}
}
