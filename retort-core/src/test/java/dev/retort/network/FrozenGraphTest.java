package dev.retort.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.ImageShape;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.Addition;
import dev.retort.network.Operation.ChannelShuffle;
import dev.retort.network.Operation.Channels;
import dev.retort.network.Operation.GlobalPooling;
import dev.retort.network.Operation.Reduction;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frozen networks of somebody's own, beside the plain pass. */
class FrozenGraphTest {
  private static final RandomSource RANDOM = RandomSource.of(11, "graph");
  private static final int WIDTH = 16;

  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  /** A stem, a body, the mean, and a classifier. */
  private enum Body {
    /** Folded and fused. */
    NORMALIZED {
      @Override
      Tensor of(Own own, Tensor x, ForwardPass pass) {
        return relu(pass, own.normalization.forward(own.first.forward(x, pass), pass));
      }
    },
    /** The sum would be written over what the convolution reads. */
    OVER_ITS_OWN_INPUT {
      @Override
      Tensor of(Own own, Tensor x, ForwardPass pass) {
        return relu(pass, sum(pass, own.first.forward(x, pass), x));
      }
    },
    /** The sum would be written over what is read later. */
    OVER_WHAT_IS_READ_LATER {
      @Override
      Tensor of(Own own, Tensor x, ForwardPass pass) {
        Tensor inner = relu(pass, own.first.forward(x, pass));
        Tensor sum = relu(pass, sum(pass, own.second.forward(inner, pass), x));
        return sum(pass, sum, x);
      }
    },
    /** The second sum would be written over what the first one's convolution still reads. */
    OVER_AN_INPUT_READ_BEFORE {
      @Override
      Tensor of(Own own, Tensor x, ForwardPass pass) {
        Tensor y = relu(pass, own.first.forward(x, pass));
        Tensor last = own.second.forward(y, pass);
        Tensor over = relu(pass, sum(pass, own.third.forward(x, pass), y));
        return sum(pass, relu(pass, sum(pass, last, x)), over);
      }
    },
    /** Two values would have the layer's name. */
    OF_A_LAYER_THAT_IS_COMPUTED_TWICE {
      @Override
      Tensor of(Own own, Tensor x, ForwardPass pass) {
        Tensor once = own.first.forward(x, pass);
        return sum(pass, once, own.first.forward(relu(pass, once), pass));
      }
    },
    /** The layer's value would be taken for the images, which are read later. */
    OF_A_LAYER_WITH_THE_NAME_OF_THE_IMAGES {
      @Override
      Tensor of(Own own, Tensor x, ForwardPass pass) {
        return sum(pass, pass.tap("images", own.first.forward(x, pass)), x);
      }
    },
    /** The sum would be written over the memory of a value that is read later. */
    OVER_A_PART_OF_WHAT_IS_READ_LATER {
      @Override
      Tensor of(Own own, Tensor x, ForwardPass pass) {
        Tensor part = pass.apply(new Channels(0, WIDTH), x);
        Tensor inner = relu(pass, own.first.forward(x, pass));
        Tensor sum = relu(pass, sum(pass, own.second.forward(inner, pass), part));
        return sum(pass, sum, x);
      }
    },
    /** The shortcut lies in memory otherwise than what convolutions give. */
    OVER_A_SHUFFLED_SHORTCUT {
      @Override
      Tensor of(Own own, Tensor x, ForwardPass pass) {
        Tensor shuffled = pass.apply(Activation.GELU, pass.apply(new ChannelShuffle(2), x));
        Tensor inner = relu(pass, own.first.forward(shuffled, pass));
        return relu(pass, sum(pass, own.second.forward(inner, pass), shuffled));
      }
    },
    /** The convolution's value is another one afterwards. */
    IN_PLACE {
      @Override
      Tensor of(Own own, Tensor x, ForwardPass pass) {
        return sum(pass, own.first.forward(x, pass).relu_(), x);
      }
    };

