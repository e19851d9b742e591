package dev.retort.distill;

import dev.retort.data.Dataset;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.State;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The norm and direction loss of KD++ (Wang et al. 2023, section 3): the mean over images of 1 −
 * ⟨s, e_y⟩ / max(‖s‖, ‖t‖). Here s and t are the embeddings of student and teacher, and e_y is the
 * direction of the mean of the teacher's embeddings of the image's class y. It asks for s to point
 * where its class does, and to be at least as long as t. KD++ is its sum with Hinton's loss and the
 * cross-entropy.
 *
 * <p>The authors' code computes the class means once, over one augmented pass of the training
 * images. Here they are the means of all of the teacher's embeddings so far, this batch included:
 * after the first epoch just that, and later over more augmentations. Where the embeddings differ
 * in width, the student's goes through the authors' connector, batch normalisation, dropout of one
 * half and a linear layer. Where s and t are equally long, the gradient flows through ‖s‖, as
 * theirs. Images without a label do not count.
 *
 * @see <a href="https://arxiv.org/abs/2305.17007">Improving Knowledge Distillation via Regularizing
 *     Feature Norm and Direction</a>
 */
final class KdPlusPlus extends ConnectedLoss {
  private static final double DROPOUT = 0.5;

  /** The length up to which a vector counts as zero: it has no direction, and no derivative. */
  private static final double LEAST_NORM = 1e-12;

  private final Tensor classMeans;
  private final Tensor classCounts;
  private final @Nullable Connector connector;

  /**
   * The values are the authors' for ResNet-56 and ResNet-20 on CIFAR-100 (their {@code
   * train_cifar.sh}); their other pairs have weights of 0.5 to 2, and 1 to 4 for Hinton's loss.
   */
  static final ObjectiveKind KIND =
      new ObjectiveKind(
          "kd-plus-plus",
          new Settings(LayerPair.of(Activations.EMBEDDING), 2, 1, 4, WarmUp.DEFAULT_SHARE, 1),
          "the length of the teacher's embedding, and the direction of its class",
          "Wang et al. 2023, section 3");

  /**
   * The keys in YAML.
   *
   * @param on the two embeddings
   * @param weight the factor of the term
   * @param hinton the weight of Hinton's loss beside it; 0 for none
   * @param temperature of Hinton's loss, from 0.01 to 1000
   * @param warmUp the part of the training in which Hinton's loss grows to its size; 0 for none
   * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
   */
  public record Settings(
      LayerPair on,
      double weight,
      double hinton,
      double temperature,
      double warmUp,
      double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      ObjectiveSettings.notNegative("hinton", hinton);
      ObjectiveSettings.temperature("temperature", temperature);
      WarmUp.requireShare(warmUp);
      ObjectiveSettings.weights(weight, crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      List<Objective> objectives =
          CrossEntropy.beside(new KdPlusPlus(weight, on, pairing), crossEntropy);
      if (hinton != 0) {
        objectives.add(1, new GrowingHinton(temperature, hinton, 0, warmUp));
      }
      return objectives;
    }
  }

  /** Hinton's loss, which grows to its size. */
  record GrowingHinton(double temperature, double weight, double crossEntropy, double warmUp)
      implements LogitLoss {
    @Override
    public String name() {
      return Hinton.KIND.name();
    }

    @Override
    public Tensor loss(Tensor student, Tensor teacher) {
      return Hinton.loss(student, teacher, temperature);
    }

    @Override
    public Tensor loss(Step step) {
      return WarmUp.grown(LogitLoss.super.loss(step), warmUp, step);
    }
  }

  /** What is learned where the student's embedding has another width than the teacher's. */
  private record Connector(Tensor scale, Tensor shift, Tensor weight, Tensor bias) {
    static Connector declare(State state, long in, long out) {
      return new Connector(
          state.constant("connector.0.weight", 1, in),
          state.constant("connector.0.bias", 0, in),
          state.weight("connector.2.weight", out, in),
          state.constant("connector.2.bias", 0, out));
    }
  }

