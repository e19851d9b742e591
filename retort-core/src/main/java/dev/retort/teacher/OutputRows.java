package dev.retort.teacher;

import dev.retort.engine.TensorScope;
import java.util.Locale;
import java.util.function.ObjLongConsumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What the rows of a teacher's outputs show of what they are: between what the numbers, and what is
 * summed over a row, lie. NaN is between nothing.
 */
final class OutputRows {
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

  private final long count;
  double least = Double.POSITIVE_INFINITY;
  double most = Double.NEGATIVE_INFINITY;
  double leastSum = Double.POSITIVE_INFINITY;
  double mostSum = Double.NEGATIVE_INFINITY;
  private double leastOfExponentials = Double.POSITIVE_INFINITY;
  private double mostOfExponentials = Double.NEGATIVE_INFINITY;
  private double leastTop = Double.POSITIVE_INFINITY;
  private double mostTop = Double.NEGATIVE_INFINITY;

  long seen;

  /** The rows that look like probabilities. */
  final Alike probable = new Alike();

  /** The median of the first part's sums, and the rows without negative numbers that have it. */
  double shared;

  final Alike alike = new Alike();

  private OutputRows(long count) {
    this.count = count;
  }

  static OutputRows of(Tensor outputs) {
    OutputRows rows = new OutputRows(outputs.numel());
    inParts(
        outputs.reshape(-1, outputs.size(-1)),
        (part, first) -> rows.add(part.to(ScalarType.Double), first));
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
      return Outputs.PROBABILITIES;
    }
    return isOne(leastOfExponentials) && isOne(mostOfExponentials)
        ? Outputs.LOG_PROBABILITIES
        : Outputs.LOGITS;
  }

  private static boolean isOne(double sum) {
    return Math.abs(sum - 1) <= TOLERANCE;
  }

  private boolean areMost(Alike rows) {
    return 2 * rows.count > seen;
  }

  boolean areMostlyProbabilities() {
    return shown() == Outputs.LOGITS && areMost(probable);
  }

  /** As probabilities in per cent do, or counts of votes. */
  boolean shareTheirSum() {
    boolean vary = seen >= FEWEST && mostTop - leastTop > LEAST_VARIATION * shared;
    return shown() == Outputs.LOGITS
        && shared > 0
        && areMost(alike)
        && (vary || isOne(shared / 100));
  }

  private boolean areWithinOne() {
    return least >= 0 && most <= 1;
  }

  /**
   * Of a sigmoid above ½ it decides for a class; a network before its training rarely gets there.
   */
  boolean areOfSigmoids() {
    boolean decides = least < 0.5 && most > 0.5;
    return mayBeOfSigmoids() && decides;
  }

  boolean mayBeOfSigmoids() {
    return shown() == Outputs.LOGITS && areWithinOne() && count >= FEWEST;
  }

  /** How many rows show whether they are a sigmoid's. */
  static int fewest(int classes) {
    return (FEWEST + classes - 1) / classes;
  }

  /** A row in words, for messages. */
  static String describe(Tensor outputs, long index) {
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

  /** Shows rows in parts, each with the number of its first. */
  static void inParts(Tensor rows, ObjLongConsumer<Tensor> each) {
    long count = Math.max(1, AT_ONCE / rows.size(1));
    for (long first = 0; first < rows.size(0); first += count) {
      try (TensorScope scope = TensorScope.open()) {
        each.accept(rows.narrow(0, first, Math.min(count, rows.size(0) - first)), first);
      }
    }
  }

  /** Which rows are alike. */
  static final class Alike {
    long count;
    long firstOther = -1;

    void add(Tensor alike, long first) {
      long of = alike.sum().item_long();
      if (firstOther < 0 && of < alike.numel()) {
        firstOther = first + alike.to(ScalarType.Byte).argmin().item_long();
      }
      count += of;
    }
  }
}
