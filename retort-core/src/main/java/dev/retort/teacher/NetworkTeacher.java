package dev.retort.teacher;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.batch.Batch;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.Graph;
import dev.retort.network.Network;
import dev.retort.network.State;
import dev.retort.system.Sha256;
import dev.retort.weights.LoadedModel;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A network of ours as a teacher: frozen, in evaluation mode, without gradient. On the CPU, what it
 * says of an image does not depend on the batch that the image comes in.
 */
public final class NetworkTeacher implements Teacher {
  private final Network network;
  private final NetworkClassifier classifier;
  private final AppliedModel model;
  private final String digest;

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
    this.network = model.network();
    this.classifier = new NetworkClassifier(network, precision, device);
    ChannelStatistics own = model.info().statistics();
    Renormalization change = Renormalization.between(images, own);
    UnaryOperator<Tensor> input =
        change == null
            ? UnaryOperator.identity()
            : change.map(values -> device.place(values.to(precision.parameterType())))::apply;
    this.model = new AppliedModel(classifier, input, 0, Integer.MAX_VALUE);
    this.digest =
        new Sha256()
            .text(classifier.digest())
            .text(Arrays.toString(own.mean()))
            .text(Arrays.toString(own.standardDeviation()))
            .hex();
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
  public String runtime() {
    return classifier.runtime();
  }

  @Override
  public Map<String, long[]> shapes() {
    return classifier.summary().shapes();
  }

  @Override
  public State state() {
    return network.state();
  }

  @Override
  public @Nullable UnaryOperator<Tensor> classifier() {
    return Graph.classifier(network).orElse(null);
  }

  @Override
  public Long parameters() {
    return classifier.parameters();
  }

  @Override
  public Long macs() {
    return classifier.summary().macs();
  }

  @Override
  public Activations activations(Batch batch, Set<String> taps) {
    Activations activations = model.run(batch.images(), taps);
    Outputs.requireFinite(activations.logits(), Activations.LOGITS, name());
    return activations.map(tensor -> Tensors.toDeviceOf(tensor, batch.images()));
  }
}
