package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class LeastSquaresConnectorTest {
  private static final RandomSource RANDOM = RandomSource.of(5, "connector");

  private static void assertSame(Tensor found, Tensor expected) {
    assertThat(found.shape()).isEqualTo(expected.shape());
    assertThat(Tensors.toDoubles(found))
        .containsExactly(Tensors.toDoubles(expected), Offset.offset(1e-4));
  }

  @Test
  void anAffineMapIsFoundAgain() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = RANDOM.at("s").normal(ScalarType.Double, 50, 3);
      Tensor map = RANDOM.at("m").normal(ScalarType.Double, 3, 5);
      Tensor teacher = student.matmul(map).add(new Scalar(7));
      LeastSquaresConnector connector = new LeastSquaresConnector(3, 5);
      connector.add(student.narrow(0, 0, 20), teacher.narrow(0, 0, 20));
      connector.add(student.narrow(0, 20, 30), teacher.narrow(0, 20, 30));
      assertSame(LeastSquaresConnector.connect(student, connector.solution()), teacher);
    }
  }

  /** y = 1, 2, 6 at x = 0, 1, 2: the line ½ + 2½ x. */
  @Test
  void whatIsNoAffineMapIsMetInTheMean() {
    try (TensorScope scope = TensorScope.open()) {
      LeastSquaresConnector connector = new LeastSquaresConnector(1, 1);
      Tensor student = Tensors.of(new double[] {0, 1, 2}, 3, 1);
      connector.add(student, Tensors.of(new double[] {1, 2, 6}, 3, 1));
      assertSame(
          LeastSquaresConnector.connect(student, connector.solution()),
          Tensors.of(new double[] {0.5, 3, 5.5}, 3, 1));
    }
  }

  @Test
  void ofMapsEachPositionIsASample() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = RANDOM.at("s").normal(ScalarType.Double, 6, 2, 3, 4);
      Tensor one = student.narrow(1, 0, 1);
      Tensor other = student.narrow(1, 1, 1);
      Tensor teacher = one.sub(other.mul(new Scalar(2))).add(new Scalar(1));
      LeastSquaresConnector connector = new LeastSquaresConnector(2, 1);
      connector.add(student, teacher);
      assertSame(LeastSquaresConnector.connect(student, connector.solution()), teacher);
    }
  }

  @Test
  void aStudentThatAlwaysSaysTheSameIsBroughtToTheTeachersMean() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[6], 3, 2);
      LeastSquaresConnector connector = new LeastSquaresConnector(2, 1);
      connector.add(student, Tensors.of(new double[] {1, 2, 6}, 3, 1));
      assertSame(
          LeastSquaresConnector.connect(student, connector.solution()),
          Tensors.of(new double[] {3, 3, 3}, 3, 1));
    }
  }
}
