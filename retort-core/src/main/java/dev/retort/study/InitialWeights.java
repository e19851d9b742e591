package dev.retort.study;

import dev.retort.data.Sha256;
import dev.retort.data.Splits;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadReport;
import dev.retort.weights.StateFile;
import dev.retort.weights.StateLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets a student start from a model's weights. */
final class InitialWeights {
  private static final Logger LOG = LoggerFactory.getLogger(InitialWeights.class);

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
              : source.open(data).network().state().all();
      LoadReport report = StateLoader.loadWhatFits(student, tensors, init);
      if (report.isComplete()) {
        LOG.info("{} starts from {}", student.name(), init);
      } else {
        LOG.warn("{} starts from part of {}: {}", student.name(), init, report);
      }
      return digest(tensors);
    }
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
