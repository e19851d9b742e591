package dev.retort.bench;

import dev.retort.data.Augmentation;
import dev.retort.data.BatchPlan;
import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** What everything here trains on: some images of the bundled data set, in batches of 128. */
final class BenchmarkData {
  static final int BATCH_SIZE = 128;

  /** Steps an epoch: few, so that a teacher's outputs for all images are soon known. */
  static final int STEPS_AN_EPOCH = 10;

  /** Each image has two views, so that methods that compare two of them find another. */
  static final int VIEWS = 2;

  /** Of augmentation, the same for all: runs with one teacher share what it said. */
  static final long DATA_SEED = 0;

  private BenchmarkData() {}

  /** 1,280 training images; ten to evaluate, since the ends of epochs are not measured. */
  static Splits splits() {
    Splits mini = DatasetSource.parse("cifar10-mini", Path.of("")).open();
    return new Splits(
        mini.name(),
        first(mini.train(), STEPS_AN_EPOCH * BATCH_SIZE),
        first(mini.validation(), 10),
        first(mini.test(), 10),
        mini.inputShape(),
        mini.statistics());
  }

  private static Dataset first(Dataset dataset, int images) {
    return new Subset(dataset.name(), dataset, IntStream.range(0, images).toArray());
  }

  /** The literature's augmentation, in an order that {@code seed} decides. */
  static BatchPlan plan(long seed) {
    return new BatchPlan(BATCH_SIZE, Augmentation.STANDARD, VIEWS, seed, DATA_SEED, 0, 1);
  }
}
