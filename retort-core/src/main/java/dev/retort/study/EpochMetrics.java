package dev.retort.study;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One epoch of one run: a line of {@code metrics.jsonl}. Null where undefined.
 *
 * @param epoch from 1
 * @param step the number of steps since the training began
 * @param seconds of training since the training began, without evaluation
 * @param learningRate of the last step
 * @param trainLoss the mean of the summed loss over the epoch
 * @param objectives each objective's mean over all of the epoch's steps before its weight, by its
 *     name; a step at which it does not count adds 0 to it
 * @param validationAccuracy the share of validation images decided rightly, in [0, 1]
 * @param adversaries each discriminator's health, by the representation that it reads; {@code
 *     observer:logits} for an observer
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
    Map<String, AdversaryHealth> adversaries,
    List<String> alarms) {
  public EpochMetrics {
    trainLoss = StudyJson.finiteOrNull(trainLoss);
    Map<String, @Nullable Double> values = new LinkedHashMap<>();
    if (objectives != null) {
      objectives.forEach((name, value) -> values.put(name, StudyJson.finiteOrNull(value)));
    }
    objectives = Collections.unmodifiableMap(values);
    validationAccuracy = StudyJson.finiteOrNull(validationAccuracy);
    adversaries =
        adversaries == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(adversaries));
    alarms = alarms == null ? List.of() : List.copyOf(alarms);
  }
}
