package dev.retort.bench;

import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.network.Network;
import dev.retort.training.Evaluator;

/** The classification of images as they are, as after each epoch of a training. */
final class Classification implements Workload {
  /** Images a step. */
  static final int IMAGES = 100;

  private final Network network;
  private final Dataset images;
  private final Splits data;
  private final Precision precision;

  Classification(Network network, Splits data, Precision precision) {
    this.network = network;
    this.images = Subset.first(data.validation(), IMAGES);
    if (images.size() < IMAGES) {
      throw new IllegalArgumentException("there are fewer than " + IMAGES + " validation images");
    }
    this.data = data;
    this.precision = precision;
  }

  @Override
  public String name() {
    return "evaluation";
  }

  @Override
  public double secondsAStep(int steps) {
    try (Evaluator evaluator = new Evaluator(images, data, precision, Device.CPU)) {
      return new Repetition(name(), () -> evaluator.evaluate(network)).secondsAStep(steps);
    }
  }
}
