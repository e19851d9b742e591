package dev.retort.data;

import org.jspecify.annotations.Nullable;

/**
 * Images or labels that cannot be used: a file that is missing, cut off, altered or not of the
 * expected format. The message says which file, where in it, and what to do.
 */
public final class DataException extends RuntimeException {
  public DataException(String message) {
    super(message);
  }

  public DataException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
