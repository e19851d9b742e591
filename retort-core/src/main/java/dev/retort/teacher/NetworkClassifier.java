package dev.retort.teacher;

import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.Processor;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.FrozenNetwork;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.system.Sha256;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** A network of ours, frozen. */
final class NetworkClassifier implements FrozenClassifier {
  private final Network network;
  private final Precision precision;
  private final Device device;
  private final NetworkSummary summary;
  private final FrozenNetwork frozen;
  private final String digest;

  /** The tensors belong to the innermost open scope. */
  NetworkClassifier(Network network, Precision precision, Device device) {
    this.network = network;
    this.precision = precision;
    this.device = device;
    this.summary = NetworkSummary.of(network);
    this.frozen = new FrozenNetwork(network, precision, device);
    this.digest = ofNetwork();
  }

  /** Of the network as it computes in its precision on its device. */
  private String ofNetwork() {
    Sha256 digest =
        new Sha256().text(network.name()).text(precision.name()).numbers(device.chunk(0));
    frozen.addTo(digest);
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

  NetworkSummary summary() {
    return summary;
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
    return frozen.code();
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public Input input() {
    return new Input(
        new long[] {
          -1, network.input().channels(), network.input().height(), network.input().width()
        },
        precision.parameterType());
  }

  @Override
  public boolean givesLogits() {
    return true;
  }

  @Override
  public List<ModelLayer> layers(Tensor images) {
    Map<String, NetworkSummary.Layer> weighted = new HashMap<>();
    summary.layers().forEach(layer -> weighted.put(layer.name(), layer));
    List<ModelLayer> layers = new ArrayList<>();
    summary
        .shapes()
        .forEach(
            (name, shape) -> {
              NetworkSummary.Layer layer = weighted.get(name);
              layers.add(
                  layer == null
                      ? new ModelLayer(name, "output", shape, null, 0L)
                      : ModelLayer.of(layer));
            });
    return layers;
  }

  @Override
  public Long parameters() {
    return summary.parameters();
  }

  @Override
  public Activations run(Tensor images, Set<String> taps) {
    return frozen.apply(images, taps);
  }

  @Override
  public void close() {
    // The scope that the network was made in frees it.
  }
}
