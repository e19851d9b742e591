package dev.retort.export;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.teacher.Renormalization;
import dev.retort.weights.LoadedModel;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How far a file, run by another program, is from the network that it was made of, in fp32 on the
 * processor.
 *
 * @param images the number of images compared
 * @param largestDifference the largest |difference| of two outputs: logits, or probabilities
 * @param largestOutput the largest |output| of the network
 * @param otherDecisions the number of images that the two decide differently
 * @param contradictions the number of those where the network's logits of the two classes differ by
 *     more than the tolerance, so that it is no tie
 */
public record Parity(
    int images,
    double largestDifference,
    double largestOutput,
    int otherDecisions,
    int contradictions) {
  /** Of the largest logit, or of 1 where all are smaller. */
  private static final double TOLERANCE = 1e-4;

  private static final int BATCH_SIZE = 50;

  /**
   * Lets both classify the images.
   *
   * @param program from a batch of normalised images, or of bytes, to logits, or to probabilities
   * @param form what goes in and what comes out
   */
  static Parity measure(
      LoadedModel model, Dataset images, UnaryOperator<Tensor> program, OnnxExport form) {
    boolean preprocessing = form.preprocessing();
    ReferenceModel reference = new ReferenceModel(model);
    ChannelStatistics statistics = model.info().statistics();
    double difference = 0;
    double largest = 0;
    int others = 0;
    int contradictions = 0;
    try (BatchStream stream = reference.batches(images, BATCH_SIZE)) {
      for (Batch batch : stream.all()) {
        try (TensorScope scope = TensorScope.open();
            NoGrad noGrad = NoGrad.open()) {
          Tensor logits = reference.logits(batch.images());
          Tensor expected =
              preprocessing ? Tensors.scaled(logits, 1 / form.temperature()).softmax(1) : logits;
          Tensor input = preprocessing ? pixels(batch.images(), statistics) : batch.images();
          Tensor found = program.apply(input);
          difference = Math.max(difference, largest(found.sub(expected)));
          largest = Math.max(largest, largest(expected));
          Tensor margins = margins(logits, found.argmax(new LongOptional(1), true));
          others += count(margins.gt(new Scalar(0.0)));
          double tie = TOLERANCE * Math.max(1, largest(logits));
          contradictions += count(margins.gt(new Scalar(tie)));
        }
      }
    }
    if (images.size() == 0) {
      throw new ExportException("nothing was written: there are no images to try the file on");
    }
    return new Parity(images.size(), difference, largest, others, contradictions);
  }

  /** The bytes that a batch was normalised from: {@code [N, H, W, C]}. */
  static Tensor pixels(Tensor images, ChannelStatistics statistics) {
    return Renormalization.pixels(images, statistics).to(ScalarType.Byte).permute(0, 2, 3, 1);
  }

  private static double largest(Tensor tensor) {
    return Tensors.toDouble(tensor.abs().max());
  }

  /** How far the largest logit is above that of the class that was decided on, {@code [N]}. */
  private static Tensor margins(Tensor logits, Tensor decisions) {
    return logits.amax(new long[] {1}, false).sub(logits.gather(1, decisions).squeeze(1));
  }

  private static int count(Tensor hold) {
    return (int) Tensors.toDouble(hold.sum());
  }

  /**
   * Whether the differences are those of another order of summation.
   *
   * @param runtime the other program's name
   * @throws ExportException if not
   */
  void require(String runtime) {
    // Written so that a difference that is no number fails too.
    if (!(largestDifference <= TOLERANCE * Math.max(1, largestOutput)) || contradictions > 0) {
      throw new ExportException(
          "nothing was written: " + runtime + " " + this + "; please report it with the model");
    }
  }

  /** The sentence for the user. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "differs from the network by %.1e at most, and in %d of %d decisions",
        largestDifference,
        otherDecisions,
        images);
  }
}
