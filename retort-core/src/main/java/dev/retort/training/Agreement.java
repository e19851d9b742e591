package dev.retort.training;

import dev.retort.engine.Collective;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What the ranks agree on after each backward pass, in one message: the mean gradient, the means of
 * the loss's terms, the mean of the running statistics of batch normalisation, and whether to stop.
 * All ranks then hold the same numbers, bit for bit. One that is not finite on one rank is finite
 * on none.
 */
final class Agreement {
  private final Collective collective;
  private final StopRequest stop;
  private final List<Tensor> statistics = new ArrayList<>();

  Agreement(Collective collective, State student, StopRequest stop) {
    this.collective = collective;
    this.stop = stop;
    student.buffers().values().stream().filter(Tensor::is_floating_point).forEach(statistics::add);
  }

  /**
   * Averages a step's outcome over the ranks.
   *
   * @param gradient {@code [P]}
   * @param terms a vector of the loss's terms, changed in place
   * @return the mean gradient
   */
  Tensor mean(Tensor gradient, Tensor terms) {
    if (collective.ranks() == 1) {
      return gradient;
    }
    try (NoGrad noGrad = NoGrad.open()) {
      List<Tensor> parts = new ArrayList<>(List.of(gradient, terms));
      parts.addAll(statistics);
      parts.add(torch.full(new long[] {1}, new Scalar(stop.isWished() ? 1 : 0), terms.options()));
      Tensor message =
          collective.mean(Tensors.flatten(new TensorVector(parts.toArray(new Tensor[0]))));
      long first = gradient.numel();
      for (Tensor part : parts.subList(1, parts.size())) {
        part.copy_(message.narrow(0, first, part.numel()).view(part.shape()));
        first += part.numel();
      }
      if (Tensors.toDouble(message.select(0, first - 1)) > 0) {
        stop.agree();
      }
      return message.narrow(0, 0, gradient.numel());
    }
  }
}
