package dev.retort.adversary;

import dev.retort.data.Dataset;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Which of the teacher's own representations D must reject, because they are of another image than
 * the one that D knows (Reed et al. 2016, algorithm 1: the pair of a real image and a wrong text).
 */
public enum Misalignment {
  /** None. */
  NONE,
  /**
   * That of any other image of the batch. To a D that knows the label alone, those of the same
   * class are no fakes: {@link #OTHER_CLASS} leaves them out.
   */
  OTHER_IMAGE,
  /** That of an image of another class. */
  OTHER_CLASS,
  /** That of another image of the same class: only a D of pairs can tell. */
  SAME_CLASS;

  /**
   * Refuses to punish D for what it cannot know.
   *
   * @throws IllegalArgumentException if a D with that conditioning cannot tell the fakes
   */
  void require(Conditioning conditioning) {
    boolean tells =
        switch (this) {
          case NONE -> true;
          case OTHER_IMAGE, OTHER_CLASS ->
              conditioning == Conditioning.PAIR
                  || conditioning == Conditioning.LABEL_PROJECTION
                  || conditioning == Conditioning.LABEL_CONCATENATION;
          case SAME_CLASS -> conditioning == Conditioning.PAIR;
        };
    if (!tells) {
      throw new IllegalArgumentException(
          """
          misaligned: a discriminator that does not know the %s cannot tell that a representation \
          is of another; set condition to %s"""
              .formatted(
                  this == SAME_CLASS ? "image" : "image or its label",
                  this == SAME_CLASS ? "pair" : "pair, label-projection or label-concatenation"));
    }
  }

  /**
   * For each image the teacher's representation of another one of the batch, drawn uniformly from
   * those that are allowed, set beside the image's own condition. Images for which there is none
   * are left out.
   *
   * @return null if there are none at all
   */
  Evidence.@Nullable Fakes fakes(Samples teacher, RandomSource random) {
    if (this == NONE) {
      return null;
    }
    long[] labels =
        this == OTHER_IMAGE
            ? new long[Math.toIntExact(teacher.size())]
            : Tensors.toLongs(teacher.condition().requireLabels());
    List<Long> images = new ArrayList<>();
    List<Long> others = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      int other = draw(labels, i, random.at(i).random());
      if (other >= 0) {
        images.add((long) i);
        others.add((long) other);
      }
    }
    if (images.isEmpty()) {
      return null;
    }
    Tensor image = index(images, teacher.values());
    Tensor values = teacher.values().index_select(0, index(others, teacher.values()));
    return new Evidence.Fakes(new Samples(values, teacher.condition().rows(image)), image);
  }

  private int draw(long[] labels, int image, SplittableRandom random) {
    int chosen = -1;
    int candidates = 0;
    for (int j = 0; j < labels.length; j++) {
      // The k-th candidate takes the place of the one chosen with probability 1/k.
      if (j != image && allows(labels[image], labels[j]) && random.nextInt(++candidates) == 0) {
        chosen = j;
      }
    }
    return chosen;
  }

  private boolean allows(long label, long other) {
    boolean known = label != Dataset.UNLABELLED && other != Dataset.UNLABELLED;
    return switch (this) {
      case OTHER_CLASS -> known && label != other;
      case SAME_CLASS -> known && label == other;
      default -> true;
    };
  }

  private static Tensor index(List<Long> rows, Tensor like) {
    long[] numbers = rows.stream().mapToLong(Long::longValue).toArray();
    return Tensors.toDeviceOf(Tensors.of(numbers, numbers.length), like);
  }
}
