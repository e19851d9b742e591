package dev.retort.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.distill.CrossEntropy;
import dev.retort.distill.Dkd;
import dev.retort.distill.Hinton;
import dev.retort.distill.HintonStandardized;
import dev.retort.distill.Ttm;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Whether a peer computes what we compute, from the same numbers, in fp32. */
final class SameWork {
  private static final int IMAGES = 16;
  private static final int CLASSES = 10;

  private SameWork() {}

  /**
   * The largest difference between the two programs' logits of a network on the first training
   * images, as a share of the largest logit.
   */
  static double logitsDifference(Peer peer, Network network, Splits data) {
    JsonNode rows =
        peer.ask(Map.of("work", "logits", "teacher", network.name(), "images", IMAGES))
            .get("logits");
    double[] ours = logits(network, data);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < ours.length; i++) {
      double theirs = rows.get(i / CLASSES).get(i % CLASSES).asDouble();
      largest = Math.max(largest, Math.abs(ours[i]));
      difference = Math.max(difference, Math.abs(ours[i] - theirs));
    }
    return difference / largest;
  }

  private static double[] logits(Network network, Splits data) {
    try (BatchStream stream =
            BatchStream.evaluation(
                data.train(), data.inputShape(), data.statistics(), IMAGES, Precision.FP32);
        TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Batch batch = stream.all().iterator().next();
      return Tensors.toDoubles(
          ForwardPass.run(network, batch.images(), false, Set.of(), Precision.FP32, Device.CPU)
              .logits());
    }
  }

  /**
   * The largest difference between the two programs' losses of a method on random logits, as a
   * share of the loss.
   */
  static double lossDifference(Peer peer) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      RandomSource random = RandomSource.of(0, "losses");
      Tensor student = random.at("student").normal(ScalarType.Float, IMAGES, CLASSES);
      Tensor teacher =
          random.at("teacher").normal(ScalarType.Float, IMAGES, CLASSES).mul(new Scalar(3));
      long[] labels = new long[IMAGES];
      for (int i = 0; i < IMAGES; i++) {
        labels[i] = i % CLASSES;
      }
      JsonNode theirs =
          peer.ask(
                  Map.of(
                      "work",
                      "losses",
                      "student",
                      rows(student),
                      "teacher",
                      rows(teacher),
                      "labels",
                      labels))
              .get("losses");
      double difference = 0;
      for (Map.Entry<String, Double> ours :
          losses(student, teacher, Tensors.of(labels, IMAGES)).entrySet()) {
        double other = theirs.path(ours.getKey()).asDouble(Double.NaN);
        difference = Math.max(difference, Math.abs(other / ours.getValue() - 1));
      }
      return difference;
    }
  }

  /** The presets' losses. */
  private static Map<String, Double> losses(Tensor student, Tensor teacher, Tensor labels) {
    double labelsAlone = Tensors.toDouble(CrossEntropy.loss(student, labels, 0));
    Map<String, Double> losses = new LinkedHashMap<>();
    losses.put(
        "hinton", 0.9 * Tensors.toDouble(Hinton.loss(student, teacher, 4)) + 0.1 * labelsAlone);
    losses.put(
        "hinton-standardized",
        9 * Tensors.toDouble(new HintonStandardized(2, 9, 0.1).loss(student, teacher))
            + 0.1 * labelsAlone);
    losses.put(
        "ttm", 45 * Tensors.toDouble(new Ttm(0.1, 45, 1).loss(student, teacher)) + labelsAlone);
    losses.put(
        "dkd",
        Tensors.toDouble(new Dkd(1, 2, 4, 0, 1, 1).loss(student, teacher, labels)) + labelsAlone);
    return losses;
  }

  private static List<double[]> rows(Tensor matrix) {
    double[] values = Tensors.toDoubles(matrix);
    return IntStream.range(0, IMAGES)
        .mapToObj(i -> Arrays.copyOfRange(values, i * CLASSES, (i + 1) * CLASSES))
        .toList();
  }
}
