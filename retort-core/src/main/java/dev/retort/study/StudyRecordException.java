package dev.retort.study;

/**
 * A record in a study's folder that cannot be used: damaged, or of other data, another teacher or
 * another configuration than the study that is to go on. The message says which file and what to
 * do.
 */
public final class StudyRecordException extends RuntimeException {
  public StudyRecordException(String message) {
    super(message);
  }

  public StudyRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
