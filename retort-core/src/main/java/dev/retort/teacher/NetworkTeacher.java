package dev.retort.teacher;

import dev.retort.data.Batch;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Sha256;
import dev.retort.engine.Device;
import dev.retort.engine.GradientMode;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.State;
import dev.retort.weights.LoadedModel;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A network of ours as a teacher: frozen, in evaluation mode, without gradient. */
public final class NetworkTeacher implements Teacher {
  private final Network network;
  private final NetworkSummary summary;
  private final String digest;
  private final Precision precision;
  private final Device device;
  private final @Nullable Tensor scale;
  private final @Nullable Tensor shift;

  /**
   * A teacher of images that were normalised for a student. Where the teacher was trained under
   * other statistics, the images are normalised anew for it.
   *
   * @param model the teacher, with its own statistics
   * @param images the statistics by which the batches are normalised
   */
  public NetworkTeacher(
      LoadedModel model, ChannelStatistics images, Precision precision, Device device) {
    this.network = model.network();
    this.summary = NetworkSummary.of(network);
    this.precision = precision;
    this.device = device;
    ChannelStatistics own = model.info().statistics();
    boolean same =
        Arrays.equals(own.mean(), images.mean())
            && Arrays.equals(own.standardDeviation(), images.standardDeviation());
    int channels = own.mean().length;
    float[] scales = new float[channels];
    float[] shifts = new float[channels];
    for (int c = 0; c < channels; c++) {
      scales[c] = images.standardDeviation()[c] / own.standardDeviation()[c];
      shifts[c] = (images.mean()[c] - own.mean()[c]) / own.standardDeviation()[c];
    }
    this.scale = same ? null : Tensors.of(scales, 1, channels, 1, 1).to(precision.parameterType());
    this.shift = same ? null : Tensors.of(shifts, 1, channels, 1, 1).to(precision.parameterType());
    this.digest = digest(network, own, precision);
  }

  private static String digest(Network network, ChannelStatistics own, Precision precision) {
    Sha256 digest = new Sha256().text(network.name()).text(precision.name());
    digest.text(Arrays.toString(own.mean())).text(Arrays.toString(own.standardDeviation()));
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

  /** What the network consists of. */
  public NetworkSummary summary() {
    return summary;
  }

  @Override
  public Activations activations(Batch batch, Set<String> taps) {
    try (GradientMode off = GradientMode.off()) {
      Tensor images = batch.images();
      if (scale != null && shift != null) {
        images = images.mul(scale).add(shift);
      }
      return ForwardPass.run(network, images, false, taps, precision, device);
    }
  }
}
