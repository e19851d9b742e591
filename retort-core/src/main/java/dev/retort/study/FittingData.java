package dev.retort.study;

import dev.retort.adversary.AdversarySettings;
import dev.retort.adversary.CooperativeCritic;
import dev.retort.adversary.Encoding;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.distill.HintonStandardized;
import dev.retort.distill.LayerPair;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.engine.Collective;
import dev.retort.network.Activations;
import dev.retort.study.config.Comparison;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TrainingConfiguration;
import dev.retort.training.WeightAverage;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a study can be trained and measured on its data, asked before anything is computed. */
final class FittingData {
  private static final Logger LOG = LoggerFactory.getLogger(FittingData.class);

  private FittingData() {}

  /**
   * Refuses what would otherwise end the first run, or never end it.
   *
   * @throws ConfigurationException if the data are too few, too small or without the labels that
   *     the study measures by
   */
  static void require(StudyConfiguration study, Splits data, Collective ranks) {
    if (data.train().size() == 0) {
      throw new ConfigurationException("data: " + data.name() + " has no training images");
    }
    try {
      study
          .batches(0, 0, ranks.rank(), ranks.ranks())
          .requireFitting(data.train(), data.inputShape());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("training: " + e.getMessage(), e);
    }
    warnOfFewAverages(study, data);
    for (Comparison comparison : study.withoutPairs()) {
      LOG.warn(
          "comparisons: {} have no seed in common, by which their runs are paired: nothing is compared",
          comparison.pair());
    }
    if (study.teacher() == null && study.data().unlabelled() != null) {
      LOG.warn(
          "data.unlabelled: without a teacher nothing is learned from these images, and they take the place of others in each batch; leave it out");
    }
    if (data.train().labelled().findAny().isEmpty()) {
      LOG.warn(
          "data: no training image of {} has a label: a term that needs labels, such as cross-entropy or dkd, teaches nothing",
          data.name());
    }
    requireLabels(data.validation(), "");
    if (study.test()) {
      requireLabels(
          data.test(), "; leave them unread and measure on the validation images with test: false");
    }
  }

  private static void warnOfFewAverages(StudyConfiguration study, Splits data) {
    TrainingConfiguration training = study.training();
    long steps = (long) training.epochs() * (data.train().size() / training.batchSize());
    long averages = training.averaging().averages(steps);
    if (averages < 2 && !(training.averaging() instanceof WeightAverage.None)) {
      LOG.warn(
          "training.averaging: of the weights of {} steps it takes in {}, which is no average; a smaller every, or an earlier start of a tail, takes in more",
          steps,
          averages);
    }
  }

  private static void requireLabels(Dataset images, String remedy) {
    if (images.labelled().findAny().isEmpty()) {
      throw new ConfigurationException(
          """
          data: of the %s images of %s none has a label, \
          so no accuracy can be measured on them%s"""
              .formatted(images.size(), images.name(), remedy));
    }
  }

  /** Standardised logits of two classes are constants: nothing is learned from them. */
  static void warnOfTwoClasses(StudyConfiguration study, Splits data) {
    if (data.classes().size() == 2) {
      warn(
          study,
          FittingData::readsStandardizedLogits,
          "encoding: standardized leaves nothing of the logits of two classes; take centred");
      warn(
          study,
          HintonStandardized.class::isInstance,
          "hinton-standardized teaches nothing here, since standardised logits of two classes are"
              + " 0.71 and -0.71 for every image; take hinton");
    }
  }

  private static void warn(
      StudyConfiguration study, Predicate<ObjectiveSettings> of, String warning) {
    study.methods().stream()
        .filter(method -> method.objectives().stream().anyMatch(of))
        .forEach(method -> LOG.warn("method {}: {}", method.name(), warning));
  }

  private static boolean readsStandardizedLogits(ObjectiveSettings objective) {
    return (objective instanceof AdversarySettings adversary
            && adversary.encoding() instanceof Encoding.Standardized
            && adversary.on().stream().anyMatch(FittingData::isLogits))
        || (objective instanceof CooperativeCritic.Settings critic
            && critic.encoding() instanceof Encoding.Standardized
            && isLogits(critic.on()));
  }

  private static boolean isLogits(LayerPair pair) {
    return pair.teacher().equals(Activations.LOGITS);
  }
}
