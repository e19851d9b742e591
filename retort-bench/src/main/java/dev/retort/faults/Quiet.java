package dev.retort.faults;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Silences our own warnings where thousands are provoked. */
final class Quiet {
  private Quiet() {}

  static void logs() {
    if (LoggerFactory.getLogger("dev.retort") instanceof Logger logger) {
      logger.setLevel(Level.OFF);
    }
  }
}
