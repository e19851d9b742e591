package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Dataset;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import org.junit.jupiter.api.Test;

class CalibrationErrorTest {
  @Test
  void isTheMeanGapBetweenConfidenceAndAccuracyWeightedByTheImagesOfEachBin() {
    CalibrationError error = new CalibrationError();
    // One bin: confidence 0.9, accuracy 1/2; another: confidence 0.6, accuracy 1.
    error.add(0.9, true);
    error.add(0.9, false);
    error.add(0.6, true);
    error.add(0.6, true);

    // 2/4 · |1/2 − 0.9| + 2/4 · |1 − 0.6|
    assertThat(error.value()).isCloseTo(0.4, within(1e-12));
  }

  /**
   * Of fifteen bins, 0.74 and 0.79 share the one from 11/15 to 12/15, and 0.86 and 0.88 lie on both
   * sides of 13/15: any other number parts the former or joins the latter. |1 − 1.53| + |1 − 0.86|
   * + |0 − 0.88| = 1.55 of four images.
   */
  @Test
  void hasFifteenBins() {
    CalibrationError error = new CalibrationError();
    error.add(0.74, true);
    error.add(0.79, false);
    error.add(0.86, true);
    error.add(0.88, false);

    assertThat(error.value()).isCloseTo(1.55 / 4, within(1e-12));
  }

  /** 0.6 is 9/15: with 0.55 in the bin that it ends, and not with 0.62: |1 − 1.15| + |1 − 0.62|. */
  @Test
  void anEdgeBelongsToTheBinBelowIt() {
    CalibrationError error = new CalibrationError();
    error.add(0.55, false);
    error.add(0.6, true);
    error.add(0.62, true);

    assertThat(error.value()).isCloseTo(0.53 / 3, within(1e-12));
  }

  @Test
  void isZeroWhereConfidenceIsAccuracyAndCountsTheEndsOfTheRange() {
    CalibrationError error = new CalibrationError();
    error.add(1, true);
    error.add(0, false);

    assertThat(error.value()).isZero();
  }

  @Test
  void takesTheProbabilitiesOfLogitsAndLeavesOutImagesWithoutALabel() {
    CalibrationError error = new CalibrationError();
    try (TensorScope scope = TensorScope.open()) {
      // softmax(ln 3, 0) = (3/4, 1/4): right once of two labelled images.
      double[] logits = {Math.log(3), 0, Math.log(3), 0, 5, 0};
      error.add(Tensors.of(logits, 3, 2), Tensors.of(new long[] {0, 1, Dataset.UNLABELLED}, 3));
    }

    assertThat(error.value()).isCloseTo(0.25, within(1e-12));
  }
}
