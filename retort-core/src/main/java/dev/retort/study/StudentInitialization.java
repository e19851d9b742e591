package dev.retort.study;

import dev.retort.data.BatchStream;
import dev.retort.data.Splits;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.network.DataInitialized;
import dev.retort.network.Network;
import dev.retort.network.Networks;

/** Where a student begins: its weights before the first step. */
public final class StudentInitialization {
  /** How many training images a network that is initialised from data sees. */
  private static final int IMAGES = 5000;

  private StudentInitialization() {}

  /**
   * A network with the random weights from which a run of that seed begins, and from training
   * images what is taken from them.
   *
   * @param network its name
   * @throws IllegalArgumentException if there is no such network, or it cannot be made for such
   *     images
   */
  public static Network random(String network, Splits data, Precision precision, long seed) {
    Network student =
        Networks.create(
            network,
            data.inputShape(),
            data.classes().size(),
            precision.parameterType(),
            RandomSource.of(seed, "initialisation"));
    if (student instanceof DataInitialized unfinished) {
      int images = Math.min(IMAGES, data.train().size());
      try (BatchStream stream =
          BatchStream.evaluation(
              data.train(), data.inputShape(), data.statistics(), images, precision)) {
        unfinished.initialize(stream.all().iterator().next().images());
      }
    }
    return student;
  }
}
