package dev.retort.training;

import dev.retort.data.Dataset;
import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * How far a classifier's confidence is from its accuracy: the expected calibration error of Guo et
 * al. 2017, equation 3, Σ_b n_b / n · |accuracy_b − confidence_b| over {@value #BINS} bins of equal
 * width in the confidence, which is the largest probability of an image.
 */
public final class CalibrationError {
  private static final int BINS = 15;

  private final double[] confidence = new double[BINS];
  private final long[] right = new long[BINS];
  private long images;

  /**
   * Takes in an image.
   *
   * @param confidence the probability of the class that was decided on, in [0, 1]
   * @param isRight whether that is the image's class
   */
  void add(double confidence, boolean isRight) {
    // Bins are open below and closed above, as in the paper.
    int bin = Math.max(0, (int) Math.ceil(confidence * BINS) - 1);
    this.confidence[bin] += confidence;
    right[bin] += isRight ? 1 : 0;
    images++;
  }

  /**
   * Takes in the labelled images of a batch.
   *
   * @param logits {@code [N, classes]}
   * @param labels {@code [N]} int64, {@link Dataset#UNLABELLED} where unknown
   */
  public void add(Tensor logits, Tensor labels) {
    if (labels.numel() == 0) {
      return;
    }
    double[] probabilities = Tensors.toDoubles(logits.softmax(1));
    long[] truth = Tensors.toLongs(labels);
    int classes = probabilities.length / truth.length;
    for (int i = 0; i < truth.length; i++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = probabilities[i * classes + c] > probabilities[i * classes + best] ? c : best;
      }
      if (truth[i] != Dataset.UNLABELLED) {
        add(Math.min(1, probabilities[i * classes + best]), best == truth[i]);
      }
    }
  }

  /** The error over the images so far, in [0, 1]; NaN without any. */
  public double value() {
    double sum = 0;
    for (int bin = 0; bin < BINS; bin++) {
      sum += Math.abs(right[bin] - confidence[bin]);
    }
    return sum / images;
  }
}
