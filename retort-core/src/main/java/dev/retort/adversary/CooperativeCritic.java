package dev.retort.adversary;

import dev.retort.distill.CrossEntropy;
import dev.retort.distill.LayerPair;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveKind;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.State;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A critic T of pairs that the student helps instead of fooling. T tells the pair of one image (the
 * student's h and the teacher's c) from pairs of different images. T and the student both raise its
 * success, and with it a lower bound of the mutual information of the two networks'
 * representations. It is the game of the adversary of pairs with the sign of the student's part
 * turned round.
 *
 * <p>{@code noise-contrastive} (Tian, Krishnan and Isola 2020, section 3.1, with a critic of any
 * form instead of a product of embeddings): the loss is −E log σ(T(h_i, c_i)) − K E log(1 −
 * σ(T(h_i, c_j))), j ≠ i. There are K pairs of different images for each of the same, and I(h; c) ≥
 * log K − loss. {@code wasserstein} (Chen et al. 2021, the global term of section 3): −E T(h_i,
 * c_i) + E T(h_i, c_j). Its best value over T of Lipschitz constant 1 is minus the Wasserstein
 * distance between the joint distribution and the product of its marginals. T's weights are
 * spectrally normalised; as it reads [h, c, h − c], its constant is at most √3, and so is the
 * distance's factor.
 *
 * @see <a href="https://arxiv.org/abs/1910.10699">Contrastive Representation Distillation</a>
 * @see <a href="https://arxiv.org/abs/2012.08674">Wasserstein Contrastive Representation
 *     Distillation</a>
 */
public final class CooperativeCritic implements Objective {
  private final double weight;
  private final Bound bound;
  private final int negatives;
  private final Encoding encoding;
  private final Representation representation;
  private final Discriminator critic;
  private final State learned;

  /** What is raised. */
  public enum Bound {
    NOISE_CONTRASTIVE,
    WASSERSTEIN
  }

  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "cooperative-critic",
          new Settings(
              LayerPair.of(Activations.EMBEDDING),
              Bound.NOISE_CONTRASTIVE,
              8,
              List.of(128),
              new Encoding.Standardized(),
              0.1,
              1),
          "a critic that recognises both networks' representations of one image as a pair",
          "Tian, Krishnan and Isola 2020, section 3.1; Chen et al. 2021, section 3");

  /**
   * The keys in YAML.
   *
   * @param on the layers compared; a connector brings the student's to the teacher's width
   * @param bound what is raised: the bound of the mutual information, or a Wasserstein distance
   * @param negatives K, pairs of two images for each pair of one image; at least 1
   * @param hidden the widths of the critic's hidden layers, at least one
   * @param encoding what is done to both networks' representations before the critic reads them
   * @param weight the factor of the term, and so of the critic's own steps, which the student's
   *     optimiser makes: at a learning rate of 0.1, 0.3 diverged
   * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
   */
  public record Settings(
      LayerPair on,
      Bound bound,
      int negatives,
      List<Integer> hidden,
      Encoding encoding,
      double weight,
      double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      hidden = DiscriminatorSettings.widths("hidden", hidden);
      if (hidden.isEmpty()) {
        throw new IllegalArgumentException(
            "a critic without hidden layers adds up what it reads, and cannot recognise pairs");
      }
      ObjectiveSettings.weights(weight, crossEntropy);
      if (negatives < 1) {
        throw new IllegalArgumentException("negatives must be at least 1, not " + negatives);
      }
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      return CrossEntropy.beside(new CooperativeCritic(this, pairing), crossEntropy);
    }
  }

  CooperativeCritic(Settings settings, Pairing pairing) {
    this.weight = settings.weight();
    this.bound = settings.bound();
    this.negatives = settings.negatives();
    this.encoding = settings.encoding();
    this.representation = new ActivationRepresentation(settings.on(), pairing);
    RandomSource random = pairing.random().at(name());
    this.learned = pairing.state(random);
    this.critic =
        new LayeredDiscriminator(
            false,
            representation.shape()[0],
            settings.hidden(),
            Conditioning.PAIR,
            pairing.classes(),
            bound == Bound.WASSERSTEIN,
            learned);
    State connector = representation.connector();
    if (connector != null) {
      connector
          .parameters()
          .forEach((name, tensor) -> learned.parameter("connector." + name, tensor));
    }
  }

  @Override
  public Tensor loss(Step step) {
    critic.refresh();
    Tensor student = encoding.encode(representation.student(step));
    Tensor teacher = encoding.encode(representation.teacher(step)).detach();
    // One pass over all pairs: those of the same image first, then K times those of two.
    Tensor[] partners = new Tensor[1 + negatives];
    partners[0] = teacher;
    for (int k = 0; k < negatives; k++) {
      RandomSource random = step.random().at(name()).at(k);
      partners[1 + k] = Derangement.of(teacher, random);
    }
    Tensor[] students = new Tensor[1 + negatives];
    Arrays.fill(students, student);
    Tensor scores =
        score(torch.cat(new TensorVector(students), 0), torch.cat(new TensorVector(partners), 0))
            .reshape(1 + negatives, -1);
    return ofSame(scores.select(0, 0)).add(ofDifferent(scores.narrow(0, 1, negatives)));
  }

  private Tensor score(Tensor student, Tensor partner) {
    return critic.judge(student, new Condition(null, partner), learned.parameters()).logits();
  }

  private Tensor ofSame(Tensor scores) {
    return bound == Bound.WASSERSTEIN ? scores.mean().neg() : torch.softplus(scores.neg()).mean();
  }

  /** Of scores {@code [K, N]}: their mean has weight K in the one bound and 1 in the other. */
  private Tensor ofDifferent(Tensor scores) {
    return bound == Bound.WASSERSTEIN
        ? scores.mean()
        : Tensors.scaled(torch.softplus(scores).mean(), negatives);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public double weight() {
    return weight;
  }

  @Override
  public boolean isAtLeastZero() {
    return bound != Bound.WASSERSTEIN;
  }

  @Override
  public Set<String> studentTaps() {
    return representation.studentTaps();
  }

  @Override
  public Set<String> teacherTaps() {
    return representation.teacherTaps();
  }

  @Override
  public State state() {
    return learned;
  }
}
