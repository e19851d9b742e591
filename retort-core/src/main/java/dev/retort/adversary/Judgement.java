package dev.retort.adversary;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A discriminator's output for some representations.
 *
 * @param logits {@code [N]}: the raw logit of "the teacher's", with no activation on it
 * @param classError {@code [N]}: for D that also names the class, −log of the probability of the
 *     label, a term of D's own loss; null for others
 */
public record Judgement(Tensor logits, @Nullable Tensor classError) {
  /** The judgement of a D that says nothing of classes. */
  public static Judgement of(Tensor logits) {
    return new Judgement(logits, null);
  }

  /** That of the rows from one on. */
  Judgement rows(long first, long count) {
    return new Judgement(
        logits.narrow(0, first, count),
        classError == null ? null : classError.narrow(0, first, count));
  }
}
