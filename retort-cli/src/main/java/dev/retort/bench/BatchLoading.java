package dev.retort.bench;

import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchPlan;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Precision;

/** Batches of augmented training images, that no network learns from. */
final class BatchLoading implements Workload {
  private static final double NANOSECONDS = 1e9;

  /** More than the stream prepares in advance: their time is not counted. */
  private static final int PREPARED = 4;

  private final Splits data;
  private final BatchPlan plan;
  private final Precision precision;

  BatchLoading(Splits data, BatchPlan plan, Precision precision) {
    this.data = data;
    this.plan = plan;
    this.precision = precision;
  }

  @Override
  public String name() {
    return "loader";
  }

  @Override
  public double secondsAStep(int steps) {
    try (BatchStream stream =
        BatchStream.training(data.train(), data.inputShape(), data.statistics(), plan, precision)) {
      long start = 0;
      int seen = 0;
      for (int epoch = 0; seen < PREPARED + steps; epoch++) {
        for (Batch unused : stream.epoch(epoch, 0)) {
          seen++;
          if (seen == PREPARED) {
            start = System.nanoTime();
          }
          if (seen == PREPARED + steps) {
            break;
          }
        }
      }
      return (System.nanoTime() - start) / NANOSECONDS / steps;
    }
  }
}
