package dev.retort.adversary;

import dev.retort.distill.LayerPair;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveKind;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Opponent;
import dev.retort.distill.Pairing;
import dev.retort.engine.RandomSource;
import dev.retort.network.Activations;
import dev.retort.optimization.Adam;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The talk's method. Every representation in {@code on} gets a discriminator of its own.
 *
 * @param on what the discriminators read, one each: {@code logits}, {@code embedding}, {@code
 *     stage:N}, a layer, a pair of layers, {@code similarities:LAYER} (relations within the batch),
 *     {@code teacher-classifier} (the embedding through the teacher's last layer), or {@code
 *     weights} (the kernels)
 * @param loss the outer objective, and with it D's own
 * @param encoding what is done to both networks' representations before D reads them
 * @param distribution what q_t and q_s are; {@code sigma} is in the units of what was encoded, and
 *     an {@code annealed} one falls linearly to 0 over the training
 * @param discriminator D
 * @param steps k, D's steps for each of the student's; at least 0
 * @param learningRate of D's own optimiser, Adam; positive
 * @param betas Adam's β₁ and β₂, in [0, 1)
 * @param realTarget D's target on the teacher's side, in (½, 1]; below 1, for one-sided smoothing,
 *     only with a loss that has targets (talk, logit, non-saturating, saturating, least-squares)
 * @param penalty on D's slope; null for none, but a {@code gradientPenalty} of 10 where the loss is
 *     {@code wasserstein-gp}
 * @param replay how many of the student's latest representations are remembered, of which D is
 *     shown as many as the batch has, drawn at random, also by {@code relativistic}; 0 for none
 * @param convergence when D stops before {@code steps}, which must then be more than 1, or 0; null
 *     for never
 * @param restart after how many of the student's steps D begins anew; 0 for never
 * @param unroll through how many further steps of D the student's gradient flows; 0 for none, which
 *     {@code steps: 0} and {@code convergence} require
 * @param kernels how kernels are read
 * @param similarities of {@code similarities:LAYER}, with how many other images of the batch each
 *     is compared; at least 1
 * @param control what is taken away from the adversary, to see what its effect is due to
 * @param weight of the student's term
 */
