package dev.retort.adversary;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;

/**
 * What is known of an adversary whose D is shown held-out images: of a healthy one but for what a
 * test says.
 */
@NullUnmarked
final class MadeMeter {
  static final double[] SPREAD = {-1, 0, 1, 2};

  boolean drives = true;
  double start = 0.1;
  boolean learnsToTell = true;
  boolean learnsProbability = true;
  boolean illWhenCertain = true;
  double threshold = 0;
  double ratio = 0.1;
  double slope = 0.01;
  boolean stayedZero = false;
  double boundedShare = 0;

  /** D's logits. */
  double[] onTeacher = {0.1, -0.1, 0.1, -0.1};

  double[] onStudent = onTeacher;

  /** What D reads, a value an image. */
  double[] teacher = SPREAD;

  double[] student = SPREAD;

  private MadeMeter() {}

  /** A meter of an adversary that differs from a healthy one by that. */
  static HealthMeter of(Consumer<MadeMeter> difference) {
    MadeMeter made = new MadeMeter();
    difference.accept(made);
    HealthMeter meter = new HealthMeter(made.origin(), heldOut -> none());
    try (TensorScope scope = TensorScope.open()) {
      meter.add(rows(made.onTeacher), rows(made.onStudent));
      if (made.teacher.length > 0) {
        meter.addRead(rows(made.teacher).unsqueeze(1), rows(made.student).unsqueeze(1));
      }
    }
    return meter;
  }

  private HealthMeter.Origin origin() {
    return new HealthMeter.Origin(
        "logits",
        drives,
        start,
        learnsToTell,
        learnsProbability,
        illWhenCertain,
        threshold,
        ratio,
        slope,
        stayedZero,
        boundedShare);
  }

  /** Of a batch without images. */
  private static HealthMeter.Judged none() {
    return new HealthMeter.Judged(rows(), rows(), rows().unsqueeze(1), rows().unsqueeze(1));
  }

  private static Tensor rows(double... values) {
    return Tensors.of(values, values.length);
  }

  /** Those logits on the two networks' representations. */
  MadeMeter says(double[] ofTeacher, double[] ofStudent) {
    onTeacher = ofTeacher;
    onStudent = ofStudent;
    return this;
  }

  /** What follows from how D learns. */
  MadeMeter learns(GanLoss loss) {
    learnsToTell = loss.learnsProbability();
    learnsProbability = learnsToTell;
    illWhenCertain = loss.isIllWhenCertain();
    threshold = loss.threshold(1);
    return this;
  }

  /** The student does not learn from it, and nothing is measured. */
  MadeMeter observes() {
    drives = false;
    return isNotMeasured();
  }

  /** The term has had no gradient, or the rest. */
  MadeMeter isNotMeasured() {
    ratio = Double.NaN;
    slope = Double.NaN;
    return this;
  }
}
