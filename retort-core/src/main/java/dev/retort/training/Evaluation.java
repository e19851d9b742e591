package dev.retort.training;

import dev.retort.data.Dataset;
import java.util.Arrays;

/**
 * How a classifier decided on a data set.
 *
 * @param decisions the class of the largest logit, image by image
 * @param labels the images' classes, {@link Dataset#UNLABELLED} where unknown
 * @param seconds that it took
 */
public record Evaluation(int[] decisions, int[] labels, double seconds) {
  /**
   * The share of labelled images that were decided right, in [0, 1]; NaN where none has a label.
   */
  public double accuracy() {
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      right += labels[i] == decisions[i] ? 1 : 0; // never where there is no label
    }
    return (double) right / labelled();
  }

  /** The number of images with a label. */
  public int labelled() {
    return (int) Arrays.stream(labels).filter(label -> label != Dataset.UNLABELLED).count();
  }

  /**
   * The share of images on which two classifiers decide alike, in [0, 1]; NaN of none.
   *
   * @throws IllegalArgumentException if the other one is of another number of images
   */
  public double agreement(Evaluation other) {
    requireSize(other);
    int alike = 0;
    for (int i = 0; i < decisions.length; i++) {
      alike += decisions[i] == other.decisions[i] ? 1 : 0;
    }
    return (double) alike / decisions.length;
  }

  /**
   * The labelled images that this classifier decides right, and another one wrong.
   *
   * @throws IllegalArgumentException if the other one is of another number of images
   */
  public int rightWhereWrong(Evaluation other) {
    requireSize(other);
    int count = 0;
    for (int i = 0; i < labels.length; i++) {
      count += decisions[i] == labels[i] && other.decisions[i] != labels[i] ? 1 : 0;
    }
    return count;
  }

  private void requireSize(Evaluation other) {
    if (other.size() != size()) {
      throw new IllegalArgumentException(
          "decisions on %d images are compared with those on %d".formatted(size(), other.size()));
    }
  }

  /** {@code confusion[label][decision]} counts labelled images. */
  public int[][] confusion(int classes) {
    int[][] counts = new int[classes][classes];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != Dataset.UNLABELLED) {
        counts[labels[i]][decisions[i]]++;
      }
    }
    return counts;
  }

  /** The number of images. */
  public int size() {
    return decisions.length;
  }
}
