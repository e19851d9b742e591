package dev.retort.study;

import static java.util.Collections.unmodifiableMap;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One epoch of one run: a line of {@code metrics.jsonl}. Null where undefined.
 *
 * @param epoch from 1
 * @param step the number of steps since the training began
 * @param seconds of training since the training began, without evaluation and checkpoints
 * @param learningRate of the last step
 * @param trainLoss the mean of the summed loss over the epoch
 * @param objectives each objective's mean over all of the epoch's steps before its weight (with its
 *     warm-up), by its name; a step at which it does not count adds 0 to it
 * @param validationAccuracy the share of validation images decided rightly, in [0, 1]
 * @param adversaries each opponent's figures by its label: a discriminator's by the representation
 *     that it reads, {@code observer:logits} for an observer, see {@link
 *     dev.retort.distill.Meter#figures}; records of earlier builds lack some
 * @param alarms what the run complains of, in sentences
 */
public record EpochMetrics(
    int epoch,
    long step,
    double seconds,
    double learningRate,
    @Nullable Double trainLoss,
    Map<String, @Nullable Double> objectives,
    @Nullable Double validationAccuracy,
    Map<String, Map<String, @Nullable Double>> adversaries,
    List<String> alarms) {
  public EpochMetrics {
    trainLoss = StudyJson.finiteOrNull(trainLoss);
    objectives = finite(objectives);
    validationAccuracy = StudyJson.finiteOrNull(validationAccuracy);
    Map<String, Map<String, @Nullable Double>> figures = new LinkedHashMap<>();
    if (adversaries != null) {
      adversaries.forEach((label, each) -> figures.put(label, finite(each)));
    }
    adversaries = unmodifiableMap(figures);
    alarms = alarms == null ? List.of() : List.copyOf(alarms);
  }

  private static Map<String, @Nullable Double> finite(
      @Nullable Map<String, @Nullable Double> values) {
    Map<String, @Nullable Double> finite = new LinkedHashMap<>();
    if (values != null) {
      values.forEach((name, value) -> finite.put(name, StudyJson.finiteOrNull(value)));
    }
    return unmodifiableMap(finite);
  }
}