public record AdversarySettings(
    List<LayerPair> on,
    GanLoss loss,
    Encoding encoding,
    Distribution distribution,
    DiscriminatorSettings discriminator,
    int steps,
    double learningRate,
    List<Double> betas,
    double realTarget,
    @Nullable Penalty penalty,
    int replay,
    @Nullable Convergence convergence,
    int restart,
    int unroll,
    KernelSlices.Settings kernels,
    int similarities,
    Control control,
    Weight weight)
    implements ObjectiveSettings {
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "adversary",
          of(
              List.of(LayerPair.of(Activations.LOGITS), LayerPair.of(Activations.EMBEDDING)),
              GanLoss.TALK,
              1,
              Weight.DEFAULTS),
          "a discriminator of hidden representations, which is to take it for the teacher",
          "Kolesov and Bakhteev 2021");

  public AdversarySettings {
    on = ObjectiveSettings.atLeastOne(on);
    betas = List.copyOf(betas);
    penalty = (penalty == null ? Penalty.DEFAULTS : penalty).with(loss);
    if (betas.size() != 2) {
      throw new IllegalArgumentException("betas are two numbers, not " + betas);
    }
    if (similarities < 1) {
      throw new IllegalArgumentException("similarities must be at least 1, not " + similarities);
    }
    requireNotNegative("steps", steps);
    requireNotNegative("replay", replay);
    requireNotNegative("restart", restart);
    requireNotNegative("unroll", unroll);
    ObjectiveSettings.positive("learningRate", learningRate);
    adam(betas);
    if (unroll > 0 && (steps == 0 || convergence != null || replay > 0)) {
      throw new IllegalArgumentException(
          "unroll adds steps of a D that learns, from all of a batch and nothing else: with steps: 0, convergence or replay leave it out");
    }
    if (convergence != null && steps == 1) {
      throw new IllegalArgumentException(
          "convergence has nothing to stop with steps: 1: set the most steps that it may take, such as steps: 20");
    }
    if (!(realTarget > 0.5 && realTarget <= 1)) {
      throw new IllegalArgumentException("realTarget must be in (0.5, 1], not " + realTarget);
    }
    if (realTarget != 1 && !loss.hasTargets()) {
      throw new IllegalArgumentException(
          "realTarget is for losses that have targets; " + loss + " has none");
    }
    if (weight.adaptiveBeta() != null && !loss.learnsProbability()) {
      throw new IllegalArgumentException(
          "weight.adaptiveBeta reads D's mean probability on the student; of the loss "
              + loss
              + " there is none");
    }
  }

  private static void requireNotNegative(String key, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(key + " must not be negative, but is " + value);
    }
  }

  @Override
  public Penalty penalty() {
    return Objects.requireNonNull(penalty);
  }

  /** The constants of D's own optimiser. */
  Adam.Settings adam() {
    return adam(betas);
  }

  private static Adam.Settings adam(List<Double> betas) {
    return new Adam.Settings(betas.get(0), betas.get(1), 1e-8);
  }

  /** The talk's method with every default but these. */
  public static AdversarySettings of(List<LayerPair> on, GanLoss loss, int steps, Weight weight) {
    return new AdversarySettings(
        on,
        loss,
        new Encoding.Raw(),
        new Distribution.Deterministic(),
        DiscriminatorSettings.DEFAULTS,
        steps,
        1e-3,
        List.of(0.5, 0.9),
        1,
        null,
        0,
        null,
        0,
        0,
        KernelSlices.Settings.DEFAULTS,
        16,
        Control.NONE,
        weight);
  }

  /**
   * A part of each batch is kept from D, and D stops as soon as a step does not improve its loss
   * there by more than {@code tolerance}. That loss is of the teacher and this step's student,
   * without former and misaligned ones, and without the penalty; {@code steps} is then the most.
   * YAML: {@code convergence: {heldOut: 0.25, tolerance: 0.001}}. Each of D's steps then waits for
   * the device.
   *
   * @param heldOut the part of the batch, its last rows, that D does not learn from, in (0, 1)
   * @param tolerance in the units of D's loss, at least 0
   */
  public record Convergence(double heldOut, double tolerance) {
    /** The values of a convergence without keys. */
    public static final Convergence DEFAULTS = new Convergence(0.25, 1e-3);

    public Convergence {
      if (!(heldOut > 0 && heldOut < 1)) {
        throw new IllegalArgumentException("heldOut must be in (0, 1), not " + heldOut);
      }
      ObjectiveSettings.notNegative("tolerance", tolerance);
    }

    /** How many of a batch's rows D learns from; of two or more at least one on either side. */
    long rowsLearntFrom(long rows) {
      return Math.max(1, Math.min(rows - 1, Math.round(rows * (1 - heldOut))));
    }
  }

  /**
   * YAML: {@code weight: {gradientRatio: 0.1, start: 0.1, full: 0.2, decay: 0.75}}, or {@code
   * fixed} or {@code adaptiveBeta} in the place of {@code gradientRatio}. One balance, and when it
   * counts in parts of the training.
   *
   * @param fixed a constant weight, at least 0; null for none
   * @param gradientRatio the norm of the adversary's gradient over that of the rest of the loss, at
   *     least 0; the weight that makes it is 100 at most; null for 0.1, or none where another of
   *     the three is chosen
   * @param adaptiveBeta the first value of β, from 0.001 to 1000, which doubles at a step where D's
   *     mean output on the student is below 0.2, and halves where it is above 0.45; only with a
   *     loss of which D learns a probability (talk, logit, non-saturating, saturating); null for
   *     none
   * @param start the share of the training before which the weight is 0, in [0, full]
   * @param full the share of the training at which the weight is whole, in [start, decay]
   * @param decay the share of the training from which the weight falls to 0, along half a cosine,
   *     in [full, 1]
   */
  public record Weight(
      @Nullable Double fixed,
      @Nullable Double gradientRatio,
      @Nullable Double adaptiveBeta,
      double start,
      double full,
      double decay) {
    private static final double DEFAULT_RATIO = 0.1;

    /** The keys of which one is given. */
    public static final List<String> BALANCES = List.of("fixed", "gradientRatio", "adaptiveBeta");

    /** The values of keys that are left out. */
    public static final Weight DEFAULTS = new Weight(null, DEFAULT_RATIO, null, 0.1, 0.2, 0.75);

    public Weight {
      int given =
          (fixed == null ? 0 : 1)
              + (gradientRatio == null ? 0 : 1)
              + (adaptiveBeta == null ? 0 : 1);
      if (given > 1) {
        throw new IllegalArgumentException(
            "weight takes one of fixed, gradientRatio and adaptiveBeta; where another is inherited,"
                + " give that one no value: {gradientRatio: , fixed: 1}");
      }
      if (given == 0) {
        gradientRatio = DEFAULT_RATIO;
      }
      if (fixed != null) {
        ObjectiveSettings.notNegative("weight", fixed);
      }
      if (gradientRatio != null) {
        ObjectiveSettings.notNegative("gradientRatio", gradientRatio);
      }
      if (adaptiveBeta != null && !(adaptiveBeta >= 1e-3 && adaptiveBeta <= 1e3)) {
        throw new IllegalArgumentException(
            "adaptiveBeta starts within [0.001, 1000], not at " + adaptiveBeta);
      }
      if (!(0 <= start && start <= full && full <= decay && decay <= 1)) {
        throw new IllegalArgumentException(
            "the parts of the training must rise: 0 <= start <= full <= decay <= 1, not %s, %s, %s"
                .formatted(start, full, decay));
      }
    }

    /** A constant weight from the first step to the last. */
    public static Weight fixed(double weight) {
      return new Weight(weight, null, null, 0, 0, 1);
    }

    /**
     * The part of the weight that counts at a point of the training, in [0, 1]. A strong adversary
     * from the first step destroys a student that cannot classify yet.
     *
     * @param progress the share of the training that lies behind, in [0, 1]
     */
    double factor(double progress) {
      if (progress < start) {
        return 0;
      }
      if (progress < full) {
        return (progress - start) / (full - start);
      }
      if (progress < decay || decay == 1) {
        return 1;
      }
      return (1 + Math.cos(Math.PI * (progress - decay) / (1 - decay))) / 2;
    }
  }

  @Override
  public List<Objective> build(Pairing pairing) {
    List<Objective> adversaries = new ArrayList<>();
    for (LayerPair layers : on) {
      for (Representation representation : representations(layers, pairing)) {
        adversaries.add(adversary(representation.name(), representation, pairing));
      }
    }
    return adversaries;
  }

  private List<Representation> representations(LayerPair layers, Pairing pairing) {
    if (layers.equals(LayerPair.of(KernelSlices.NAME))) {
      if (discriminator.condition() != Conditioning.NONE) {
        throw new IllegalArgumentException(
            "a discriminator of weights reads kernels, which are not of images: its condition must"
                + " be none");
      }
      return List.copyOf(KernelSlices.of(kernels, pairing));
    }
    if (TeacherClassifier.isMeant(layers)) {
      return List.of(new TeacherClassifier(TeacherClassifier.studentLayer(layers), pairing));
    }
    if (BatchSimilarities.areMeant(layers)) {
      return List.of(new BatchSimilarities(layers, similarities, pairing));
    }
    return List.of(new ActivationRepresentation(layers, pairing));
  }

  private Adversary adversary(String label, Representation representation, Pairing pairing) {
    RandomSource random = pairing.random().at("discriminator").at(label);
    long[] shape = representation.shape();
    return new Adversary(
        label,
        representation,
        this,
        new InnerProblem(
            this,
            source -> discriminator.create(shape, pairing.classes(), pairing.state(source)),
            random),
        new TermWeight(weight, representation, pairing.state(pairing.random())),
        replay == 0
            ? null
            : new Replay(
                replay,
                shape,
                discriminator.condition() == Conditioning.PAIR,
                pairing.state(random.at("replay"))));
  }

  /**
   * A discriminator of the logits that watches and has no influence on the student: it gives
   * methods without an adversary, or with one that learns another probability or none, the talk's
   * first figure.
   *
   * @param objectives the method's
   * @return nothing where one of them has a discriminator of the logits that learns the same
   */
  public static List<Objective> observer(List<Objective> objectives, Pairing pairing) {
    if (objectives.stream().anyMatch(AdversarySettings::showsProbabilityOfLogits)) {
      return List.of();
    }
    AdversarySettings settings =
        of(List.of(LayerPair.of(Activations.LOGITS)), GanLoss.TALK, 1, Weight.fixed(0));
    Representation logits = settings.representations(settings.on.get(0), pairing).get(0);
    return List.of(settings.adversary(Opponent.OBSERVER + logits.name(), logits, pairing));
  }

  private static boolean showsProbabilityOfLogits(Objective objective) {
    return objective.opponent() instanceof Adversary adversary
        && adversary.label().equals("logits")
        && adversary.learnsMarginalProbability();
  }
}
