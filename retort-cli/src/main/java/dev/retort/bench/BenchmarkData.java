package dev.retort.bench;

import dev.retort.data.Augmentation;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.BatchPlan;
import java.nio.file.Path;

/** What everything here trains on: some images of the bundled data set, in batches of 128. */
final class BenchmarkData {
  static final int BATCH_SIZE = 128;

  /** Steps an epoch: few, so that a teacher's outputs for all images are soon known. */
  static final int STEPS_AN_EPOCH = 5;

  /**
   * For methods by themselves: two views, so that methods that compare two of them find another.
   */
  static final int VIEWS = 2;

  /** Of augmentation, the same for all: runs with one teacher share what it said. */
  static final long DATA_SEED = 0;

  private BenchmarkData() {}

  /** The bundled data set, whole. */
  static Splits whole() {
    return DatasetSource.parse("cifar10-mini", Path.of("")).open();
  }

  /** 640 of its training images; ten to evaluate, since the ends of epochs are not measured. */
  static Splits few(Splits whole) {
    return part(whole, STEPS_AN_EPOCH * BATCH_SIZE, 10);
  }

  /** The first images of each part, as far as there are so many; as many to validate as to test. */
  static Splits part(Splits whole, int train, int others) {
    return new Splits(
        whole.name(),
        Subset.first(whole.train(), train),
        Subset.first(whole.validation(), others),
        Subset.first(whole.test(), others),
        whole.inputShape(),
        whole.statistics());
  }

  /** The literature's augmentation, in an order that {@code seed} decides. */
  static BatchPlan plan(long seed, int views) {
    return new BatchPlan(BATCH_SIZE, Augmentation.STANDARD, views, seed, DATA_SEED, 0, 1);
  }
}
