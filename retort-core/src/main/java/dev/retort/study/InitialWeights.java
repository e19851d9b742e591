package dev.retort.study;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Splits;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.system.Sha256;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadReport;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.StateFile;
import dev.retort.weights.StateLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets a student start from a model's weights. */
final class InitialWeights {
  private static final Logger LOG = LoggerFactory.getLogger(InitialWeights.class);

  /** Of means and deviations on the scale 0 … 1. */
  private static final double TOLERANCE = 0.01;

  private InitialWeights() {}

  /**
   * Overwrites the student's weights with those of a model that have their names and shapes; the
   * others, such as a classifier of other classes, stay as drawn, and are logged.
   *
   * @param init MODEL
   * @param data whose classes and images the model is for, where its file does not say
   * @return a digest of the model's weights
   * @throws dev.retort.weights.WeightsException if the file is bad, or nothing of it fits
   */
  static String load(Network student, String init, Splits data) {
    ModelSource source = ModelSource.parse(init, Path.of(""));
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> tensors =
          source instanceof ModelSource.StateOf state
              ? StateFile.read(state.file())
              : state(source.open(data), init, data);
      LoadReport report = StateLoader.loadWhatFits(student, tensors, init);
      if (report.isComplete()) {
        LOG.info("{} starts from {}", student.name(), init);
      } else {
        LOG.warn("{} starts from part of {}: {}", student.name(), init, report);
      }
      return digest(tensors);
    }
  }

  private static Map<String, Tensor> state(LoadedModel model, String init, Splits data) {
    if (!isClose(model.info().statistics(), data.statistics())) {
      LOG.warn(
          "{} learnt from images that were normalised otherwise than {}: its weights are taken as they are, so the student does not begin where it ended",
          init,
          data.name());
    }
    return model.network().state().all();
  }

  /** Those of another division of the same images are. */
  private static boolean isClose(ChannelStatistics one, ChannelStatistics other) {
    return isClose(one.mean(), other.mean())
        && isClose(one.standardDeviation(), other.standardDeviation());
  }

  private static boolean isClose(float[] one, float[] other) {
    return one.length == other.length
        && IntStream.range(0, one.length).allMatch(i -> Math.abs(one[i] - other[i]) < TOLERANCE);
  }

  private static String digest(Map<String, Tensor> tensors) {
    Sha256 digest = new Sha256();
    new TreeMap<>(tensors)
        .forEach(
            (name, tensor) ->
                digest
                    .text(name)
                    .text(Arrays.toString(tensor.shape()))
                    .bytes(Tensors.bytes(tensor.detach().contiguous())));
    return digest.hex();
  }
}
