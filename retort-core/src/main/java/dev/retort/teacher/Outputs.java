package dev.retort.teacher;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.weights.WeightsException;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a teacher gives for each class. Students learn from logits z. Of probabilities p =
 * softmax(z) the logarithms are z but for one number a row, which centring takes away: log p −
 * mean(log p) = z − mean(z).
 */
public enum Outputs {
  /** What a softmax is applied to. */
  LOGITS(""),
  /** None is negative, and each row sums to 1. */
  PROBABILITIES("none is negative, and each row sums to 1"),
  /** The logarithms of such. */
  LOG_PROBABILITIES("the exponentials of each row sum to 1");

  private static final Logger LOG = LoggerFactory.getLogger(Outputs.class);

  /** By how much a row of probabilities may miss 1. */
  private static final double TOLERANCE = 1e-2;

  /** Of fewer logits all may lie within 0 … 1 by chance. */
  private static final int FEWEST = 16;

  /** How many numbers are looked at, or converted, at a time. */
  private static final int AT_ONCE = 1 << 22;

  private final String mark;

  Outputs(String mark) {
    this.mark = mark;
  }

  /** As it is written in a configuration. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * What outputs are: as declared, or else as their values show. A line says what is not taken as
   * it is.
   *
   * @param outputs of real images by name, each {@code [images, classes]} or {@code [views, images,
   *     classes]}
   * @param declared null where nothing is
   * @param origin names the teacher in messages
   * @throws WeightsException if they are a sigmoid's, are not what was declared, or are not all
   *     alike
   */
  static Outputs of(Map<String, Tensor> outputs, @Nullable Outputs declared, String origin) {
    Outputs all = null;
    for (Map.Entry<String, Tensor> each : outputs.entrySet()) {
      Rows rows = Rows.of(each.getValue());
      Outputs shown = rows.shown();
      if (declared == null && rows.areOfSigmoids()) {
        throw new WeightsException(
            """
            %s: all its outputs are within 0 … 1, and their rows sum to %.4g … %.4g, as those of sigmoids do; a student \
            learns from logits, or from probabilities whose rows sum to 1. Give the teacher without its sigmoids, or \
            say outputs: logits if they are logits\
            """
                .formatted(origin, rows.leastSum, rows.mostSum));
      }
      if (declared != null && declared != LOGITS && declared != shown) {
        throw new WeightsException(
            """
            %s: declared as outputs: %s, of which %s; but its numbers are within %.4g … %.4g, and its rows sum to \
            %.4g … %.4g\
            """
                .formatted(
                    origin,
                    declared,
                    declared.mark,
                    rows.least,
                    rows.most,
                    rows.leastSum,
                    rows.mostSum));
      }
      if (all != null && all != shown) {
        throw new WeightsException(
            origin + ": '" + each.getKey() + "' holds " + shown + ", and other arrays hold " + all);
      }
      all = shown;
    }
    Outputs shown = all == null ? LOGITS : all;
    if (declared == LOGITS && shown != LOGITS) {
      LOG.warn(
          "{}: its outputs are taken as the logits that they are declared as, but look like {}: {}",
          origin,
          shown,
          shown.mark);
    }
    if (declared == null && shown != LOGITS) {
      LOG.warn(
          "{}: its outputs are {}: {}; students learn from {}, centred (outputs: logits takes them"
              + " as they are)",
          origin,
          shown,
          shown.mark,
          shown == PROBABILITIES ? "their logarithms" : "them");
    }
    return declared == null ? shown : declared;
  }

  /** Whether one of them is a probability of 0, which has no logarithm. */
  boolean haveZeros(Tensor outputs) {
    try (TensorScope scope = TensorScope.open()) {
      return switch (this) {
        case LOGITS -> false;
        case PROBABILITIES -> outputs.le(new Scalar(0.0)).any().item_bool();
        case LOG_PROBABILITIES -> isOfZero(outputs).any().item_bool();
      };
    }
  }

  private static Tensor isOfZero(Tensor logarithms) {
    return logarithms.eq(new Scalar(Double.NEGATIVE_INFINITY));
  }

  /** Says what becomes of probabilities of 0 among such outputs. */
  static void warnOfZeros(Tensor outputs, String origin) {
    LOG.warn(
        "{}: some of its probabilities are 0, for which the smallest positive number of their type"
            + " is taken, of logarithm {}",
        origin,
        String.format(Locale.ROOT, "%.1f", Math.log(smallest(outputs))));
  }

