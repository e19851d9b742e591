package dev.retort.data;

import java.util.List;

/**
 * A data set's three parts. Training data train, validation data choose, test data are read once at
 * the end.
 *
 * @param name what DATA was called: {@code cifar10-mini}, {@code cifar10:/data}
 * @param inputShape the shape that a network for these images reads
 * @param statistics of the training images
 */
public record Splits(
    String name,
    Dataset train,
    Dataset validation,
    Dataset test,
    ImageShape inputShape,
    ChannelStatistics statistics) {
  /** The classes' names, the same for all three parts. */
  public List<String> classes() {
    return train.classes();
  }
}
