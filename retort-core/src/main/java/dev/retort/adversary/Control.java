package dev.retort.adversary;

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
  /** The teacher's representations are those of other images. */
  SHUFFLED_TEACHER,
  /**
   * D learns to tell noise from noise, normal with the mean and variance of the teacher's
   * representations, and judges the student by that.
   */
  NOISE_DISCRIMINATOR;

  /** The representation that D reads of both networks. */
  Representation of(Representation representation) {
    return this == SHUFFLED_TEACHER ? new ShuffledTeacher(representation) : representation;
  }

  /** What D learns from in the place of a side's representations. */
  Samples learnt(Samples samples, Tensor teacher, RandomSource random) {
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
