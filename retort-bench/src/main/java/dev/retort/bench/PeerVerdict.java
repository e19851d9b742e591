package dev.retort.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether a comparison with a peer means anything.
 *
 * @param logitsDifference the largest difference between the two programs' logits of one network,
 *     as a share of the largest logit
 * @param lossDifference the largest difference between the two programs' losses of one method, as a
 *     share of the loss
 * @param studentOverBare the speed of the peer's step without teacher and loader, over that of a
 *     bare loop in PyTorch
 * @param trajectoryDifference the largest difference between the two programs' losses in a step of
 *     the same training, as a share of ours
 * @param falls whether our loss falls in that training
 * @param modelOverMeasured what the cost model says of the peer's small study over what it took
 * @param ownModelOverMeasured the same of ours
 */
record PeerVerdict(
    double logitsDifference,
    double lossDifference,
    double studentOverBare,
    double trajectoryDifference,
    boolean falls,
    double modelOverMeasured,
    double ownModelOverMeasured) {
  private static final double SAME = 1e-3;
  private static final double SAME_TRAJECTORY = 0.005;
  private static final double NO_STRAW_MAN = 0.9;
  private static final double MODEL_HOLDS = 0.2;

  /** Why the comparison is void, in sentences; empty where it counts. */
  List<String> reasons(String peer) {
    List<String> reasons = new ArrayList<>();
    if (!(logitsDifference <= SAME)) {
      reasons.add(peer + " computes other logits from the same weights: the networks differ");
    }
    if (!(lossDifference <= SAME)) {
      reasons.add(peer + " computes other losses from the same logits: the methods differ");
    }
    if (!(studentOverBare >= NO_STRAW_MAN)) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s takes the student's step at %.2f of the speed of a bare loop in PyTorch, not at"
                  + " least %.1f",
              peer,
              studentOverBare,
              NO_STRAW_MAN));
    }
    if (!falls) {
      reasons.add("the loss does not fall, so that it cannot show a difference");
    }
    if (!(trajectoryDifference <= SAME_TRAJECTORY)) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s trains otherwise: from the same weights and batches, a step's loss differs by"
                  + " %.2f %%, more than %.1f %%",
              peer,
              100 * trajectoryDifference,
              100 * SAME_TRAJECTORY));
    }
    return reasons;
  }

  /** Why the cost model's ratio does not count, in sentences; empty where it does. */
  List<String> reasonsAgainstModel(String peer) {
    List<String> reasons = new ArrayList<>();
    requireModel(peer + "'s", modelOverMeasured, reasons);
    requireModel("our", ownModelOverMeasured, reasons);
    return reasons;
  }

  private static void requireModel(String whose, double overMeasured, List<String> reasons) {
    if (!(Math.abs(overMeasured - 1) <= MODEL_HOLDS)) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "the cost model gives %.2f of the time that %s small study took",
              overMeasured,
              whose));
    }
  }
}
