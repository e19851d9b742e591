package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What a network consists of, as one pass over a blank image shows it.
 *
 * @param network its name
 * @param input the images that it reads
 * @param layers those with weights, in the order in which they compute
 * @param shapes of every representation by name, without the batch dimension: {@code logits},
 *     {@code embedding}, {@code stage:1} …, and each layer; as {@code Pairing} wants them
 * @param parameters the number of learnable values
 */
public record NetworkSummary(
    String network,
    ImageShape input,
    List<Layer> layers,
    Map<String, long[]> shapes,
    long parameters) {

  /**
   * A layer with weights.
   *
   * @param name its path in the state
   * @param kind what it does
   * @param shape of its output, without the batch dimension
   * @param parameters the number of its learnable values
   * @param macs multiply-accumulates for one image; 0 for a normalisation
   */
  public record Layer(String name, LayerKind kind, long[] shape, long parameters, long macs) {
    /** Whether it multiplies by a matrix of weights. */
    boolean isWeighted() {
      return kind == LayerKind.CONVOLUTION || kind == LayerKind.LINEAR;
    }

    /** Its width: output channels, or values of a linear layer. */
    long neurons() {
      return shape[0];
    }
  }

  /**
   * Runs the network once, without gradient and without touching its running statistics.
   *
   * @throws IllegalArgumentException if what it computes is no row of logits, one a class
   */
  public static NetworkSummary of(Network network) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    List<Layer> layers = new ArrayList<>();
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Map<String, Tensor> parameters = network.state().parameters();
      Tensor blank = blankImage(network);
      ForwardPass.LayerObserver observer =
          new ForwardPass.LayerObserver() {
            @Override
            public void named(String name, Tensor output) {
              shapes.put(name, withoutBatch(output));
            }

            @Override
            public void layer(String name, LayerKind kind, long macs, Tensor output) {
              long learnable = parametersOf(name, parameters);
              layers.add(new Layer(name, kind, withoutBatch(output), learnable, macs));
            }
          };
      Tensor logits = ForwardPass.observe(network, blank, observer);
      shapes.put(Activations.LOGITS, withoutBatch(logits));
      if (!Arrays.equals(logits.shape(), new long[] {1, network.classes()})) {
        throw new IllegalArgumentException(
            "network %s gives %s for one image, not [1, %d], the logits of its classes"
                .formatted(network.name(), Arrays.toString(logits.shape()), network.classes()));
      }
    }
    return new NetworkSummary(
        network.name(),
        network.input(),
        List.copyOf(layers),
        Collections.unmodifiableMap(shapes),
        network.state().parameterCount());
  }

  /** A batch of one image of zeros, as the network reads it. */
  static Tensor blankImage(Network network) {
    ImageShape input = network.input();
    return torch.zeros(
        new long[] {1, input.channels(), input.height(), input.width()},
        network.state().parameters().values().stream()
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the network %s has no parameters: it cannot learn"
                            .formatted(network.name())))
            .options());
  }

  /** The multiply-accumulates of all convolutions and linear layers for one image. */
  public long macs() {
    return layers.stream().mapToLong(Layer::macs).sum();
  }

  /**
   * The number of neurons in each hidden layer, in order: the widths of the convolutions and linear
   * layers before the one that gives the logits. A neuron of a convolution is one of its channels,
   * whose weights all positions share; projections beside a block are not counted as layers.
   */
  public List<Long> neurons() {
    List<Long> widths = layers.stream().filter(Layer::isWeighted).map(Layer::neurons).toList();
    return widths.subList(0, Math.max(0, widths.size() - 1));
  }

  static long[] withoutBatch(Tensor output) {
    long[] shape = output.shape();
    return Arrays.copyOfRange(shape, 1, shape.length);
  }

  /** The values of the layer's own parameters: {@code NAME.weight}, but nothing deeper. */
  private static long parametersOf(String layer, Map<String, Tensor> parameters) {
    long count = 0;
    for (Map.Entry<String, Tensor> parameter : parameters.entrySet()) {
      String path = parameter.getKey();
      if (path.lastIndexOf('.') == layer.length() && path.startsWith(layer)) {
        count += parameter.getValue().numel();
      }
    }
    return count;
  }
}
