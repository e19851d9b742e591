package dev.retort.study.config;

/**
 * What was asked for cannot be done as it was asked: a configuration that cannot be read or makes
 * no sense, or a folder for results that is taken. The message is one sentence that says what is
 * wrong, where (file, line, key), and what is allowed.
 */
public final class ConfigurationException extends RuntimeException {
  public ConfigurationException(String message) {
    super(message);
  }

  public ConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }
}
