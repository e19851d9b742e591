package dev.retort.bench;

import java.util.Map;

/**
 * What a study costs, from what its parts were measured to cost. Every run takes, in each epoch,
 * the steps of its method and one classification of the validation images; who remembers what the
 * teacher said pays for it at the first run that sees a view, everyone else at every step.
 *
 * @param secondsAStep of each method, by name
 * @param secondsAnImage of classifying a validation image
 * @param secondsOfTeacher how much longer a step takes that computes and keeps the teacher's
 *     outputs than one that finds them; 0 where no step finds them
 */
record StudyCost(Map<String, Double> secondsAStep, double secondsAnImage, double secondsOfTeacher) {

  /** The whole study's time in seconds. */
  double seconds(StudySize size) {
    double anEpoch = size.validationImages() * secondsAnImage * secondsAStep.size();
    for (double step : secondsAStep.values()) {
      anEpoch += size.steps() * step;
    }
    double views = (double) size.epochs() * size.steps() * secondsOfTeacher;
    return size.seeds() * size.epochs() * anEpoch + views;
  }
}
