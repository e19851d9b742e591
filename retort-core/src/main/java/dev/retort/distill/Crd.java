package dev.retort.distill;

import dev.retort.data.Dataset;
import dev.retort.engine.Collective;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.State;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Contrastive representation distillation (Tian, Krishnan and Isola 2020, section 3.1, and equation
 * 18 for the form with a memory): a critic must tell the teacher's embedding of the same image from
 * the teacher's embeddings of K other images, and likewise with the networks exchanged. Student and
 * critic both raise its success, which bounds the mutual information of the two embeddings from
 * below.
 *
 * <p>Both embeddings go through a linear layer of their own to unit vectors v. For an image the
 * score of another is p = exp(⟨v, m⟩ / T) / Z with m from the other network's memory. Let n be the
 * number of training images, p₀ the score of the image itself, and ε = 1e-7. Then the term is −log
 * [p₀ / (p₀ + K/n + ε)] − Σ log [(K/n) / (p + K/n + ε)]. The sum is over the image's negatives. The
 * mean is taken over images, and the term of the student's v against the teacher's memory is added
 * to that of the reverse.
 *
 * <p>The following is as in the authors' code. Z is n times the mean of the first batch's scores,
 * fixed from then on. The memories start as uniform numbers. After each use the batch's rows become
 * the normalised momentum · old + (1 − momentum) · v, without gradient. The teacher's linear layer
 * learns too. T is 0.07, where the paper names 0.1. The negatives are images of other classes, each
 * at most once, unless fewer than K images are of other classes.
 *
 * <p>Otherwise than there, negatives are drawn as a function of the step and the image. An image
 * counts as of another class until a batch has shown its label. Unless the configuration says how
 * many, there are 16384 negatives or half the training images, whichever is less.
 *
 * @see <a href="https://arxiv.org/abs/1910.10699">Contrastive Representation Distillation</a>
 */
final class Crd extends ConnectedLoss {
  private static final double EPSILON = 1e-7;
  private static final int DEFAULT_NEGATIVES = 16384;

  /** A batch's rows of the memory are counted in an int. */
  private static final int MOST_NEGATIVES = 1 << 20;

  /** The rows of a new memory are at most √3 long, and fp32 holds exp(√3 / T) from 0.0196 on. */
  private static final double LEAST_TEMPERATURE = 0.02;

  /**
   * Beyond, all scores are 1 within a thousandth, and the gradient, which is as 1 / T, is nothing.
   */
  private static final double LARGEST_TEMPERATURE = 1000;

  private final double temperature;
  private final double momentum;
  private final int negatives;
  private final Side student;
  private final Side teacher;
  private final Tensor labels;
  private @Nullable Known known;
  private @Nullable Shown shown;

  /**
   * The values are the paper's CRD+KD as its code, RepDistiller, has it for CIFAR-100. {@code
   * hinton: 0} is its CRD.
   */
  static final ObjectiveKind KIND =
      new ObjectiveKind(
          "crd",
          new Settings(LayerPair.of(Activations.EMBEDDING), null, 0.07, 0.5, 128, 0.8, 1, 4, 1),
          "the teacher's embedding of an image, among those of other images",
          "Tian, Krishnan and Isola 2020, section 3.1 and equation 18");

  /**
   * The keys in YAML.
   *
   * @param on the two embeddings
   * @param negatives K, how many an image is contrasted with, at least 1; null for 16384, or half
   *     the training images if those are fewer
   * @param temperature T, from 0.02 to 1000
   * @param momentum the share of the old vector in the memory, in [0, 1)
   * @param dimensions of v, at least 2
   * @param weight the factor of the term
   * @param hinton the weight of Hinton's loss beside it; 0 for none
   * @param hintonTemperature of Hinton's loss, from 0.01 to 1000
   * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
   */
  public record Settings(
      LayerPair on,
      @Nullable Integer negatives,
      double temperature,
      double momentum,
      int dimensions,
      double weight,
      double hinton,
      double hintonTemperature,
      double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      ObjectiveSettings.within("temperature", temperature, LEAST_TEMPERATURE, LARGEST_TEMPERATURE);
      ObjectiveSettings.notNegative("hinton", hinton);
      ObjectiveSettings.temperature("hintonTemperature", hintonTemperature);
      ObjectiveSettings.weights(weight, crossEntropy);
      require(
          negatives == null || (negatives > 0 && negatives <= MOST_NEGATIVES),
          "negatives",
          "from 1 to " + MOST_NEGATIVES,
          negatives);
      require(momentum >= 0 && momentum < 1, "momentum", "in [0, 1)", momentum);
      require(dimensions > 1, "dimensions", "at least 2", dimensions); // one has no direction
    }

