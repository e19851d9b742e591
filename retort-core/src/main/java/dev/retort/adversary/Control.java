package dev.retort.adversary;

import dev.retort.distill.Step;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import org.bytedeco.pytorch.Tensor;

/**
 * What is taken away from an adversary, to see what its effect is due to. The third control, a
 * random D, is {@code steps: 0}.
 */
public enum Control {
  /** Nothing: the method itself. */
  NONE,
  /**
   * The teacher's representations, of both views alike, are those of another image of the batch.
   * Their distribution is the same; what they say of the image is gone.
   */
  SHUFFLED_TEACHER,
  /**
   * D learns to tell noise from noise, normal with the mean and variance of the teacher's
   * representations, and judges the student by that.
   */
  NOISE_DISCRIMINATOR;

  /**
   * Checks that it can be taken away from what D reads.
   *
   * @throws IllegalArgumentException if images are to be shuffled, and it is not of images
   */
  void require(Representation representation) {
    if (this == SHUFFLED_TEACHER && !representation.isOfImages()) {
      throw new IllegalArgumentException(
          "control: shuffled-teacher shuffles images, and '%s' is not of images"
              .formatted(representation.name()));
    }
  }

  /** What D reads of the teacher in a step, in the place of its representations of a view. */
  Tensor ofTeacher(Tensor representations, Step step) {
    return this == SHUFFLED_TEACHER
        ? Derangement.of(representations, step.random().at("shuffled teacher"))
        : representations;
  }

  /** What D is shown to learn from in the place of a side's representations. */
  Samples shown(Samples samples, Tensor teacher, RandomSource random) {
    if (this != NOISE_DISCRIMINATOR) {
      return samples;
    }
    try (NoGrad noGrad = NoGrad.open()) {
      Tensor noise =
          random
              .normal(teacher.scalar_type(), samples.values().shape())
              .to(teacher.device(), teacher.scalar_type());
      return new Samples(noise.mul(teacher.std(false)).add(teacher.mean()), samples.condition());
    }
  }
}
