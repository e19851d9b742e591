package dev.retort.optimization;

import java.util.List;

/** The course of the learning rate over a training, as a factor of the configured rate. */
public sealed interface Schedule {
  /**
   * The factor at a point of the training.
   *
   * @param progress the share of the training that lies behind, in [0, 1]
   */
  double factor(double progress);

  /**
   * Up linearly from 0 until {@code peak}, in [0, 1), then down linearly to {@code last}, in [0, 1]
   * (Smith 2018; airbench's triangle).
   */
  record OneCycle(double peak, double last) implements Schedule {
    /** What trains a student unless something else is asked for. */
    public static final OneCycle STANDARD = new OneCycle(0.2, 0);

    public OneCycle {
      requireRise("peak", peak);
      requireShare("last", last);
    }

    @Override
    public double factor(double progress) {
      return progress < peak ? progress / peak : 1 + (last - 1) * (progress - peak) / (1 - peak);
    }
  }

  /**
   * Up linearly until {@code warmUp}, in [0, 1), then along half a cosine to {@code last}, in [0,
   * 1] (Loshchilov and Hutter 2017, eq. 5).
   */
  record Cosine(double warmUp, double last) implements Schedule {
    public Cosine {
      requireRise("warmUp", warmUp);
      requireShare("last", last);
    }

    @Override
    public double factor(double progress) {
      if (progress < warmUp) {
        return progress / warmUp;
      }
      double part = (progress - warmUp) / (1 - warmUp);
      return last + (1 - last) * (1 + Math.cos(Math.PI * part)) / 2;
    }
  }

  /**
   * Up linearly until {@code warmUp}, in [0, 1), then 1, multiplied by {@code gamma} at each
   * milestone (a share of the training); both are in [0, 1].
   */
  record MultiStep(double warmUp, List<Double> milestones, double gamma) implements Schedule {
    public MultiStep {
      requireRise("warmUp", warmUp);
      milestones = List.copyOf(milestones);
      milestones.forEach(milestone -> requireShare("milestones", milestone));
      requireShare("gamma", gamma);
    }

    @Override
    public double factor(double progress) {
      if (progress < warmUp) {
        return progress / warmUp;
      }
      long passed = milestones.stream().filter(milestone -> progress >= milestone).count();
      return Math.pow(gamma, passed);
    }
  }

  /** Up linearly until {@code warmUp}, in [0, 1), then 1. */
  record Constant(double warmUp) implements Schedule {
    public Constant {
      requireRise("warmUp", warmUp);
    }

    @Override
    public double factor(double progress) {
      return progress < warmUp ? progress / warmUp : 1;
    }
  }

  private static void requireRise(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          key
              + " is a share of the training, from 0 to below 1 (an epoch of 60 is 0.017), not "
              + value);
    }
  }

  private static void requireShare(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(
          key + " is a share of the training or of the rate, in [0, 1], not " + value);
    }
  }
}
