package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.Augmentation;
import dev.retort.data.ImageShape;
import dev.retort.data.ViewSource;
import dev.retort.data.batch.Batch;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.DataInitialized;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.network.State;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of term connects networks that share neither widths nor map sizes. */
class UnlikeNetworksTest {
  private static final int IMAGES = 4;
  private static final int CLASSES = 3;
  private static final RandomSource RANDOM = RandomSource.of(5, "unlike networks");

  /** A batch normalisation behind it takes it away again: its gradient is 0 but for rounding. */
  private static final Set<String> WITHOUT_EFFECT = Set.of("fitnet: conv.bias");

  @ParameterizedTest
  @CsvSource({"airnet94, resnet8", "resnet8x4, wrn_16_1"})
  void byItsDefaultsEachTermReachesAllThatLearns(String teacherName, String studentName) {
    try (TensorScope scope = TensorScope.open()) {
      Network teacher = network(teacherName);
      Network student = network(studentName);
      Pairing pairing =
          new Pairing(
              NetworkSummary.of(teacher).shapes(),
              NetworkSummary.of(student).shapes(),
              CLASSES,
              IMAGES,
              ScalarType.Float,
              RANDOM.at("pairing"));
      for (ObjectiveKind kind : ObjectiveCatalog.withoutAdversaries().kinds()) {
        try (TensorScope method = TensorScope.open()) {
          List<Objective> objectives = kind.defaults().build(pairing);
          Step step = step(objectives, teacher, student);
          for (Objective objective : objectives) {
            assertReachesAllThatLearns(objective, step, student);
          }
        }
      }
    }
  }

  private static Network network(String name) {
    Network network =
        Networks.create(name, ImageShape.CIFAR, CLASSES, ScalarType.Float, RANDOM.at(name));
    if (network instanceof DataInitialized byData) {
      byData.initialize(images());
    }
    return network;
  }

  private static Tensor images() {
    return RANDOM.at("images").normal(ScalarType.Float, IMAGES, 3, 32, 32);
  }

  private static void assertReachesAllThatLearns(Objective objective, Step step, Network student) {
    Tensor term = objective.loss(step);
    assertThat(Tensors.toDouble(term)).as(objective.name()).isFinite();
    List<Tensor> ofStudent = List.copyOf(student.state().parameters().values());
    TensorVector gradients = gradients(term, ofStudent);
    assertThat(Tensors.toDouble(Tensors.flatten(gradients).norm()))
        .as(objective.name())
        .isFinite()
        .isPositive();
    State own = objective.state();
    if (own != null) {
      assertThat(own.parameters()).as(objective.name()).isNotEmpty();
      own.parameters()
          .forEach(
              (name, parameter) -> {
                String what = objective.name() + ": " + name;
                double norm = Tensors.toDouble(gradients(term, List.of(parameter)).get(0).norm());
                if (WITHOUT_EFFECT.contains(what)) {
                  assertThat(norm).as(what).isLessThan(1e-6);
                } else {
                  assertThat(norm).as(what).isFinite().isGreaterThan(1e-6);
                }
              });
    }
  }

  private static TensorVector gradients(Tensor term, List<Tensor> with) {
    return Tensors.gradients(term, new TensorVector(with.toArray(new Tensor[0])), true);
  }

  private static Step step(List<Objective> objectives, Network teacher, Network student) {
    Tensor images = images();
    Set<String> teacherTaps = new LinkedHashSet<>();
    Set<String> studentTaps = new LinkedHashSet<>();
    for (Objective objective : objectives) {
      teacherTaps.addAll(objective.teacherTaps());
      studentTaps.addAll(objective.studentTaps());
    }
    Activations fromTeacher;
    try (NoGrad noGrad = NoGrad.open()) {
      fromTeacher =
          ForwardPass.run(teacher, images, false, teacherTaps, Precision.FP32, Device.CPU);
    }
    return new Step(
        new Batch(
            images,
            Tensors.of(new long[] {0, 2, 1, 0}, IMAGES),
            new int[] {3, 1, 0, 2},
            new ViewSource("", IMAGES, "", Augmentation.NONE),
            0),
        ForwardPass.run(student, images, true, studentTaps, Precision.FP32, Device.CPU),
        fromTeacher,
        null,
        7,
        0.5,
        RANDOM.at("step"));
  }
}
