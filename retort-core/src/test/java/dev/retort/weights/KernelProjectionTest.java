package dev.retort.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.ImageShape;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class KernelProjectionTest {
  private static Network network(String name, long seed) {
    return network(name, ImageShape.CIFAR, seed);
  }

  private static Network network(String name, ImageShape shape, long seed) {
    return Networks.create(name, shape, 10, ScalarType.Float, RandomSource.of(seed, "projection"));
  }

  private static KernelProjection.Report project(Network teacher, Network student) {
    return KernelProjection.project(teacher.state(), NetworkSummary.of(teacher).shapes(), student);
  }

  private static double[] values(Network network, String name) {
    return Tensors.toDoubles(network.state().get(name));
  }

  /** Seven 3x3 kernels of a stage against three: the first, the fourth and the last. */
  @Test
  void ofADeeperNetworkOfTheSameWidthsKernelsAreTakenInProportion() {
    try (TensorScope scope = TensorScope.open()) {
      Network teacher = network("resnet20", 1);
      Network student = network("resnet8", 2);
      KernelProjection.Report report = project(teacher, student);
      assertThat(report.left()).isEmpty();
      assertThat(report.projected())
          .containsEntry("conv1.weight", "conv1.weight")
          .containsEntry("layer1.0.conv1.weight", "layer1.1.conv1.weight")
          .containsEntry("layer1.0.conv2.weight", "layer1.2.conv2.weight")
          .containsEntry("layer2.0.downsample.0.weight", "layer2.0.downsample.0.weight")
          .hasSize(9);
      assertThat(values(student, "layer1.0.conv1.weight"))
          .isEqualTo(values(teacher, "layer1.1.conv1.weight"));
    }
  }

  /** Of 64 channels every fourth is taken, and multiplied by √(64/16) = 2 for the inputs lost. */
  @Test
  void ofAWiderNetworkSlicesAreSelected() {
    try (TensorScope scope = TensorScope.open()) {
      Network teacher = network("resnet8x4", 1);
      Network student = network("resnet8", 2);
      double[] classifier = values(student, "fc.weight");
      project(teacher, student);
      Tensor given = teacher.state().get("layer1.0.conv2.weight");
      Tensor own = student.state().get("layer1.0.conv2.weight");
      assertThat(given.shape()).containsExactly(64, 64, 3, 3);
      for (long[] place : new long[][] {{0, 0}, {3, 5}, {15, 15}}) {
        double[] slice = Tensors.toDoubles(own.select(0, place[0]).select(0, place[1]));
        double[] selected =
            Tensors.toDoubles(given.select(0, 4 * place[0]).select(0, 4 * place[1]));
        for (int i = 0; i < 9; i++) {
          assertThat(slice[i]).isCloseTo(2 * selected[i], within(1e-6));
        }
      }
      // The stem of 32 channels reads the image's 3: every second filter, as it is.
      assertThat(Tensors.toDoubles(student.state().get("conv1.weight").select(0, 7)))
          .isEqualTo(Tensors.toDoubles(teacher.state().get("conv1.weight").select(0, 14)));
      assertThat(values(student, "fc.weight")).as("the classifier stays").isEqualTo(classifier);
    }
  }

  /** A depthwise kernel has one input channel, as an image in grey has. */
  @Test
  void onlyTheFirstKernelReadsTheImage() {
    try (TensorScope scope = TensorScope.open()) {
      ImageShape grey = new ImageShape(1, 32, 32);
      KernelProjection.Report ofGrey =
          project(network("vgg13", grey, 1), network("shufflev1", grey, 2));
      KernelProjection.Report ofColours = project(network("vgg13", 1), network("shufflev1", 2));
      assertThat(ofGrey.projected()).isEqualTo(ofColours.projected()).hasSize(16);
    }
  }

  @Test
  void aStudentOfTheTeachersArchitectureIsTheTeacher() {
    try (TensorScope scope = TensorScope.open()) {
      Network teacher = network("resnet8", 1);
      teacher.state().get("bn1.running_mean").fill_(new org.bytedeco.pytorch.Scalar(3));
      Network student = network("resnet8", 2);
      KernelProjection.Report report = project(teacher, student);
      teacher
          .state()
          .all()
          .keySet()
          .forEach(name -> assertThat(values(student, name)).isEqualTo(values(teacher, name)));
      assertThat(report.projected()).hasSameSizeAs(teacher.state().all());
    }
  }

  /** Its first kernel reads whitened patches, and the student's the image. */
  @Test
  void aKernelThatReadsSomethingElseIsLeft() {
    try (TensorScope scope = TensorScope.open()) {
      Network student = network("resnet8", 2);
      double[] before = values(student, "conv1.weight");
      KernelProjection.Report report = project(network("airnet94", 1), student);
      assertThat(report.left())
          .containsEntry("conv1.weight", "groups.0.conv1.weight does not read the image")
          .containsEntry(
              "layer2.0.downsample.0.weight", "the teacher has no 1x1 kernel in stage:2");
      assertThat(report.projected()).containsKey("layer3.0.conv2.weight");
      assertThat(values(student, "conv1.weight")).isEqualTo(before);
      assertThat(report.toString())
          .startsWith(report.projected().size() + " tensors from the teacher, ")
          .contains("kernels left as they were (conv1.weight: ");
    }
  }

  @Test
  void aTeacherThatIsNarrowerThroughoutIsRefused() {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> project(network("resnet8", 1), network("resnet8x4", 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no kernel of the teacher fits the network resnet8x4")
          .hasMessageContaining("is narrower, 16 of 3");
    }
  }
}
