package dev.retort.bench;

import dev.retort.data.ImageShape;
import dev.retort.engine.RandomSource;
import dev.retort.network.Activations;
import dev.retort.network.Convolution;
import dev.retort.network.ForwardPass;
import dev.retort.network.Linear;
import dev.retort.network.Network;
import dev.retort.network.State;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Three convolutions with ReLU and a linear layer, without normalisation: what it computes of an
 * image does not depend on the rest of the batch.
 */
final class PlainNetwork implements Network {
  private final ImageShape input;
  private final int classes;
  private final State state;
  private final List<Convolution> stages = new ArrayList<>();
  private final Linear classifier;

  /**
   * A network with new weights in fp64.
   *
   * @param widths the channels of the three stages
   */
  PlainNetwork(ImageShape input, int classes, int[] widths, RandomSource random) {
    this.input = input;
    this.classes = classes;
    this.state = new State(ScalarType.Double, random);
    long in = input.channels();
    for (int stage = 1; stage <= widths.length; stage++) {
      int stride = stage == 1 ? 1 : 2;
      long out = widths[stage - 1];
      stages.add(new Convolution(state, "conv" + stage, in, out, 3, stride, 1, 1, true));
      in = out;
    }
    this.classifier = new Linear(state, "fc", in, classes, true);
  }

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public ImageShape input() {
    return input;
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = images;
    for (int stage = 0; stage < stages.size(); stage++) {
      Tensor linear = stages.get(stage).forward(x, pass);
      x = pass.tap(Activations.stage(stage + 1), torch.relu(linear));
    }
    Tensor embedding = pass.tap(Activations.EMBEDDING, x.mean(2, 3));
    return classifier.forward(embedding, pass);
  }
}
