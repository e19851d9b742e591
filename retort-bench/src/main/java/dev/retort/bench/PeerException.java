package dev.retort.bench;

/** A peer did not answer; the message says what it complained of last. */
final class PeerException extends RuntimeException {
  PeerException(String message) {
    super(message);
  }

  PeerException(String message, Throwable cause) {
    super(message, cause);
  }
}
