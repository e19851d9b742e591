package dev.retort.weights;

import dev.retort.data.ClassNames;
import dev.retort.network.Network;
import java.util.List;

/** A network with trained weights, and what one must know to use it. */
public record LoadedModel(Network network, ModelInfo info) {
  /**
   * Refuses labels that count other classes, or the same in another order.
   *
   * @param model what the model is called in the message
   * @param classes those of the labels
   * @throws WeightsException if they are not the model's
   */
  public void requireClasses(String model, List<String> classes) {
    if (!ClassNames.composed(info.classNames()).equals(ClassNames.composed(classes))) {
      throw new WeightsException(
          "%s tells apart %s, and the data have %s, which must be equal, in one order"
              .formatted(model, ClassNames.shown(info.classNames()), ClassNames.shown(classes)));
    }
  }
}