  /**
   * The logits, each row centred unless they were logits: {@code [N, C]} from {@code [N, C]}. A
   * probability of 0 counts as the smallest positive number of its type.
   */
  Tensor logits(Tensor outputs) {
    if (this == LOGITS) {
      return outputs;
    }
    double smallest = smallest(outputs);
    Tensor wide = outputs.to(ScalarType.Double);
    Tensor logarithms =
        this == PROBABILITIES
            ? wide.clamp_min(new Scalar(smallest)).log()
            : wide.masked_fill(isOfZero(wide), new Scalar(Math.log(smallest)));
    return logarithms.sub(Tensors.mean(logarithms, -1));
  }

  /**
   * The same of a whole array, in fp32.
   *
   * @param outputs {@code […, C]}
   */
  Tensor allLogits(Tensor outputs) {
    if (this == LOGITS) {
      return outputs;
    }
    Tensor rows = outputs.reshape(-1, outputs.size(-1));
    Tensor logits =
        torch.empty(
            outputs.shape(), new TensorOptions(ScalarType.Float), new MemoryFormatOptional());
    Tensor into = logits.view(-1, outputs.size(-1));
    inParts(
        rows,
        (part, first) -> {
          into.narrow(0, first, part.size(0)).copy_(logits(part));
          return true;
        });
    return logits;
  }

  private static double smallest(Tensor outputs) {
    return switch (outputs.scalar_type().intern()) {
      case Double -> Double.MIN_VALUE;
      case Half -> 0x1p-24;
      case BFloat16 -> 0x1p-133;
      default -> Float.MIN_VALUE;
    };
  }

  private interface Part {
    /** Whether to go on. */
    boolean seen(Tensor rows, long first);
  }

  private static void inParts(Tensor rows, Part each) {
    long count = Math.max(1, AT_ONCE / rows.size(1));
    for (long first = 0; first < rows.size(0); first += count) {
      try (TensorScope scope = TensorScope.open()) {
        if (!each.seen(rows.narrow(0, first, Math.min(count, rows.size(0) - first)), first)) {
          return;
        }
      }
    }
  }

  /** Between what the numbers, and what is summed over a row, lie. NaN is between nothing. */
  private static final class Rows {
    private final long count;
    private double least = Double.POSITIVE_INFINITY;
    private double most = Double.NEGATIVE_INFINITY;
    private double leastSum = Double.POSITIVE_INFINITY;
    private double mostSum = Double.NEGATIVE_INFINITY;
    private double leastOfExponentials = Double.POSITIVE_INFINITY;
    private double mostOfExponentials = Double.NEGATIVE_INFINITY;

    private Rows(long count) {
      this.count = count;
    }

    /** Logits show themselves in the first part. */
    static Rows of(Tensor outputs) {
      Rows rows = new Rows(outputs.numel());
      inParts(
          outputs.reshape(-1, outputs.size(-1)),
          (part, first) -> {
            rows.add(part.to(ScalarType.Double));
            return rows.shown() != LOGITS || rows.areWithinOne();
          });
      return rows;
    }

    private void add(Tensor part) {
      Tensor sums = sums(part);
      Tensor ofExponentials = sums(part.exp());
      least = Math.min(least, part.min().item_double());
      most = Math.max(most, part.max().item_double());
      leastSum = Math.min(leastSum, sums.min().item_double());
      mostSum = Math.max(mostSum, sums.max().item_double());
      leastOfExponentials = Math.min(leastOfExponentials, ofExponentials.min().item_double());
      mostOfExponentials = Math.max(mostOfExponentials, ofExponentials.max().item_double());
    }

    private static Tensor sums(Tensor rows) {
      return rows.sum(new long[] {1}, false, new ScalarTypeOptional());
    }

    Outputs shown() {
      if (least >= 0 && isOne(leastSum) && isOne(mostSum)) {
        return PROBABILITIES;
      }
      return isOne(leastOfExponentials) && isOne(mostOfExponentials) ? LOG_PROBABILITIES : LOGITS;
    }

    private static boolean isOne(double sum) {
      return Math.abs(sum - 1) <= TOLERANCE;
    }

    private boolean areWithinOne() {
      return least >= 0 && most <= 1;
    }

    /**
     * Of a sigmoid above ½ it decides for a class; a network before its training rarely gets there.
     */
    boolean areOfSigmoids() {
      boolean decides = least < 0.5 && most > 0.5;
      return shown() == LOGITS && areWithinOne() && decides && count >= FEWEST;
    }
  }
}
