package dev.retort.study;

import dev.retort.data.Augmentation;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.training.TrainingTask;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A method's objectives for one pair of networks, and whether they can be had together. */
final class MethodObjectives {
  private MethodObjectives() {}

  /**
   * The terms of the student's loss.
   *
   * @param student what the study calls it
   * @param augmentation how views of an image differ
   * @param views how many of them an image has; null for a new one each epoch
   * @throws ConfigurationException if they cannot be had, with the reason
   */
  static List<Objective> of(
      MethodConfiguration method,
      String student,
      Pairing pairing,
      Augmentation augmentation,
      @Nullable Integer views) {
    try {
      List<Objective> objectives = new ArrayList<>();
      for (ObjectiveSettings settings : method.objectives()) {
        objectives.addAll(settings.build(pairing));
      }
      TrainingTask.requireLoss(objectives);
      if (objectives.stream().anyMatch(Objective::readsSecondView)) {
        requireSecondView(augmentation, views);
      }
      return objectives;
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "method '" + method.name() + "' cannot distil into " + student + ": " + e.getMessage(),
          e);
    }
  }

  private static void requireSecondView(Augmentation augmentation, @Nullable Integer views) {
    if (views != null && views == 1) {
      throw new IllegalArgumentException(
          "it reads a second view of each image, as a discriminator of pairs does, and views is 1;"
              + " take views: 2 or more");
    }
    if (!augmentation.varies()) {
      throw new IllegalArgumentException(
          "it reads a second view of each image, as a discriminator of pairs does, and without"
              + " training.augmentation all views are the same");
    }
  }
}
