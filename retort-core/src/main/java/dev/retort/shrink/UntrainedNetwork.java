package dev.retort.shrink;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.DataInitialized;
import dev.retort.network.ForwardPass;
import dev.retort.network.Graph;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.network.Operation.Normalization;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network with random weights that costs what a trained one does. Its batch normalisation has the
 * statistics of training images: without them values shrink or grow from layer to layer, and what
 * becomes subnormal is many times slower to multiply.
 */
public final class UntrainedNetwork {
  private static final int IMAGES = 256;

  /** Of images of 64 x 64; of larger ones fewer, since a batch's layers are all in memory. */
  private static final int BATCH_SIZE = 64;

  private static final int FEWEST = 8;

  private UntrainedNetwork() {}

  /**
   * A network for images and classes of given data, without any statistics; its tensors belong to
   * the caller's scope.
   *
   * @throws IllegalArgumentException if it cannot be made for such images
   */
  static Network create(String name, Splits data) {
    return Networks.create(
        name,
        data.inputShape(),
        data.classes().size(),
        ScalarType.Float,
        RandomSource.of(0, "candidates"));
  }

  /**
   * The same with the statistics of training images.
   *
   * @throws IllegalArgumentException if it cannot be made for such images
   */
  public static LoadedModel of(String name, Splits data) {
    Network network = create(name, data);
    normalize(network, data);
    return new LoadedModel(network, new ModelInfo(data.classes(), data.statistics(), Map.of()));
  }

  /** Sets the running statistics to the mean over batches of what each batch has. */
  private static void normalize(Network network, Splits data) {
    List<Normalization> layers =
        Graph.of(network).nodes().stream()
            .map(Graph.Node::operation)
            .filter(Normalization.class::isInstance)
            .map(Normalization.class::cast)
            .toList();
    Dataset some = Subset.drawn(data.train(), IMAGES, RandomSource.of(0, "candidates' images"));
    ImageShape shape = data.inputShape();
    int batchSize =
        Math.max(
            FEWEST, Math.min(BATCH_SIZE, BATCH_SIZE * 64 * 64 / (shape.height() * shape.width())));
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open();
        BatchStream stream =
            BatchStream.evaluation(some, shape, data.statistics(), batchSize, Precision.FP32)) {
      List<Tensor> sums =
          layers.stream().flatMap(UntrainedNetwork::statistics).map(torch::zeros_like).toList();
      int batches = 0;
      for (Batch batch : stream.all()) {
        if (batches++ == 0 && network instanceof DataInitialized unfinished) {
          unfinished.initialize(batch.images());
        }
        layers.stream().flatMap(UntrainedNetwork::statistics).forEach(Tensor::zero_);
        try (TensorScope ofBatch = TensorScope.open()) {
          ForwardPass.run(network, batch.images(), true, Set.of(), Precision.FP32, Device.CPU);
          add(sums, layers);
        }
      }
      List<Tensor> running = layers.stream().flatMap(UntrainedNetwork::statistics).toList();
      for (int i = 0; i < running.size(); i++) {
        running.get(i).copy_(sums.get(i).div_(new Scalar((double) batches)));
      }
    }
  }

  /** From statistics of 0, a step leaves the momentum's share of the batch's own. */
  private static void add(List<Tensor> sums, List<Normalization> layers) {
    for (int i = 0; i < layers.size(); i++) {
      Scalar share = new Scalar(1 / layers.get(i).momentum());
      sums.get(2 * i).add_(layers.get(i).runningMean(), share);
      sums.get(2 * i + 1).add_(layers.get(i).runningVariance(), share);
    }
  }

  private static Stream<Tensor> statistics(Normalization layer) {
    return Stream.of(layer.runningMean(), layer.runningVariance());
  }
}
