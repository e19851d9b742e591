package dev.retort.study.config;

/**
 * Where a piece of a configuration was written.
 *
 * @param source the file's name, or the override as it was typed
 * @param line from 1; 0 where lines mean nothing
 * @param column from 1
 */
record Location(String source, int line, int column) {
  /** An override's: {@code -o training.epochs=3}. */
  static Location ofOverride(String override) {
    return new Location("-o " + override, 0, 0);
  }

  /** {@code study.yaml:3:14}. */
  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line + ":" + column;
  }

  /**
   * An exception about what is written here.
   *
   * @param path the keys that lead to the mapping or list in question, such as {@code
   *     methods[1].objectives}; empty at the top
   */
  ConfigurationException problem(String path, String sentence) {
    return new ConfigurationException(
        this + ": " + (path.isEmpty() ? "" : "in " + path + ": ") + sentence);
  }
}
