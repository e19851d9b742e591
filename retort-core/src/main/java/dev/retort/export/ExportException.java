package dev.retort.export;

/** A network that cannot be written in a format, or a file that does not compute what it should. */
public final class ExportException extends RuntimeException {
  public ExportException(String message) {
    super(message);
  }
}
