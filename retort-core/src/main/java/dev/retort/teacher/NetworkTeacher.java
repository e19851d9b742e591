package dev.retort.teacher;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Sha256;
import dev.retort.data.batch.Batch;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.Processor;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.EmbeddingClassifier;
import dev.retort.network.FrozenNetwork;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.State;
import dev.retort.weights.LoadedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * A network of ours as a teacher: frozen, in evaluation mode, without gradient.
 *
 * <p>On the CPU it is applied to a fixed number of images at a time, the last of them padded, so
 * that what it says of an image does not depend on the batch that the image comes in ({@link
 * Device#chunk}).
 */
public final class NetworkTeacher implements Teacher {
  private final Network network;
  private final NetworkSummary summary;
  private final String digest;
  private final FrozenNetwork frozen;
  private final Device device;
  private final @Nullable Renormalization renormalization;

  /**
   * A teacher of images that were normalised for a student. Where the teacher was trained under
   * other statistics, the images are normalised anew for it. Its tensors belong to the innermost
   * open scope.
   *
   * @param model the teacher, with its own statistics; its network is moved to the device, and to
   *     fp64 where the precision is that
   * @param images the statistics by which the batches are normalised
   */
  public NetworkTeacher(
      LoadedModel model, ChannelStatistics images, Precision precision, Device device) {
    Network network = model.network();
    this.network = network;
    this.device = device;
    this.summary = NetworkSummary.of(network);
    this.frozen = new FrozenNetwork(network, precision, device);
    String ofNetwork = digest(network, frozen, precision, device);
    ChannelStatistics own = model.info().statistics();
    Renormalization inSinglePrecision = Renormalization.between(images, own);
    this.renormalization =
        inSinglePrecision == null
            ? null
            : inSinglePrecision.map(values -> device.place(values.to(precision.parameterType())));
    this.digest =
        new Sha256()
            .text(ofNetwork)
            .text(Arrays.toString(own.mean()))
            .text(Arrays.toString(own.standardDeviation()))
            .hex();
  }

  /** Of the network as it computes in that precision on that device. */
  static String digest(Network network, FrozenNetwork frozen, Precision precision, Device device) {
    Sha256 digest =
        new Sha256().text(network.name()).text(precision.name()).numbers(device.chunk(0));
    if (frozen.fusesSums()) {
      digest.text("fused sums");
    }
    digest.version("frozen network", FrozenNetwork.VERSION);
    if (device == Device.CUDA) {
      digest.text(device.name()).text(Processor.graphics().toString());
    }
    network
        .state()
        .all()
        .forEach(
            (name, tensor) -> {
              try (TensorScope scope = TensorScope.open()) {
                digest.text(name).bytes(Tensors.bytes(tensor.detach().cpu().contiguous()));
              }
            });
    return digest.hex();
  }

  @Override
  public String name() {
    return network.name();
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public Map<String, long[]> shapes() {
    return summary.shapes();
  }

  @Override
  public State state() {
    return network.state();
  }

  @Override
  public @Nullable UnaryOperator<Tensor> classifier() {
    return network instanceof EmbeddingClassifier own ? own::classify : null;
  }

  @Override
  public Long parameters() {
    return summary.parameters();
  }

  @Override
  public Long macs() {
    return summary.macs();
  }

  @Override
  public Activations activations(Batch batch, Set<String> taps) {
    int chunk = device.chunk(batch.size());
    List<Activations> chunks = new ArrayList<>();
    try (NoGrad noGrad = NoGrad.open()) {
      for (int first = 0; first < batch.size(); first += chunk) {
        int size = Math.min(chunk, batch.size() - first);
        try (TensorScope scope = TensorScope.open()) {
          Tensor images = normalized(device.place(batch.images().narrow(0, first, size)));
          Activations outputs = frozen.apply(size == chunk ? images : padded(images, chunk), taps);
          Activations needed =
              size == chunk ? outputs : outputs.map(tensor -> tensor.narrow(0, 0, size));
          chunks.add(needed.map(tensor -> scope.keep(Tensors.toDeviceOf(tensor, batch.images()))));
        }
      }
      return Activations.concatenated(chunks);
    }
  }

  /** The images as the teacher was trained to see them. */
  Tensor normalized(Tensor images) {
    return renormalization == null ? images : renormalization.apply(images);
  }

  private static Tensor padded(Tensor images, int chunk) {
    long[] shape = images.shape();
    shape[0] = chunk;
    TensorOptions options = images.options();
    Tensor padded = torch.zeros(shape, options).contiguous(MemoryFormat.ChannelsLast);
    padded.narrow(0, 0, images.size(0)).copy_(images);
    return padded;
  }
}
