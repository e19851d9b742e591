package dev.retort.training;

/**
 * Where a training stands; everything random derives from it and the seed.
 *
 * @param step the number of steps done
 * @param epochs the number of epochs done and evaluated; one less than the steps' own where an
 *     epoch's evaluation is still to be made
 */
record TrainingPosition(long step, int epochs) {
  static final TrainingPosition BEGINNING = new TrainingPosition(0, 0);

  TrainingPosition {
    if (step < 0 || epochs < 0 || epochs > step) {
      throw new IllegalArgumentException(
          "no training has " + step + " steps and " + epochs + " epochs behind it");
    }
  }

  TrainingPosition afterStep() {
    return new TrainingPosition(step + 1, epochs);
  }

  TrainingPosition afterEpoch() {
    return new TrainingPosition(step, epochs + 1);
  }
}
