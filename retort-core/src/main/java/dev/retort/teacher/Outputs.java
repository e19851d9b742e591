package dev.retort.teacher;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.weights.WeightsException;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
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
   * Refuses outputs, or hidden values, that are not finite.
   *
   * @param values of a representation
   * @param name the representation's, for the message
   * @param origin names the teacher there
   * @throws WeightsException if one is not
   */
  static Tensor requireFinite(Tensor values, String name, String origin) {
    if (!torch.isfinite(values).all().item_bool()) {
      throw new WeightsException(
          "%s gives %s that are not finite, as damaged weights do, and models of 16 bits that overflow (export these in 32 bits)"
              .formatted(
                  origin, name.equals(Activations.LOGITS) ? name : "values of '" + name + "'"));
    }
    return values;
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
      OutputRows rows = OutputRows.of(each.getValue());
      Outputs shown = rows.shown();
      if (declared == null || declared == PROBABILITIES) {
        refuseMixedRows(rows, each.getKey(), each.getValue(), origin);
      }
      if (declared == null) {
        refusePerCent(rows, each.getKey(), origin);
        refuseSigmoids(rows, origin);
        warnOfSmallOutputs(rows, origin);
      } else {
        requireDeclared(rows, declared, origin);
      }
      if (declared == null && all != null && all != shown) {
        throw new WeightsException(
            origin + ": '" + each.getKey() + "' holds " + shown + ", and other arrays hold " + all);
      }
      all = shown;
    }
    Outputs shown = all == null ? LOGITS : all;
    shown.warn(declared, origin);
    return declared == null ? shown : declared;
  }

  private static void refuseMixedRows(OutputRows rows, String name, Tensor outputs, String origin) {
    if (rows.areMostlyProbabilities()) {
      throw new WeightsException(
          """
          %s: %d of the %d rows of '%s' are probabilities, of which %s, and the others are not: the first of these is \
          %s. Correct these rows, or set outputs: logits if all are logits\
          """
              .formatted(
                  origin,
                  rows.probable.count,
                  rows.seen,
                  name,
                  PROBABILITIES.mark,
                  OutputRows.describe(outputs, rows.probable.firstOther)));
    }
  }

  private static void refusePerCent(OutputRows rows, String name, String origin) {
    if (rows.shareTheirSum()) {
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
              name,
              rows.shared));
    }
  }

  private static void refuseSigmoids(OutputRows rows, String origin) {
    if (rows.areOfSigmoids()) {
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
  }

  private static void warnOfSmallOutputs(OutputRows rows, String origin) {
    if (rows.mayBeOfSigmoids()) {
      LOG.warn(
          "{}: all its outputs are within 0 … 1, as those of sigmoids are, and are taken as logits; if they are sigmoids, give the teacher without them; else outputs: logits says so",
          origin);
    }
  }

  private static void requireDeclared(OutputRows rows, Outputs declared, String origin) {
    if (declared != LOGITS && declared != rows.shown()) {
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
  }

  /** Says where they are not taken as what they look like, or not as they are. */
  private void warn(@Nullable Outputs declared, String origin) {
    if (declared == LOGITS && this != LOGITS) {
      LOG.warn(
          "{}: its outputs are taken as the logits that they are declared as, but look like {}: {}",
          origin,
          this,
          mark);
    }
    if (declared == null && this != LOGITS) {
      LOG.warn(
          "{}: its outputs are {}: {}; students learn from {}, centred (outputs: logits takes them as they are)",
          origin,
          this,
          mark,
          this == PROBABILITIES ? "their logarithms" : "them");
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
    OutputRows.inParts(
        rows, (part, first) -> into.narrow(0, first, part.size(0)).copy_(logits(part)));
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
}
