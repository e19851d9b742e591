package dev.retort.adversary;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** How a discriminator knows which image a representation is of. */
public enum Conditioning {
  /** Not at all: D compares q_t and q_s as marginals. */
  NONE,
  /** Miyato and Koyama 2018, eq. 3: the logit gains ⟨v_y, φ(h)⟩ with a learned v for each class. */
  LABEL_PROJECTION,
  /**
   * Mirza and Osindero 2014: D reads h and the one-hot label, beside a map as constant channels.
   */
  LABEL_CONCATENATION,
  /** D reads [h, c, h − c], c being the teacher's representation of another view of the image. */
  PAIR,
  /**
   * D has an output for each of 2C classes, the teacher's and the student's of each label. Its
   * logit is the difference of the label's two, and it learns the class beside what its loss has it
   * learn: with one by cross-entropy, that is cross-entropy over the 2C classes (Hou et al. 2022,
   * section 3.2).
   */
  AUXILIARY_CLASS;

  /** The width of D's input: values of a vector or channels of a map. */
  long inputs(long width, int classes) {
    return switch (this) {
      case LABEL_CONCATENATION -> width + classes;
      case PAIR -> 3 * width;
      default -> width;
    };
  }

  /**
   * D's input.
   *
   * @param representation {@code [N, d]} or {@code [N, C, H, W]}
   */
  Tensor input(Tensor representation, Condition condition, int classes) {
    return switch (this) {
      case LABEL_CONCATENATION -> {
        Tensor oneHot = oneHot(condition, classes, representation);
        if (representation.dim() == 4) {
          oneHot =
              oneHot
                  .unsqueeze(2)
                  .unsqueeze(3)
                  .expand(-1, -1, representation.size(2), representation.size(3));
        }
        yield torch.cat(new TensorVector(representation, oneHot), 1);
      }
      case PAIR -> {
        Tensor partner = condition.requirePartner();
        Tensor difference = representation.sub(partner);
        yield torch.cat(new TensorVector(representation, partner, difference), 1);
      }
      default -> representation;
    };
  }

  /** {@code [N, classes]} of 0 and 1 in {@code like}'s type; a row of zeros without a label. */
  static Tensor oneHot(Condition condition, int classes, Tensor like) {
    return isLabel(condition, classes).to(like.scalar_type());
  }

  /** {@code [N, classes]}: whether the class is the label. */
  static Tensor isLabel(Condition condition, int classes) {
    Tensor labels = condition.requireLabels();
    Tensor numbers = torch.arange(new Scalar(classes), labels.options());
    return labels.unsqueeze(1).eq(numbers);
  }

  /** The judgement of a D with 2C outputs, the teacher's classes first. */
  static Judgement ofClasses(Tensor outputs, Condition condition, int classes) {
    Tensor known = condition.requireLabels().ge(new Scalar(0)).unsqueeze(1);
    // Of an image without a label every class may be the right one.
    Tensor wrong = known.logical_and(isLabel(condition, classes).logical_not());
    Scalar never = new Scalar(Double.NEGATIVE_INFINITY);
    Tensor teacher = outputs.narrow(1, 0, classes).masked_fill(wrong, never).logsumexp(1);
    Tensor student = outputs.narrow(1, classes, classes).masked_fill(wrong, never).logsumexp(1);
    Tensor label = torch.logaddexp(teacher, student);
    return new Judgement(teacher.sub(student), outputs.logsumexp(1).sub(label));
  }
}
