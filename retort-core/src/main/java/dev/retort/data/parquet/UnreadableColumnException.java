package dev.retort.data.parquet;

/** A column was asked for that a table lacks, or that has neither images nor classes. */
final class UnreadableColumnException extends IllegalArgumentException {
  UnreadableColumnException(String message) {
    super(message);
  }
}
