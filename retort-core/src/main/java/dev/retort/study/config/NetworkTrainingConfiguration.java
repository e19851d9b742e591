package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.distill.CrossEntropy;
import dev.retort.network.Networks;
import dev.retort.training.CheckpointInterval;
import java.util.List;

/**
 * One network trained on labels alone, as a teacher is: the configuration of {@code retort train}.
 *
 * @param data the images, with the keys of its table; required
 * @param network a network's name, of {@code retort list networks}; required
 * @param training how it learns, with the keys of its table; required
 * @param labelSmoothing ε in [0, 1) of the cross-entropy; a teacher that gives soft labels is
 *     better without
 * @param seed of initialisation, order and augmentation
 * @param test whether the test images are read at the end
 * @param checkpoints how often the training saves where it stands, beside the end of each epoch
 * @param tensorBoard whether the metrics are written as TensorBoard events too
 */
public record NetworkTrainingConfiguration(
    @JsonProperty(required = true) DataConfiguration data,
    @JsonProperty(required = true) String network,
    @JsonProperty(required = true) TrainingConfiguration training,
    double labelSmoothing,
    long seed,
    boolean test,
    CheckpointInterval checkpoints,
    boolean tensorBoard) {
  /** The only method of a training as a study. */
  public static final String METHOD = "cross-entropy";

  public NetworkTrainingConfiguration {
    Networks.require(network);
    new CrossEntropy(1, labelSmoothing); // checks its range
  }

  /** With every default. */
  static NetworkTrainingConfiguration of(
      DataConfiguration data, String network, TrainingConfiguration training) {
    return new NetworkTrainingConfiguration(
        data, network, training, 0, 1, true, CheckpointInterval.DEFAULTS, false);
  }

  /** The same as a study of one run, by cross-entropy. */
  public StudyConfiguration asStudy() {
    CrossEntropy term = new CrossEntropy(1, labelSmoothing);
    return new StudyConfiguration(
        data,
        null,
        List.of(StudentConfiguration.of(network)),
        training,
        List.of(seed),
        null,
        null,
        List.of(new MethodConfiguration(METHOD, List.of(term))),
        List.of(),
        null,
        false,
        test,
        checkpoints,
        tensorBoard,
        new CacheConfiguration(null, 0),
        null,
        null);
  }
}
