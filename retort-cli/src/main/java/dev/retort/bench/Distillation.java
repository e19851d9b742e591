package dev.retort.bench;

import dev.retort.data.Splits;
import dev.retort.distill.CrossEntropy;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.StudentInitialization;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.teacher.Teacher;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.training.WeightAverage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Trainings of one student by any method from one teacher, without end, as a study would do them.
 */
final class Distillation {
  static final Sgd.Settings OPTIMIZER = Sgd.Settings.STANDARD;

  /** CIFAR-10's, which memory banks are as large as. */
  private static final int TRAINING_IMAGES = 45_000;

  static final double LEARNING_RATE = 0.05;

  private final Splits data;
  private final String student;
  private final @Nullable Teacher teacher;
  private final int views;
  private final Precision precision;

  /**
   * @param student a network's name
   * @param teacher null where the methods learn from labels alone
   * @param views of an image; 0 for a new one each epoch
   */
  Distillation(
      Splits data, String student, @Nullable Teacher teacher, int views, Precision precision) {
    this.data = data;
    this.student = student;
    this.teacher = teacher;
    this.views = views;
    this.precision = precision;
  }

  /** A training of a given network from labels alone; the number decides the order of images. */
  static TrainingTask ofLabels(Network network, Splits data, Precision precision, long number) {
    Distillation plain = new Distillation(data, network.name(), null, 0, precision);
    MethodConfiguration method = MethodConfiguration.of(CrossEntropy.KIND);
    return plain.task(method, network, number);
  }

  /** A new training from a seed, in the innermost open scope. */
  TrainingTask task(MethodConfiguration method, long seed) {
    return task(method, StudentInitialization.random(student, data, precision, seed), seed);
  }

  private TrainingTask task(MethodConfiguration method, Network network, long seed) {
    return new TrainingTask(
        network,
        teacher,
        objectives(method, network, seed),
        data,
        BenchmarkData.plan(seed, views),
        settings(precision),
        Device.CPU);
  }

  /** Stochastic gradient descent at one rate for longer than anything is measured. */
  static TrainingSettings settings(Precision precision) {
    return new TrainingSettings(
        1_000_000,
        LEARNING_RATE,
        new Schedule.Constant(0),
        OPTIMIZER,
        new WeightAverage.None(),
        precision);
  }

  private List<Objective> objectives(MethodConfiguration method, Network network, long seed) {
    Pairing pairing =
        new Pairing(
            teacher == null ? Map.of() : teacher.shapes(),
            NetworkSummary.of(network).shapes(),
            data.classes().size(),
            TRAINING_IMAGES,
            precision.parameterType(),
            RandomSource.of(seed, "objectives"),
            teacher == null ? null : teacher.state(),
            network.state());
    List<Objective> objectives = new ArrayList<>();
    for (ObjectiveSettings settings : method.objectives()) {
      objectives.addAll(settings.build(pairing));
    }
    return objectives;
  }

  /** Everything that some methods read of the teacher. */
  Set<String> teacherTaps(Collection<MethodConfiguration> methods) {
    Set<String> taps = new TreeSet<>();
    for (MethodConfiguration method : methods) {
      try (TensorScope trial = TensorScope.open()) {
        task(method, 0).objectives().forEach(objective -> taps.addAll(objective.teacherTaps()));
      }
    }
    return taps;
  }
}