    abstract Tensor of(Own own, Tensor x, ForwardPass pass);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IN_PLACE")
  void computesWhatThePlainPassComputes(Body body) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Own own = new Own(body, false);
      own.state().get("bn.running_mean").add_(new Scalar(0.3));
      own.state().get("bn.running_var").mul_(new Scalar(1.7));
      Tensor images = RANDOM.at("images").normal(ScalarType.Float, 4, 8, 8, 3).permute(0, 3, 1, 2);
      Set<String> taps = Set.of("stem", "conv1", "body");
      Activations plain = ForwardPass.run(own, images, false, taps, Precision.FP32, Device.CPU);
      for (Precision precision : new Precision[] {Precision.FP32, Precision.BF16}) {
        FrozenNetwork frozen = new FrozenNetwork(own, precision, Device.CPU);
        Activations tapped = frozen.apply(images, taps);
        double tolerance = precision == Precision.FP32 ? 1e-5 : 3e-2;
        for (String tap : Set.of("stem", "conv1", "body", Activations.LOGITS)) {
          assertNear(tapped.get(tap), plain.get(tap), tolerance);
        }
        assertThat(Tensors.toFloats(frozen.apply(images, Set.of()).logits()))
            .isEqualTo(Tensors.toFloats(tapped.logits()));
      }
    }
  }

  @Test
  void aNormalisationOfTheSameModuleIsPartOfTheConvolution() {
    try (TensorScope scope = TensorScope.open()) {
      Graph graph = Graph.of(new Own(Body.NORMALIZED, false));
      assertThat(graph.nodes()).extracting(Graph.Node::output).contains("conv1", "bn");
      assertThat(graph.folded(ScalarType.Float).nodes())
          .hasSize(graph.nodes().size() - 1)
          .noneMatch(node -> node.operation() instanceof Operation.Normalization);
    }
  }

  /** It cannot be recorded; its layers compute as a frozen network's do. */
  @Test
  void whatANetworkOnItsOwnSaysOfAnImageDoesNotDependOnTheOthers() {
    try (TensorScope scope = TensorScope.open()) {
      Own own = new Own(Body.NORMALIZED, true);
      assertThat(Graph.recorded(own)).isEmpty();
      assertThat(Graph.classifier(own)).isEmpty();
      FrozenNetwork frozen = new FrozenNetwork(own, Precision.FP32, Device.CPU);
      Tensor one = RANDOM.at("one").normal(ScalarType.Float, 1, 8, 8, 3).permute(0, 3, 1, 2);
      Tensor all = one.repeat(64, 1, 1, 1);
      float[] logits = Tensors.toFloats(frozen.apply(all, Set.of()).logits());
      for (int i = 0; i < logits.length; i++) {
        assertThat(logits[i]).isEqualTo(logits[i % own.classes()]);
      }
      assertNear(
          frozen.apply(all, Set.of()).logits(),
          ForwardPass.run(own, all, false, Set.of(), Precision.FP32, Device.CPU).logits(),
          1e-5);
    }
  }

  /** LibTorch's own in-place operations return the same tensor, and no layer is heard of. */
  @Test
  void aValueThatIsChangedInPlaceCannotBeRecorded() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(Graph.recorded(new Own(Body.NORMALIZED, false))).isPresent();
      assertThat(Graph.recorded(new Own(Body.IN_PLACE, false))).isEmpty();
    }
  }

  private static Tensor relu(ForwardPass pass, Tensor x) {
    return pass.apply(Activation.RELU, x);
  }

  private static Tensor sum(ForwardPass pass, Tensor x, Tensor y) {
    return pass.apply(new Addition(), x, y);
  }

  private static void assertNear(Tensor actual, Tensor expected, double tolerance) {
    double largest = Tensors.toDouble(expected.abs().max());
    assertThat(Tensors.toDouble(actual.sub(expected).abs().max()))
        .isLessThanOrEqualTo(tolerance * largest);
  }

  private static final class Own extends MadeNetwork {
    private final Body body;
    private final boolean onItsOwn;
    private final Convolution stem = new Convolution(state(), "stem", 3, WIDTH, 3, 1, 1);
    private final Convolution first = new Convolution(state(), "conv1", WIDTH, WIDTH, 3, 1, 1);
    private final BatchNormalization normalization = new BatchNormalization(state(), "bn", WIDTH);
    private final Convolution second = new Convolution(state(), "conv2", WIDTH, WIDTH, 3, 1, 1);
    private final Convolution third = new Convolution(state(), "conv3", WIDTH, WIDTH, 3, 1, 1);
    private final Linear classifier = new Linear(state(), "fc", WIDTH, classes(), true);

    Own(Body body, boolean onItsOwn) {
      super("own", new ImageShape(3, 8, 8), 10, new State(ScalarType.Float, RANDOM.at("weights")));
      this.body = body;
      this.onItsOwn = onItsOwn;
    }

    @Override
    public Tensor forward(Tensor images, ForwardPass pass) {
      Tensor x = pass.tap("body", body.of(this, relu(pass, stem.forward(images, pass)), pass));
      x = onItsOwn ? x.mul(new Scalar(2)) : x;
      return classifier.forward(pass.apply(new GlobalPooling(Reduction.MEAN), x), pass);
    }
  }
}
