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

  /** By how much a number may be below 0 that is none but for rounding. */
  private static final double ROUNDING = 1e-5;

  /** Of fewer logits all may lie within 0 … 1, and fewer rows may share their sum, by chance. */
  private static final int FEWEST = 16;

  /** Logits that hardly depend on the image share their sums, too: shares of a whole vary more. */
  private static final double LEAST_VARIATION = 0.1;

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

  /** How many rows show whether they are a sigmoid's. */
  static int fewestRows(int classes) {
    return (FEWEST + classes - 1) / classes;
  }

  /**
   * What outputs are: as declared, or else as their values show. A line says what is not taken as
   * it is.
   *
   * @param outputs of real images by name, each {@code [images, classes]} or {@code [views, images,
   *     classes]}
   * @param declared null where nothing is
   * @param origin names the teacher in messages
   * @throws WeightsException if they are a sigmoid's or probabilities in per cent, are not what was
   *     declared, or are not all alike
   */
  static Outputs of(Map<String, Tensor> outputs, @Nullable Outputs declared, String origin) {
    Outputs all = null;
    for (Map.Entry<String, Tensor> each : outputs.entrySet()) {
      Rows rows = Rows.of(each.getValue());
      Outputs shown = rows.shown();
      if ((declared == null || declared == PROBABILITIES) && rows.areMostlyProbabilities()) {
        throw new WeightsException(
            """
            %s: %d of the %d rows of '%s' are probabilities, of which %s, and the others are not: the first of these is \
            %s. Correct these rows, or set outputs: logits if all are logits\
            """
                .formatted(
                    origin,
                    rows.probable.count,
                    rows.seen,
                    each.getKey(),
                    PROBABILITIES.mark,
                    row(each.getValue(), rows.probable.firstOther)));
      }
      if (declared == null && rows.shareTheirSum()) {
        throw new WeightsException(
            String.format(
                Locale.ROOT,
                """
            %s: in %d of the %d rows of '%s' no number is negative and the sum is %.4g, as of probabilities in per cent; \
            a student learns from logits, or from probabilities whose rows sum to 1. Divide them by that sum, or set \
            outputs: logits if they are logits\
            """,
                origin,
                rows.alike.count,
                rows.seen,
                each.getKey(),
                rows.shared));
      }
      if (declared == null && rows.areOfSigmoids()) {
        throw new WeightsException(
            String.format(
                Locale.ROOT,
                """
            %s: all its outputs are within 0 … 1, and their rows sum to %.4g … %.4g, as those of sigmoids do; a student \
            learns from logits, or from probabilities whose rows sum to 1. Give the teacher without its sigmoids, or \
            set outputs: logits if they are logits\
            """,
                origin,
                rows.leastSum,
                rows.mostSum));
      }
      if (declared != null && declared != LOGITS && declared != shown) {
        throw new WeightsException(
            String.format(
                Locale.ROOT,
                """
            %s: declared as outputs: %s, of which %s; but its numbers are within %.4g … %.4g, and its rows sum to \
            %.4g … %.4g\
            """,
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
          "{}: its outputs are {}: {}; students learn from {}, centred (outputs: logits takes them as they are)",
          origin,
          shown,
          shown.mark,
          shown == PROBABILITIES ? "their logarithms" : "them");
    }
    return declared == null ? shown : declared;
  }

  private static String row(Tensor outputs, long index) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor row = outputs.reshape(-1, outputs.size(-1)).narrow(0, index, 1).to(ScalarType.Double);
      long images = outputs.size(-2);
      return String.format(
          Locale.ROOT,
          "row %d%s, with numbers within %.4g … %.4g and a sum of %.4g",
          index % images,
          outputs.dim() > 2 ? " of view " + index / images : "",
          row.min().item_double(),
          row.max().item_double(),
          row.sum().item_double());
    }
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
        "{}: some of its probabilities are 0, for which the smallest positive number of their type is taken, of logarithm {}",
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

  /** Which rows are alike. */
  private static final class Alike {
    private long count;
    private long firstOther = -1;

    void add(Tensor alike, long first) {
      long of = alike.sum().item_long();
      if (firstOther < 0 && of < alike.numel()) {
        firstOther = first + alike.to(ScalarType.Byte).argmin().item_long();
      }
      count += of;
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
    private double leastTop = Double.POSITIVE_INFINITY;
    private double mostTop = Double.NEGATIVE_INFINITY;

    private long seen;

    /** The rows that look like probabilities. */
    private final Alike probable = new Alike();

    /** The median of the first part's sums, and the rows without negative numbers that have it. */
    private double shared;

    private final Alike alike = new Alike();

    private Rows(long count) {
      this.count = count;
    }

    /** Logits show themselves in the first part. */
    static Rows of(Tensor outputs) {
      Rows rows = new Rows(outputs.numel());
      inParts(
          outputs.reshape(-1, outputs.size(-1)),
          (part, first) -> {
            rows.add(part.to(ScalarType.Double), first);
            return rows.shown() != LOGITS
                || rows.areWithinOne()
                || rows.areMost(rows.probable)
                || rows.areMost(rows.alike);
          });
      return rows;
    }

    private void add(Tensor part, long first) {
      Tensor sums = sums(part);
      Tensor ofExponentials = sums(part.exp());
      least = Math.min(least, part.min().item_double());
      most = Math.max(most, part.max().item_double());
      leastSum = Math.min(leastSum, sums.min().item_double());
      mostSum = Math.max(mostSum, sums.max().item_double());
      leastOfExponentials = Math.min(leastOfExponentials, ofExponentials.min().item_double());
      mostOfExponentials = Math.max(mostOfExponentials, ofExponentials.max().item_double());
      Tensor tops = part.amax(new long[] {1}, false);
      leastTop = Math.min(leastTop, tops.min().item_double());
      mostTop = Math.max(mostTop, tops.max().item_double());
      Tensor positive = part.amin(new long[] {1}, false).ge(new Scalar(-ROUNDING));
      probable.add(positive.logical_and(near(sums, 1)), first);
      if (first == 0) {
        shared = sums.median().item_double();
      }
      alike.add(positive.logical_and(near(sums, shared)), first);
      seen = first + part.size(0);
    }

    private static Tensor near(Tensor sums, double value) {
      return sums.sub(new Scalar(value)).abs().le(new Scalar(TOLERANCE * Math.abs(value)));
    }

    private static Tensor sums(Tensor rows) {
      return rows.sum(new long[] {1}, false, new ScalarTypeOptional());
    }

    Outputs shown() {
      if (probable.count == seen) {
        return PROBABILITIES;
      }
      return isOne(leastOfExponentials) && isOne(mostOfExponentials) ? LOG_PROBABILITIES : LOGITS;
    }

    private static boolean isOne(double sum) {
      return Math.abs(sum - 1) <= TOLERANCE;
    }

    private boolean areMost(Alike rows) {
      return 2 * rows.count > seen;
    }

    boolean areMostlyProbabilities() {
      return shown() == LOGITS && areMost(probable);
    }

    /** As probabilities in per cent do, or counts of votes. */
    boolean shareTheirSum() {
      boolean vary = seen >= FEWEST && mostTop - leastTop > LEAST_VARIATION * shared;
      return shown() == LOGITS && shared > 0 && areMost(alike) && (vary || isOne(shared / 100));
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
