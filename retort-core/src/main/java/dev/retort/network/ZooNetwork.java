package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.network.Operation.GlobalPooling;
import dev.retort.network.Operation.Reduction;
import org.bytedeco.pytorch.Tensor;

/** What every network of the zoo is beside its layers. */
abstract class ZooNetwork implements Network {
  private final String name;
  private final ImageShape input;
  private final int classes;
  private final State state;

  ZooNetwork(String name, ImageShape input, int classes, State state) {
    this.name = name;
    this.input = input;
    this.classes = classes;
    this.state = state;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final ImageShape input() {
    return input;
  }

  @Override
  public final int classes() {
    return classes;
  }

  @Override
  public final State state() {
    return state;
  }

  /**
   * The logits {@code [N, classes]}: the mean of each channel of the last map {@code [N, C, H, W]}
   * is the embedding, which the classifier reads.
   */
  static Tensor logits(Tensor map, Linear classifier, ForwardPass pass) {
    Tensor embedding =
        pass.tap(Activations.EMBEDDING, pass.apply(new GlobalPooling(Reduction.MEAN), map));
    return classifier.forward(embedding, pass);
  }
}
