package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.StudentConfiguration;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.teacher.Teacher;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@NullUnmarked
class StudentInitializationTest {
  private static Splits data;

  @BeforeAll
  static void open() {
    data = DatasetSource.parse("cifar10-mini", Path.of("")).open();
  }

  private static Network network(String name, long seed) {
    return StudentInitialization.random(name, data, Precision.FP32, seed);
  }

  private static LoadedModel model(Network network) {
    return new LoadedModel(network, new ModelInfo(data.classes(), data.statistics(), Map.of()));
  }

  private static String start(Network student, String init, Teacher teacher) {
    return StudentInitialization.start(
            student, new StudentConfiguration(student.name(), init, "s"), teacher, data)
        .description();
  }

  private static double[] kernel(Network network) {
    return Tensors.toDoubles(network.state().get("layer3.0.conv2.weight"));
  }

  /** 5,000 images of noise, and then 500 of one colour: a folder of two classes. */
  private static Splits inTheOrderOfItsClasses(int ofTheSecond) {
    int noise = 5000;
    byte[] pixels = new byte[(noise + 500) * ImageShape.CIFAR.values()];
    new Random(1).nextBytes(pixels);
    Arrays.fill(pixels, noise * ImageShape.CIFAR.values(), pixels.length, (byte) ofTheSecond);
    Dataset made =
        new InMemoryDataset(
            "made", List.of("a", "b"), ImageShape.CIFAR, pixels, new int[noise + 500]);
    return new Splits("made", made, made, made, ImageShape.CIFAR, data.statistics());
  }

  @Test
  void aStartFromImagesSeesAllClassesOfAFolder() {
    try (TensorScope scope = TensorScope.open()) {
      double[][] filters = new double[2][];
      for (int i = 0; i < 2; i++) {
        Network network =
            StudentInitialization.random(
                "airnet94", inTheOrderOfItsClasses(200 * i), Precision.FP32, 1);
        filters[i] = Tensors.toDoubles(network.state().get("whitening.weight"));
      }
      assertThat(filters[0]).isNotEqualTo(filters[1]);
    }
  }

  @Test
  void aStudentStartsFromItsTeachersKernels() {
    try (TensorScope scope = TensorScope.open()) {
      Network network = network("resnet14", 1);
      Teacher teacher =
          new NetworkTeacher(model(network), data.statistics(), Precision.FP32, Device.CPU);
      Network student = network("resnet8", 2);
      String report = start(student, "teacher", teacher);
      assertThat(report).isEqualTo("9 tensors from the teacher");
      assertThat(kernel(student))
          .isEqualTo(Tensors.toDoubles(network.state().get("layer3.1.conv2.weight")));
    }
  }

  @Test
  void whereThereIsNothingToTakeItIsSaid() {
    try (TensorScope scope = TensorScope.open()) {
      Network student = network("resnet8", 2);
      double[] before = kernel(student);
      assertThatThrownBy(() -> start(student, "teacher", null))
          .isInstanceOf(ConfigurationException.class)
          .hasMessage(
              "student 's' cannot start from teacher: the teacher's weights are not at hand: it is"
                  + " not a network of Retort's without keys of a view");
      assertThat(start(student, "random", null)).isEqualTo("random");
      assertThat(kernel(student)).isEqualTo(before);
    }
  }
}
