package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.distill.LayerPair;
import dev.retort.distill.Pairing;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class TeacherClassifierTest {
  private static final String ON = "on: [teacher-classifier]";

  private static MadeStep made(Tensor teacher, Tensor student) {
    return made(teacher, student, teacher);
  }

  private static MadeStep made(Tensor teacher, Tensor student, Tensor secondView) {
    Tensor logits = MadeStep.normal("logits", 0, teacher.size(0), 3);
    return new MadeStep(
        Map.of("logits", logits, "embedding", teacher),
        Map.of("logits", logits, "embedding", student),
        Map.of("logits", logits, "embedding", secondView),
        new long[(int) teacher.size(0)],
        0,
        0.25);
  }

  private static Pairing withClassifier(MadeStep made, Tensor weight) {
    Pairing pairing = made.pairing();
    return new Pairing(
        pairing.teacherShapes(),
        pairing.studentShapes(),
        pairing.classes(),
        pairing.trainingImages(),
        pairing.type(),
        pairing.device(),
        pairing.random(),
        null,
        null,
        embedding -> embedding.matmul(weight));
  }

  /** Rows of W are (1, 0, −1) and (0, 2, 0). */
  @Test
  void theEmbeddingsAndThatOfTheSecondViewAreReadByTheTeachersLastLayer() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor weight = Tensors.of(new double[] {1, 0, -1, 0, 2, 0}, 2, 3);
      Tensor student = Tensors.of(new double[] {1, 2, 3, -1}, 2, 2).set_requires_grad(true);
      Tensor secondView = Tensors.of(new double[] {-1, 1, 0, 2}, 2, 2);
      MadeStep made = made(Tensors.of(new double[] {4, 5, 6, 7}, 2, 2), student, secondView);
      Representation read = new TeacherClassifier("embedding", withClassifier(made, weight));
      assertThat(Tensors.toDoubles(read.teacher(made.step())))
          .containsExactly(4, 10, -4, 6, 14, -6);
      assertThat(Tensors.toDoubles(read.student(made.step()))).containsExactly(1, 4, -1, 3, -2, -3);
      assertThat(Tensors.toDoubles(read.partner(made.step()))).containsExactly(-1, 2, 1, 0, 4, 0);
      assertThat(read.shape()).containsExactly(3);
    }
  }

  @Test
  void theStudentsConnectorLearnsThroughIt() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor weight = MadeStep.normal("w", 0, 5, 3);
      MadeStep made =
          made(
              MadeStep.normal("t", 0, 8, 5), MadeStep.normal("s", 0, 8, 2).set_requires_grad(true));
      Adversary adversary = MadeSettings.adversary(ON, withClassifier(made, weight));
      adversary.learn(made.step());
      adversary.loss(made.step()).backward();
      Tensor connector = Objects.requireNonNull(adversary.state()).get("weight");
      assertThat(connector.shape()).containsExactly(5, 2);
      assertThat(Tensors.toDoubles(connector.grad().abs().sum())[0]).isPositive();
      assertThat(adversary.label()).isEqualTo("teacher-classifier");
      assertThat(adversary.teacherTaps()).containsExactly("embedding");
    }
  }

  @Test
  void aTeacherWhoseLastLayerIsNotAtHandIsRefused() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = made(MadeStep.normal("t", 0, 4, 5), MadeStep.normal("s", 0, 4, 2));
      assertThatThrownBy(() -> MadeSettings.adversary(ON).build(made.pairing()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("teacher-classifier needs the teacher's classifier");
    }
  }

  @Test
  void theStudentMayNameAnotherLayer() {
    assertThat(TeacherClassifier.studentLayer(new LayerPair("teacher-classifier", "fc")))
        .isEqualTo("fc");
    assertThat(TeacherClassifier.studentLayer(LayerPair.of("teacher-classifier")))
        .isEqualTo("embedding");
  }
}