  /**
   * With no class means yet, and a new connector if the widths differ.
   *
   * @param weight the factor of the term
   * @param on the two embeddings
   * @throws IllegalArgumentException if a network lacks its layer, or the layer is no vector
   */
  KdPlusPlus(double weight, LayerPair on, Pairing pairing) {
    super(KIND.name(), weight, List.of(on), pairing);
    on.requireVectors(pairing);
    long in = pairing.studentShape(on.student())[0];
    long out = pairing.teacherShape(on.teacher())[0];
    this.connector = in == out ? null : Connector.declare(state, in, out);
    this.classMeans = state.buffer("class_mean", 0, pairing.classes(), out);
    this.classCounts = state.buffer("class_count", 0, pairing.classes());
  }

  @Override
  public Tensor loss(Step step) {
    Tensor teacher = teacher(step).get(0);
    Tensor student = student(step).get(0);
    Tensor labels = step.batch().labels();
    updateClassMeans(teacher, labels);
    if (connector != null) {
      Tensor kept =
          Tensors.scaled(
              step.random()
                  .at(name())
                  .uniform(state.type(), student.shape())
                  .ge(new Scalar(DROPOUT))
                  .to(student),
              1 / (1 - DROPOUT));
      student =
          connect(
              student, connector.scale, connector.shift, kept, connector.weight, connector.bias);
    }
    return loss(student, teacher, classMeans, labels);
  }

  private void updateClassMeans(Tensor teacher, Tensor labels) {
    try (NoGrad noGrad = NoGrad.open()) {
      Tensor rows = labelled(labels);
      Tensor classes = labels.index_select(0, rows);
      Tensor embeddings = teacher.index_select(0, rows).to(classMeans);
      Tensor added =
          torch
              .zeros_like(classCounts)
              .index_add_(0, classes, torch.ones_like(classes).to(classCounts));
      Tensor difference =
          torch
              .zeros_like(classMeans)
              .index_add_(0, classes, embeddings.sub(classMeans.index_select(0, classes)));
      classCounts.add_(added);
      classMeans.add_(difference.div(classCounts.clamp_min(new Scalar(1)).unsqueeze(1)));
    }
  }

  private static Tensor labelled(Tensor labels) {
    return labels.ne(new Scalar(Dataset.UNLABELLED)).nonzero().flatten();
  }

  /**
   * The mean over the labelled images.
   *
   * @param student embeddings {@code [N, d]}
   * @param teacher embeddings {@code [N, d]}
   * @param classMeans of the teacher's embeddings, {@code [classes, d]}; their lengths do not
   *     matter
   * @param labels {@code [N]} of 64-bit integers, {@link Dataset#UNLABELLED} where there is none
   * @return a scalar, 0 if no image has a label
   */
  static Tensor loss(Tensor student, Tensor teacher, Tensor classMeans, Tensor labels) {
    Tensor rows = labelled(labels);
    Tensor s = student.index_select(0, rows);
    Tensor t = teacher.index_select(0, rows);
    Tensor means = classMeans.index_select(0, labels.index_select(0, rows));
    Tensor directions = means.div(Tensors.norms(means, 1).clamp_min(new Scalar(LEAST_NORM)));
    Tensor studentNorms = Tensors.norms(s, 1);
    Tensor teacherNorms = Tensors.norms(t, 1);
    Tensor longest = torch.where(studentNorms.ge(teacherNorms), studentNorms, teacherNorms);
    Tensor projections =
        s.mul(directions)
            .div(longest.clamp_min(new Scalar(LEAST_NORM)))
            .masked_fill(longest.le(new Scalar(LEAST_NORM)), new Scalar(0.0))
            .sum(1);
    long count = Math.max(1, rows.size(0));
    return projections.neg().add(new Scalar(1.0)).sum().div(new Scalar(count));
  }

  /**
   * The connector from the student's width to the teacher's: batch normalisation, dropout, a linear
   * layer.
   *
   * @param student embeddings {@code [N, d_s]}
   * @param scale the batch normalisation's γ, {@code [d_s]}
   * @param shift the batch normalisation's β, {@code [d_s]}
   * @param kept what dropout multiplies by, {@code [N, d_s]}: 0 or 1 / (1 − its rate)
   * @param weight {@code [d_t, d_s]}
   * @param bias {@code [d_t]}
   * @return {@code [N, d_t]}
   */
  static Tensor connect(
      Tensor student, Tensor scale, Tensor shift, Tensor kept, Tensor weight, Tensor bias) {
    Tensor normalized = ConnectorLayers.batchNormalization(student, scale, shift);
    return ConnectorLayers.linear(normalized.mul(kept), weight, bias);
  }
}
