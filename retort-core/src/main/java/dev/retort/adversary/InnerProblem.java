package dev.retort.adversary;

import dev.retort.optimization.Adam;

/**
 * How D is trained between two steps of the student.
 *
 * @param steps k, the number of D's steps for each of the student's; 0 leaves D as it was
 *     initialised
 * @param learningRate of D's own optimiser
 * @param adam the constants of D's own optimiser
 * @param realTarget 1, or below it for one-sided label smoothing; in (½, 1]
 */
public record InnerProblem(int steps, double learningRate, Adam.Settings adam, double realTarget) {
  public InnerProblem {
    if (steps < 0) {
      throw new IllegalArgumentException("steps must not be negative, but is " + steps);
    }
    if (!(learningRate > 0)) {
      throw new IllegalArgumentException(
          "the discriminator's learningRate must be positive, not " + learningRate);
    }
    if (!(realTarget > 0.5 && realTarget <= 1)) {
      throw new IllegalArgumentException("realTarget must be in (0.5, 1], not " + realTarget);
    }
  }
}