    private static void require(boolean holds, String key, String what, @Nullable Number value) {
      if (!holds) {
        throw new IllegalArgumentException(key + " must be " + what + ", not " + value);
      }
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      List<Objective> objectives = CrossEntropy.beside(new Crd(this, pairing), crossEntropy);
      if (hinton != 0) {
        objectives.add(1, new Hinton(hintonTemperature, hinton, 0));
      }
      return objectives;
    }
  }

  /**
   * What the state's tensors say that is asked at every step, so that they need not be read.
   *
   * @param version of the tensors when they said so; a checkpoint that is restored makes another
   * @param studentNormalizer Z of the student's v; −1 until known
   * @param teacherNormalizer likewise
   */
  private record Known(
      Negatives negatives, long version, double studentNormalizer, double teacherNormalizer) {}

  /** What a step has shown and the memories do not hold yet: rows of all ranks' images, and v. */
  private record Shown(Tensor batch, Tensor student, Tensor teacher) {}

  /** One network's linear layer, memory, and the Z of the scores of its v; Z is −1 until known. */
  private record Side(Tensor weight, Tensor bias, Tensor memory, Tensor normalizer) {
    static Side declare(
        State state, RandomSource random, String name, long in, long out, long images) {
      double bound = 1 / Math.sqrt(out / 3.0);
      Tensor memory = random.at(name + ".memory").symmetric(state.type(), bound, images, out);
      return new Side(
          state.weight(name + ".linear.weight", out, in),
          state.bias(name + ".linear.bias", out, in),
          state.buffer(name + ".memory", memory),
          state.buffer(name + ".normalizer", -1));
    }

    /** Z, if it is known; else it is fixed at the first scores of all ranks. */
    double normalizer(double known, Tensor scores, Collective ranks) {
      if (known >= 0) {
        return known;
      }
      double z = Tensors.toDouble(ranks.mean(scores.detach().mean())) * memory.size(0);
      normalizer.fill_(new Scalar(z));
      // As it is remembered, which rounds it: a resumed run has no other.
      return Tensors.toDouble(normalizer);
    }
  }

  /**
   * With new linear layers and memories.
   *
   * @throws IllegalArgumentException if a network lacks its layer, or the layer is no vector, or
   *     there is only one training image
   */
  Crd(Settings settings, Pairing pairing) {
    super(KIND.name(), settings.weight(), List.of(settings.on()), pairing);
    LayerPair on = settings.on();
    on.requireVectors(pairing);
    int images = pairing.trainingImages();
    if (images < 2) {
      throw new IllegalArgumentException(
          "crd contrasts an image with others; there is only " + images + " training image");
    }
    Integer count = settings.negatives();
    this.negatives = count != null ? count : Math.max(1, Math.min(DEFAULT_NEGATIVES, images / 2));
    this.temperature = settings.temperature();
    this.momentum = settings.momentum();
    int dimensions = settings.dimensions();
    RandomSource random = pairing.random().at(name());
    long studentWidth = pairing.studentShape(on.student())[0];
    long teacherWidth = pairing.teacherShape(on.teacher())[0];
    this.student = Side.declare(state, random, "student", studentWidth, dimensions, images);
    this.teacher = Side.declare(state, random, "teacher", teacherWidth, dimensions, images);
    this.labels =
        state.buffer(
            "labels",
            torch.full(
                new long[] {images},
                new Scalar(Dataset.UNLABELLED),
                new TensorOptions(torch.ScalarType.Long)));
  }

  @Override
  public boolean isMeanOverImages() {
    return true;
  }

  @Override
  public Tensor loss(Step step) {
    Collective ranks = step.collective();
    int[] samples = step.batch().samples();
    Tensor own = Tensors.of(Arrays.stream(samples).asLongStream().toArray(), samples.length);
    // What is remembered is of all ranks' images, so that all have the same memory.
    Tensor batch = ranks.gather(Tensors.toDeviceOf(own, labels));
    Tensor classes = ranks.gather(step.batch().labels().to(labels));
    Known before = known();
    labels.index_copy_(0, batch, classes);
    before.negatives.learn(Tensors.toLongs(batch), Tensors.toLongs(classes));
    long[] rows = before.negatives.rows(samples, negatives, step.random().at(name()));
    Tensor indices = Tensors.toDeviceOf(Tensors.of(rows, samples.length, negatives + 1), labels);

    Tensor s = embed(student(step).get(0), student.weight, student.bias);
    Tensor t = embed(teacher(step).get(0), teacher.weight, teacher.bias);
    Tensor studentScores = scores(s, teacher.memory, indices, temperature);
    Tensor teacherScores = scores(t, student.memory, indices, temperature);
    double ofStudent = student.normalizer(before.studentNormalizer, studentScores, ranks);
    double ofTeacher = teacher.normalizer(before.teacherNormalizer, teacherScores, ranks);
    int images = Math.toIntExact(labels.size(0));
    known = new Known(before.negatives, version(), ofStudent, ofTeacher);
    shown = new Shown(batch, s.detach(), t.detach());
    return contrast(studentScores, ofStudent, images)
        .add(contrast(teacherScores, ofTeacher, images));
  }

  /** Of the labels and of both Z together: it grows with every change. */
  private long version() {
    return labels._version() + student.normalizer._version() + teacher.normalizer._version();
  }

  private Known known() {
    if (known != null && known.version == version()) {
      return known;
    }
    return new Known(
        new Negatives(Tensors.toLongs(labels)),
        version(),
        Tensors.toDouble(student.normalizer),
        Tensors.toDouble(teacher.normalizer));
  }

  /** The memories take in the step, since the backward pass has read them as they were. */
  @Override
  public void afterGradient(Step step) {
    Shown last = Objects.requireNonNull(shown, "no loss was computed");
    shown = null;
    try (NoGrad noGrad = NoGrad.open()) {
      remember(student.memory, last.batch, step.collective().gather(last.student));
      remember(teacher.memory, last.batch, step.collective().gather(last.teacher));
    }
  }

  private void remember(Tensor memory, Tensor batch, Tensor embeddings) {
    Tensor old = Tensors.scaled(memory.index_select(0, batch), momentum);
    Tensor mixed = old.add(Tensors.scaled(embeddings.detach(), 1 - momentum));
    memory.index_copy_(0, batch, normalized(mixed));
  }

  /**
   * A linear layer and division by the Euclidean norm.
   *
   * @param features {@code [N, in]}
   * @param weight {@code [d, in]}
   * @param bias {@code [d]}
   * @return {@code [N, d]}
   */
  static Tensor embed(Tensor features, Tensor weight, Tensor bias) {
    return normalized(ConnectorLayers.linear(features, weight, bias));
  }

  /**
   * The scores before the division by Z: exp(⟨v, m⟩ / T).
   *
   * @param anchors v, {@code [N, d]}
   * @param memory {@code [images, d]}
   * @param indices of 64-bit integers {@code [N, 1 + K]}, rows of the memory
   * @param temperature T
   * @return {@code [N, 1 + K]}
   */
  static Tensor scores(Tensor anchors, Tensor memory, Tensor indices, double temperature) {
    // One product with the whole memory and a choice from it takes a fraction of the time and space
    // of N · K copied rows.
    Tensor all = anchors.matmul(memory.t());
    return all.gather(1, indices).div_(new Scalar(temperature)).exp_();
  }

  /**
   * The noise-contrastive loss of scores whose first column is the positives'.
   *
   * @param scores before the division by Z, {@code [N, 1 + K]}
   * @param normalizer Z
   * @param images n
   * @return a scalar
   */
  static Tensor contrast(Tensor scores, double normalizer, int images) {
    double noise = (scores.size(1) - 1.0) / images;
    // With r = p / (K/n) the terms are log r − log(1 + r + ε n/K) and −log(1 + r + ε n/K): near 1
    // the logarithm of a quotient would lose what the sum over thousands of negatives is made of.
    Tensor ratios = scores.div(new Scalar(normalizer * noise));
    Tensor positives = ratios.select(1, 0).log().sum();
    Tensor all = ratios.add(new Scalar(EPSILON / noise)).log1p().sum();
    return all.sub(positives).div(new Scalar(scores.size(0)));
  }

  private static Tensor normalized(Tensor vectors) {
    return vectors.div(Tensors.norms(vectors, 1));
  }
}
