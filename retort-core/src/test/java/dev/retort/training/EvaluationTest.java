package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Dataset;
import org.junit.jupiter.api.Test;

/**
 * Six images, the last without a label. The student is right about the first, second and fifth, the
 * teacher about the first and third; they decide alike about the first, the fourth and the last.
 */
class EvaluationTest {
  private static final int[] LABELS = {0, 1, 2, 0, 1, Dataset.UNLABELLED};
  private static final Evaluation STUDENT = of(0, 1, 1, 2, 1, 2);
  private static final Evaluation TEACHER = of(0, 2, 2, 2, 0, 2);

  private static Evaluation of(int... decisions) {
    return new Evaluation(decisions, LABELS, 1);
  }

  @Test
  void anAccuracyIsOfTheLabelledImages() {
    assertThat(STUDENT.labelled()).isEqualTo(5);
    assertThat(STUDENT.accuracy()).isEqualTo(3 / 5.0);
    assertThat(TEACHER.accuracy()).isEqualTo(2 / 5.0);
    assertThat(STUDENT.confusion(3)).isDeepEqualTo(new int[][] {{1, 0, 1}, {0, 2, 0}, {0, 1, 0}});
  }

  /** Two of the three images on which they decide alike have another label, or none. */
  @Test
  void anAgreementIsOfTheDecisionsOnAllImagesRightOrWrong() {
    assertThat(STUDENT.agreement(TEACHER)).isEqualTo(3 / 6.0);
    assertThat(TEACHER.agreement(STUDENT)).isEqualTo(3 / 6.0);
  }

  @Test
  void rightWhereTheOtherIsWrongHasADirection() {
    assertThat(STUDENT.rightWhereWrong(TEACHER)).isEqualTo(2);
    assertThat(TEACHER.rightWhereWrong(STUDENT)).isEqualTo(1);
    assertThat(STUDENT.rightWhereWrong(STUDENT)).isZero();
  }

  @Test
  void decisionsOnOtherImagesAreNotCompared() {
    Evaluation ofTwo = new Evaluation(new int[2], new int[2], 1);
    assertThatThrownBy(() -> STUDENT.agreement(ofTwo))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("decisions on 6 images are compared with those on 2");
    assertThatThrownBy(() -> STUDENT.rightWhereWrong(ofTwo))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
