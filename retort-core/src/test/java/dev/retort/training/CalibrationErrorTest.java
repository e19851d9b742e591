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
