package dev.retort.training;

import dev.retort.adversary.Adversary;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The student's loss: Σ weight · objective, and the means of its terms over an epoch. */
final class Loss {
  /** How many times the rest a term may be. */
  private static final double SWAMPING = 100;

  private final List<Objective> plain = new ArrayList<>();
  private final List<Adversary> adversaries = new ArrayList<>();
  private final Map<String, Tensor> sums = new LinkedHashMap<>();
  private final Map<String, Tensor> values = new LinkedHashMap<>();
  private final Tensor totalSum;
  private long steps;

  Loss(List<Objective> objectives, Tensor like) {
    Adversary.requireRest(objectives);
    for (Objective objective : objectives) {
      if (objective instanceof Adversary adversary) {
        adversaries.add(adversary);
      } else {
        plain.add(objective);
      }
      sums.put(objective.name(), torch.zeros(new long[] {}, like.options()));
    }
    totalSum = torch.zeros(new long[] {}, like.options());
  }

  List<Adversary> adversaries() {
    return adversaries;
  }

  /**
   * The sum for one step. The adversaries come last: their weights are measured against the rest.
   */
  Tensor sum(Step step) {
    values.clear();
    Tensor rest = torch.zeros_like(totalSum);
    for (Objective objective : plain) {
      rest = rest.add(term(objective, step), new Scalar(objective.weight()));
    }
    Tensor total = rest;
    for (Adversary adversary : adversaries) {
      if (adversary.counts(step)) {
        Tensor term = term(adversary, step);
        total = total.add(term.mul(adversary.weight(step, term, rest)));
      }
    }
    return total;
  }

  /** Lets the objectives change what they computed this step's terms from. */
  void afterGradient(Step step) {
    plain.forEach(objective -> objective.afterGradient(step.readBy(objective)));
  }

  /** This step's terms in their order, and the sum behind them: a vector without gradient. */
  Tensor terms(Tensor total) {
    List<Tensor> all = new ArrayList<>(values.values());
    all.add(total.detach());
    return torch.stack(new TensorVector(all.toArray(new Tensor[0])), 0);
  }

  private Tensor term(Objective objective, Step step) {
    Tensor value = objective.loss(step.readBy(objective));
    values.put(objective.name(), value.detach());
    return value;
  }

  /**
   * Takes this step's terms into the epoch's means.
   *
   * @param terms {@link #terms}, over the whole batch
   */
  void count(Tensor terms) {
    try (NoGrad noGrad = NoGrad.open()) {
      long index = 0;
      for (String name : values.keySet()) {
        sum(name).add_(terms.select(0, index++));
      }
      totalSum.add_(terms.select(0, index));
      steps++;
    }
  }

  private Tensor sum(String name) {
    Tensor sum = sums.get(name);
    if (sum == null) {
      throw new IllegalStateException("no objective is named " + name);
    }
    return sum;
  }

  /**
   * Checks the sum, its gradient and the parameters before the update.
   *
   * @param given {@link #terms}, over the whole batch
   * @param gradient of the sum, {@code [P]}
   * @param parameters that the update is of, {@code [P]}
   * @throws DivergedException that names the step and the terms, if one is not finite
   */
  void requireFinite(Tensor given, Tensor gradient, Tensor parameters, long step) {
    Tensor total = given.select(0, -1);
    Tensor norms = gradient.norm().add(parameters.detach().norm());
    double probe = Tensors.toDouble(norms.add(total));
    if (Double.isFinite(probe)) {
      return;
    }
    StringBuilder terms = new StringBuilder();
    long index = 0;
    for (String name : values.keySet()) {
      terms
          .append(terms.isEmpty() ? "" : ", ")
          .append(name)
          .append(" = ")
          .append(Tensors.toDouble(given.select(0, index++)));
    }
    throw new DivergedException(
        "training diverged at step "
            + step
            + ", before its update: loss = "
            + Tensors.toDouble(total)
            + ", gradient norm = "
            + Tensors.toDouble(gradient.norm())
            + ", norm of the parameters = "
            + Tensors.toDouble(parameters.detach().norm())
            + " ("
            + terms
            + "). Lower training.learningRate or the weight of the term that is not finite.");
  }

  /** The mean of the sum over the epoch so far. */
  double mean() {
    return Tensors.toDouble(totalSum) / steps;
  }

  /** Each objective's mean over the epoch so far, without its weight, by name. */
  Map<String, Double> means() {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, Tensors.toDouble(sum) / steps));
    return means;
  }

  /**
   * What is wrong with the terms' proportions over the epoch so far, in sentences without figures.
   * Adversaries have alarms of their own, which look at gradients.
   */
  List<String> alarms() {
    Map<String, Double> means = means();
    Map<String, Double> shares = new LinkedHashMap<>();
    for (Objective objective : plain) {
      double mean = means.getOrDefault(objective.name(), 0.0);
      shares.put(objective.name(), Math.abs(objective.weight() * mean));
    }
    double all = shares.values().stream().mapToDouble(Double::doubleValue).sum();
    List<String> alarms = new ArrayList<>();
    shares.forEach(
        (name, share) -> {
          if (plain.size() > 1 && share > SWAMPING * (all - share)) {
            alarms.add(
                "the term "
                    + name
                    + " is more than a hundred times the rest of the loss, which no longer counts;"
                    + " lower its weight");
          }
        });
    return alarms;
  }

  /** Begins an epoch, or goes on in one that has some steps behind it. */
  void goOn(long stepsOfEpoch) {
    steps = stepsOfEpoch;
    if (stepsOfEpoch == 0) {
      sums.values().forEach(Tensor::zero_);
      totalSum.zero_();
      adversaries.forEach(Adversary::beginEpoch);
    }
  }

  /** The epoch's sums, live, by name: for checkpoints. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(sums);
    state.put("total", totalSum);
    return state;
  }
}
