package dev.retort.report;

/**
 * A file of a study's folder that cannot be read as what it should be. The message names the file,
 * the line where there is one, and what to do.
 */
public final class StudyFolderException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StudyFolderException(String message) {
    super(message);
  }

  StudyFolderException(String message, Throwable cause) {
    super(message, cause);
  }
}
