package dev.retort.study.config;

/**
 * How what students cost to serve is measured, in ONNX Runtime after all runs.
 *
 * @param threads of one call, at least 1
 */
public record ServingConfiguration(int threads) {
  /** What holds where nothing is said. */
  public static final ServingConfiguration DEFAULTS = new ServingConfiguration(1);

  public ServingConfiguration {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
  }
}
