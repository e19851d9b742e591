package dev.retort.export;

/**
 * A file that would not compute what its network does, or whose temperature cannot be fitted. A
 * network that has no form in a format is an {@link IllegalArgumentException}.
 */
public final class ExportException extends RuntimeException {
  public ExportException(String message) {
    super(message);
  }
}
