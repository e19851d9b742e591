package dev.retort.study;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.network.DataInitialized;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.network.State;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.StudentConfiguration;
import dev.retort.teacher.Teacher;
import dev.retort.weights.KernelProjection;
import org.jspecify.annotations.Nullable;

/** Where a student begins: its weights before the first step. */
public final class StudentInitialization {
  /** How many training images a network that is initialised from data sees, at most. */
  private static final int IMAGES = 5000;

  /** What their pixels may be at most: of larger images fewer do, as they have more patches. */
  private static final int VALUES = IMAGES * ImageShape.CIFAR.values();

  private StudentInitialization() {}

  /**
   * Where a student's weights come from.
   *
   * @param description in one sentence
   * @param model the digest of the model whose weights it starts from; null for another beginning
   */
  record Beginning(String description, @Nullable String model) {}

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
      int count = Math.max(1, Math.min(IMAGES, VALUES / data.inputShape().values()));
      Dataset images =
          Subset.drawn(data.train(), count, RandomSource.of(seed, "images of the initialisation"));
      try (BatchStream stream =
          BatchStream.evaluation(
              images, data.inputShape(), data.statistics(), images.size(), precision)) {
        unfinished.initialize(stream.all().iterator().next().images());
      }
    }
    return student;
  }

  /**
   * Gives a student with random weights those that its configuration names: a projection of the
   * teacher's ({@link KernelProjection}), or those of another model ({@link InitialWeights}).
   *
   * @param teacher null where nothing is distilled
   * @throws ConfigurationException if there is nothing to take, with the reason
   */
  static Beginning start(
      Network student, StudentConfiguration configured, @Nullable Teacher teacher, Splits data) {
    String init = configured.init();
    if (init.equals(StudentConfiguration.RANDOM)) {
      return new Beginning(init, null);
    }
    if (configured.startsFromModel()) {
      return new Beginning(init, InitialWeights.load(student, init, data));
    }
    try {
      return new Beginning(fromTeacher(student, teacher), null);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "student '" + configured.name() + "' cannot start from " + init + ": " + e.getMessage(),
          e);
    }
  }

  private static String fromTeacher(Network student, @Nullable Teacher teacher) {
    State state = teacher == null ? null : teacher.state();
    if (teacher == null || state == null) {
      throw new IllegalArgumentException(
          "the teacher's weights are not at hand: it is not a network of Retort's without keys of a view");
    }
    return KernelProjection.project(state, teacher.shapes(), student).toString();
  }
}
