package dev.retort.adversary;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The last layer of a discriminator, which turns a vector of features φ(h) into a judgement as the
 * conditioning asks for.
 */
final class DiscriminatorHead {
  private static final String OUTPUT = "head";
  private static final String CLASSES = "head.classes";

  private final DiscriminatorLayers layers;
  private final Conditioning conditioning;
  private final int classes;

  /** Declares {@code head.*}. */
  DiscriminatorHead(
      DiscriminatorLayers layers, long features, Conditioning conditioning, int classes) {
    this.layers = layers;
    this.conditioning = conditioning;
    this.classes = classes;
    long outputs = conditioning == Conditioning.AUXILIARY_CLASS ? 2L * classes : 1;
    layers.declare(OUTPUT, outputs, features);
    if (conditioning == Conditioning.LABEL_PROJECTION) {
      layers.declareWeight(CLASSES, classes, features);
    }
  }

  /**
   * The judgement.
   *
   * @param features {@code [N, features]}
   */
  Judgement judge(Tensor features, Condition condition, Map<String, Tensor> theta) {
    Tensor outputs = layers.linear(OUTPUT, features, theta);
    return switch (conditioning) {
      case AUXILIARY_CLASS -> Conditioning.ofClasses(outputs, condition, classes);
      case LABEL_PROJECTION -> {
        Tensor ofLabel =
            Conditioning.oneHot(condition, classes, features).matmul(layers.weight(CLASSES, theta));
        yield Judgement.of(outputs.squeeze(1).add(ofLabel.mul(features).sum(1)));
      }
      default -> Judgement.of(outputs.squeeze(1));
    };
  }
}
