package dev.retort.training;

import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.network.State;
import dev.retort.optimization.FlatParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** A running average of a network's weights and normalisation statistics. */
public final class WeightAverage {

  /** Which average, if any. */
  public sealed interface Settings {
    /** The weights of how many of a training's steps enter the average that it ends with. */
    long averages(long totalSteps);
  }

  /** No average: the last weights count. */
  public record None() implements Settings {
    @Override
    public long averages(long totalSteps) {
      return 0;
    }
  }

  /**
   * Lookahead (Zhang et al. 2019) with airbench's rising decay: every few steps the average a ← d a
   * + (1 − d) w with d = decay^every · progress^power, and the weights go on from it. A training
   * ends with a, unless it had none; an epoch is measured with the weights as they are.
   *
   * @param every steps between two averages
   * @param decay a step's, in (0, 1)
   * @param power of the rise
   */
  public record Lookahead(int every, double decay, double power) implements Settings {
    public Lookahead {
      requirePositive("every", every);
      requireDecay(decay);
      if (!(power >= 0)) {
        throw new IllegalArgumentException("power must not be negative, but is " + power);
      }
    }

    @Override
    public long averages(long totalSteps) {
      return totalSteps / every;
    }
  }

  /**
   * An exponential average beside the weights, which it takes the place of for each epoch's
   * evaluation and at the end of the training. Before the first average it is the weights
   * themselves.
   *
   * @param every steps between two averages
   * @param decay of one average, in (0, 1); of the n-th, from 1, n / (n + 9) while that is less, so
   *     that the first weights are soon forgotten: 0.999 is reached at the 8,991st
   */
  public record Exponential(int every, double decay) implements Settings {
    public Exponential {
      requirePositive("every", every);
      requireDecay(decay);
    }

    @Override
    public long averages(long totalSteps) {
      return totalSteps / every;
    }
  }

  /**
   * The equal average of the weights of the training's last part, beside the weights, which it
   * takes the place of like the exponential one (SWA: Izmailov et al. 2018, algorithm 1, here with
   * the schedule as it is, and with the normalisation statistics averaged like the weights rather
   * than computed anew). Before the first that it has taken in it is the weights themselves.
   *
   * @param every steps between two weights that are averaged, of which those of the last step are
   *     one
   * @param start the share of the training after which the part begins, in [0, 1)
   */
  public record Tail(int every, double start) implements Settings {
    public Tail {
      requirePositive("every", every);
      if (!(start >= 0 && start < 1)) {
        throw new IllegalArgumentException("start must be in [0, 1), not " + start);
      }
    }

    @Override
    public long averages(long totalSteps) {
      long first = (long) Math.ceil(start * totalSteps);
      return Math.max(0, (totalSteps - 1 - first) / every + 1);
    }

    /** The first step whose weights are taken in: from the last one back, every so many are. */
    private long firstStep(long totalSteps) {
      return totalSteps - 1 - (averages(totalSteps) - 1) * every;
    }
  }

  private final Settings settings;
  private final List<Tensor> live = new ArrayList<>();
  private final List<Tensor> average = new ArrayList<>();

  WeightAverage(Settings settings, FlatParameters parameters, State state) {
    this.settings = settings;
    if (settings instanceof None) {
      return;
    }
    live.add(parameters.values());
    state.buffers().values().stream().filter(Tensor::is_floating_point).forEach(live::add);
    try (NoGrad noGrad = NoGrad.open()) {
      live.forEach(tensor -> average.add(tensor.clone()));
    }
  }

  /** Takes in the weights after a step, from the first on. */
  void afterStep(long step, long totalSteps) {
    try (NoGrad noGrad = NoGrad.open()) {
      if (settings instanceof Lookahead lookahead && (step + 1) % lookahead.every() == 0) {
        double progress = (step + 1.0) / totalSteps;
        double decay =
            Math.pow(lookahead.decay(), lookahead.every()) * Math.pow(progress, lookahead.power());
        mix(decay);
        copy(average, live);
      } else if (settings instanceof Lookahead lookahead
          && step + 1 == totalSteps
          && totalSteps > lookahead.every()) {
        copy(average, live);
      } else if (settings instanceof Exponential exponential) {
        long averages = (step + 1) / exponential.every();
        if (averages == 0) {
          copy(live, average);
        } else if ((step + 1) % exponential.every() == 0) {
          mix(Math.min(exponential.decay(), averages / (averages + 9.0)));
        }
      } else if (settings instanceof Tail tail) {
        long since = step - tail.firstStep(totalSteps);
        if (since < 0) {
          copy(live, average);
        } else if (since % tail.every() == 0) {
          long before = since / tail.every();
          mix(before / (before + 1.0));
        }
      }
    }
  }

  private void mix(double decay) {
    for (int i = 0; i < live.size(); i++) {
      average.get(i).lerp_(live.get(i), new Scalar(1 - decay));
    }
  }

  /**
   * Exchanges the average and the live weights, where the average is kept beside them; a second
   * call undoes the first.
   */
  void swap() {
    if (settings instanceof None || settings instanceof Lookahead) {
      return;
    }
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      for (int i = 0; i < live.size(); i++) {
        Tensor held = live.get(i).clone();
        live.get(i).copy_(average.get(i));
        average.get(i).copy_(held);
      }
    }
  }

  /** The averages, live, by number: for checkpoints. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new TreeMap<>();
    for (int i = 0; i < average.size(); i++) {
      state.put(Integer.toString(i), average.get(i));
    }
    return state;
  }

  private static void copy(List<Tensor> from, List<Tensor> to) {
    for (int i = 0; i < from.size(); i++) {
      to.get(i).copy_(from.get(i));
    }
  }

  private static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + " must be at least 1, not " + value);
    }
  }

  private static void requireDecay(double decay) {
    if (!(decay > 0 && decay < 1)) {
      throw new IllegalArgumentException("an average's decay must be in (0, 1), not " + decay);
    }
  }
}
