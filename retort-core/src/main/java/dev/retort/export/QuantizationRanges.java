package dev.retort.export;

import dev.retort.data.Dataset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.Graph;
import dev.retort.network.Graph.Node;
import dev.retort.network.Operation;
import dev.retort.onnx.OnnxSession;
import dev.retort.weights.LoadedModel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Finds the range of every value that is quantised, from calibration images: the mean over batches,
 * weighted by their images, of the value's 0.01 % and 99.99 % quantiles. A single stray value would
 * widen the steps of all others.
 */
final class QuantizationRanges {
  private static final double TAIL = 1e-4;
  private static final int BATCH_SIZE = 20;

  private QuantizationRanges() {}

  /** The ranges by name of value. */
  static Map<String, QuantizedRange> of(
      LoadedModel model, Graph folded, OnnxSession everything, Dataset images) {
    Set<String> wanted = quantized(folded);
    Map<String, double[]> sums = new HashMap<>();
    int count = 0;
    try (BatchStream stream = new ReferenceModel(model).batches(images, BATCH_SIZE)) {
      for (Batch batch : stream.all()) {
        count += batch.size();
        try (TensorScope scope = TensorScope.open()) {
          Set<String> outputs = new HashSet<>(wanted);
          outputs.remove(Graph.IMAGES);
          add(sums, Graph.IMAGES, batch.images(), batch.size());
          everything
              .run(batch.images(), outputs)
              .forEach((name, value) -> add(sums, name, value, batch.size()));
        }
      }
    }
    Map<String, QuantizedRange> ranges = new LinkedHashMap<>();
    for (String name : wanted) {
      double[] sum = sums.getOrDefault(name, new double[2]);
      ranges.put(name, QuantizedRange.of(sum[0] / count, sum[1] / count));
    }
    return ranges;
  }

  private static void add(Map<String, double[]> sums, String name, Tensor value, int images) {
    Tensor flat = value.flatten(0L, -1L);
    long rank = Math.max(1, (long) (flat.numel() * TAIL));
    double[] sum = sums.computeIfAbsent(name, unseen -> new double[2]);
    sum[0] += images * Tensors.toDouble(flat.kthvalue(rank).get0());
    sum[1] += images * Tensors.toDouble(flat.kthvalue(flat.numel() + 1 - rank).get0());
  }

  /**
   * All values but the outputs of fully connected layers, and but those that only a ReLU reads: the
   * two run as one, and what is cut off needs no steps.
   */
  private static Set<String> quantized(Graph computation) {
    Map<String, Set<Operation>> readers = new HashMap<>();
    for (Node node : computation.nodes()) {
      node.inputs()
          .forEach(
              input ->
                  readers.computeIfAbsent(input, unseen -> new HashSet<>()).add(node.operation()));
    }
    Set<Operation> cutting = Set.of(Operation.Activation.RELU, Operation.Activation.RELU6);
    Set<String> values = new LinkedHashSet<>();
    values.add(Graph.IMAGES);
    for (Node node : computation.nodes()) {
      boolean cut = cutting.containsAll(readers.getOrDefault(node.output(), Set.of()));
      boolean scores = node.operation() instanceof Operation.FullyConnected;
      if (!cut && !scores && !node.output().equals(Activations.LOGITS)) {
        values.add(node.output());
      }
    }
    return values;
  }
}
