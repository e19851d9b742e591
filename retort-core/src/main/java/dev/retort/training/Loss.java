package dev.retort.training;

import dev.retort.distill.MeasuredWeight;
import dev.retort.distill.Objective;
import dev.retort.distill.Opponent;
import dev.retort.distill.Step;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The student's loss: Σ weight · objective, what its opponents learn beside it, and the means of
 * its terms over an epoch.
 */
final class Loss {
  /** How many times the rest a term may be. */
  private static final double SWAMPING = 100;

  /** The name of the whole loss's sum, among those of its terms, of which none is called so. */
  static final String TOTAL = "total";

  private final List<Objective> objectives;
  private final Map<String, Tensor> sums = new LinkedHashMap<>();
  private final Tensor totalSum;
  private long steps;

  Loss(List<Objective> objectives, Tensor like) {
    this.objectives = objectives;
    for (Objective objective : objectives) {
      sums.put(objective.name(), torch.zeros(new long[] {}, like.options()));
    }
    totalSum = torch.zeros(new long[] {}, like.options());
  }

  /**
   * One step's loss.
   *
   * @param sum a scalar with gradient
   * @param names of the terms that count at this step
   * @param values the terms' values in that order, without their weights, and the sum's behind
   *     them: a vector without gradient
   */
  record Terms(Tensor sum, List<String> names, Tensor values) {
    /**
     * Checks the sum, its gradient and the parameters before the update.
     *
     * @param gradient of the sum, {@code [P]}
     * @param parameters that the update is of, {@code [P]}
     * @throws DivergedException that names the step and the terms, if one is not finite
     */
    void requireFinite(Tensor gradient, Tensor parameters, long step) {
      Tensor total = values.select(0, -1);
      Tensor norms = gradient.norm().add(parameters.detach().norm());
      if (Double.isFinite(Tensors.toDouble(norms.add(total)))) {
        return;
      }
      List<String> terms = new ArrayList<>();
      for (String name : names) {
        int index = terms.size();
        terms.add(name + " = " + Tensors.toDouble(values.select(0, index)));
      }
      throw new DivergedException(
          """
          training diverged at step %d, before its update: loss = %s, gradient norm = %s, norm of \
          the parameters = %s (%s). Lower training.learningRate or the weight of the term that is \
          not finite."""
              .formatted(
                  step,
                  Tensors.toDouble(total),
                  Tensors.toDouble(gradient.norm()),
                  Tensors.toDouble(parameters.detach().norm()),
                  String.join(", ", terms)));
    }
  }

  /** Lets every opponent learn from a step that the student has yet to take. */
  void letOpponentsLearn(Step step) {
    for (Objective objective : objectives) {
      Opponent opponent = objective.opponent();
      if (opponent != null) {
        opponent.learn(step.readBy(objective));
      }
    }
  }

  /** The loss of a step. Terms whose weights are measured against the rest come last. */
  Terms of(Step step) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    Tensor rest = torch.zeros_like(totalSum);
    for (Objective objective : objectives) {
      if (objective.measuredWeight() == null) {
        Tensor term = term(objective, step, values);
        rest = rest.add(term, new Scalar(objective.weight()));
      }
    }
    Tensor sum = rest;
    for (Objective objective : objectives) {
      MeasuredWeight weight = objective.measuredWeight();
      if (weight != null && weight.counts(step)) {
        Tensor term = term(objective, step, values);
        sum = sum.add(term.mul(weight.of(step, term, rest)));
      }
    }
    List<Tensor> all = new ArrayList<>(values.values());
    all.add(sum.detach());
    return new Terms(
        sum,
        List.copyOf(values.keySet()),
        torch.stack(new TensorVector(all.toArray(new Tensor[0])), 0));
  }

  private static Tensor term(Objective objective, Step step, Map<String, Tensor> values) {
    Tensor value = objective.loss(step.readBy(objective));
    if (value.dim() != 0) {
      throw new IllegalArgumentException(
          "the objective %s gives a tensor of the shape %s: a loss is a scalar, of the shape []"
              .formatted(objective.name(), Arrays.toString(value.shape())));
    }
    boolean counts = objective.measuredWeight() != null || objective.weight() != 0;
    // A batch without labels, for example, gives 0.
    if (counts && !value.requires_grad() && Tensors.toDouble(value) != 0) {
      throw new IllegalArgumentException(
          "the objective %s gives a value that has no gradient, so that nothing learns from it"
              .formatted(objective.name()));
    }
    values.put(objective.name(), value.detach());
    return value;
  }

  /** Lets the objectives change what they computed this step's terms from. */
  void afterGradient(Step step) {
    for (Objective objective : objectives) {
      MeasuredWeight weight = objective.measuredWeight();
      if (weight == null || weight.counts(step)) {
        objective.afterGradient(step.readBy(objective));
      }
    }
  }

  /** Takes a step's terms, over the whole batch, into the epoch's means. */
  void count(Terms terms) {
    try (NoGrad noGrad = NoGrad.open()) {
      long index = 0;
      for (String name : terms.names()) {
        Objects.requireNonNull(sums.get(name)).add_(terms.values().select(0, index++));
      }
      totalSum.add_(terms.values().select(0, index));
      steps++;
    }
  }

  /** The mean of the sum over the epoch so far. */
  double mean() {
    return Tensors.toDouble(totalSum) / steps;
  }

  /**
   * Each objective's mean over the epoch so far, without its weight, by name. A step at which a
   * term does not count adds 0.
   */
  Map<String, Double> means() {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, Tensors.toDouble(sum) / steps));
    return means;
  }

  /**
   * What is wrong with the terms' proportions over the epoch so far, in sentences without figures.
   * What a term of measured weight comes to, its opponent's meter says.
   */
  List<String> alarms() {
    Map<String, Double> means = means();
    Map<String, Double> shares = new LinkedHashMap<>();
    for (Objective objective : objectives) {
      if (objective.measuredWeight() == null) {
        if (!objective.isAtLeastZero()) {
          return List.of(); // a sum that may cross 0 is no measure of the rest
        }
        double mean = means.getOrDefault(objective.name(), 0.0);
        shares.put(objective.name(), Math.abs(objective.weight() * mean));
      }
    }
    double all = shares.values().stream().mapToDouble(Double::doubleValue).sum();
    List<String> alarms = new ArrayList<>();
    shares.forEach(
        (name, share) -> {
          boolean others = all > share; // cross-entropy is 0 where no image has a label
          if (others && share > SWAMPING * (all - share)) {
            alarms.add(
                """
                the term %s is more than a hundred times the rest of the loss, which hardly \
                counts; lower its weight, unless validation images prefer it so"""
                    .formatted(name));
          }
        });
    return alarms;
  }

  /**
   * Begins an epoch, or goes on in one.
   *
   * @param stepsDone of the epoch before a checkpoint; 0 at its beginning
   */
  void beginEpoch(long stepsDone) {
    steps = stepsDone;
    if (stepsDone == 0) {
      sums.values().forEach(Tensor::zero_);
      totalSum.zero_();
      objectives.forEach(Objective::beginEpoch);
    }
  }

  /** The epoch's sums, live, by name: for checkpoints. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(sums);
    state.put(TOTAL, totalSum);
    return state;
  }
}
