package dev.retort.shrink;

import java.util.Locale;

/**
 * How a student is trained unless an option sets it: the one place with the method and schedule.
 *
 * <ul>
 *   <li>The method is that of docs/results/shrink-method.md, by its preset: of more than ten
 *       classes DIST, else TTM.
 *   <li>The optimiser's settings are those of the records in docs/results: batches of 128 and a
 *       rate of 0.1 in one cycle. Fewer than 10,000 images come by 64 and at half the rate, as in
 *       examples/pictures.yaml: a pass over them has few steps. Fewer than 64 are one batch.
 *   <li>A training of 10,000 to 45,000 images has 144 passes over them, which the rule of
 *       docs/results/after-convergence.md chose for CIFAR-10's 45,000. One of more shows as many
 *       images, 6.48 million, in at least 12 passes. One of fewer has 100 passes, as in
 *       docs/results/shrink-method.md.
 *   <li>Images are varied in 4 or, where they are few, in 10 views, which the teacher sees once.
 *       All are shifted as in the records, and pictures cropped before, as in
 *       examples/pictures.yaml.
 * </ul>
 *
 * @param method the name of a preset
 * @param epochs passes over the training images
 * @param batchSize images a step
 * @param learningRate the peak of the cycle
 * @param views different augmented views of an image
 * @param pictures whether the images are pictures of any size, and not arrays of one
 */
record Recipe(
    String method, int epochs, int batchSize, double learningRate, int views, boolean pictures) {
  private static final int FEW_CLASSES = 10;
  private static final int FEW = 10_000;
  private static final double IMAGES_SHOWN = 6_480_000;
  private static final int LEAST_EPOCHS = 12;
  private static final int MOST_EPOCHS = 144;
  private static final int EPOCHS_OF_FEW = 100;

  /**
   * The recipe for a training set.
   *
   * @param images how many it has
   * @param classes how many classes they are of
   */
  static Recipe of(int images, int classes, boolean pictures) {
    String method = classes > FEW_CLASSES ? "dist" : "ttm";
    if (images < FEW) {
      int batchSize = Math.max(2, Math.min(64, images));
      return new Recipe(method, EPOCHS_OF_FEW, batchSize, 0.05, 10, pictures);
    }
    long passes = Math.round(IMAGES_SHOWN / images);
    int epochs = (int) Math.max(LEAST_EPOCHS, Math.min(MOST_EPOCHS, passes));
    return new Recipe(method, epochs, 128, 0.1, 4, pictures);
  }

  /** The keys of a study's file that it decides. */
  String yaml() {
    String cropped = "flip: random, randomResizedCrop: {area: [0.3, 1]}";
    return String.format(
        Locale.ROOT, // some languages have digits of their own
        """
        training:
          epochs: %d
          batchSize: %d
          learningRate: %s
          schedule: {one-cycle: {peak: 0.2, last: 0}}
          augmentation: {%s}
        views: %d
        methods: [%s]
        """,
        epochs,
        batchSize,
        learningRate,
        pictures ? cropped : "shift: 4, flip: random",
        views,
        method);
  }
}
