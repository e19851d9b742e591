package dev.retort.adversary;

import dev.retort.distill.MeasuredWeight;
import dev.retort.distill.Objective;
import dev.retort.distill.Opponent;
import dev.retort.distill.Step;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.network.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The talk's two-level problem for one representation. {@link #learn} is the inner problem: D_θ
 * learns to tell the teacher's representations from the student's, on detached representations, by
 * k steps of its own optimiser. {@link #loss} is the student's term of the outer problem, with D
 * frozen:
 *
 * <pre>
 *   θ*   = arg max_θ    E log D_θ(t) + E log(1 − D_θ(s))
 *   w_s* = arg max_{w_s} E D_θ*(s) − Σ L(y | g(w_s, x))
 * </pre>
 *
 * <p>(Kolesov and Bakhteev 2021; docs/method.md says how each line is read.) The derivative
 * ∂θ*&#47;∂w_s is dropped, or kept through the steps of D that {@code unroll} asks for.
 */
final class Adversary implements Objective, Opponent {
  private final String label;
  private final Representation representation;
  private final AdversarySettings settings;
  private final InnerProblem inner;
  private final TermWeight weight;
  private final @Nullable Replay replay;

  Adversary(
      String label,
      Representation representation,
      AdversarySettings settings,
      InnerProblem inner,
      TermWeight weight,
      @Nullable Replay replay) {
    settings.control().require(representation);
    this.label = label;
    this.representation = representation;
    this.settings = settings;
    this.inner = inner;
    this.weight = weight;
    this.replay = replay;
  }

  /**
   * The inner problem: k steps of D towards θ*(w_s), on this step's representations without their
   * gradient.
   */
  @Override
  public void learn(Step step) {
    inner.beginStep(step.number());
    if (settings.steps() == 0) {
      return;
    }
    RandomSource random = random(step);
    Samples read = teacher(step).detached();
    Samples teacher = shown(read, read, random.at("teacher"));
    Samples student = shown(student(step).detached(), read, random.at("student"));
    AdversarySettings.Convergence convergence = settings.convergence();
    if (convergence == null) {
      inner.solve(evidence(teacher, student, random), null, random, step.collective());
    } else {
      long rows = convergence.rowsLearntFrom(teacher.size());
      long heldOut = teacher.size() - rows;
      inner.solve(
          evidence(teacher.rows(0, rows), student.rows(0, rows), random),
          Evidence.of(teacher.rows(rows, heldOut), student.rows(rows, heldOut)),
          random,
          step.collective());
    }
    if (replay != null) {
      replay.add(student);
    }
  }

  /** The student's term, before its weight: −E D(s) for the talk. */
  @Override
  public Tensor loss(Step step) {
    Samples student = student(step);
    Map<String, Tensor> theta = inner.theta();
    if (settings.unroll() > 0) {
      RandomSource random = random(step);
      Samples teacher = teacher(step);
      Samples real = shown(teacher, teacher, random.at("teacher"));
      Samples fake = shown(student, teacher, random.at("student"));
      theta = inner.unrolled(evidence(real, fake, random), random.at("unroll"));
    }
    Tensor ofStudent = inner.judge(student, theta).logits();
    if (weight.readsStudentLogits()) {
      weight.notice(ofD(student, ofStudent), step.collective());
    }
    Map<String, Tensor> judging = theta;
    return settings.loss().student(ofStudent, () -> inner.judge(teacher(step), judging).logits());
  }

  /** What D itself says, where the student is judged by one that is unrolled from it. */
  private Tensor ofD(Samples student, Tensor ofStudent) {
    if (settings.unroll() == 0) {
      return ofStudent;
    }
    try (NoGrad noGrad = NoGrad.open()) {
      return inner.judge(student, inner.theta()).logits();
    }
  }

  /** What D is shown to learn from in the place of a side's representations. */
  private Samples shown(Samples side, Samples teacher, RandomSource random) {
    return settings.control().shown(side, teacher.values(), random);
  }

  private Evidence evidence(Samples real, Samples fake, RandomSource random) {
    List<Evidence.Fakes> fakes = new ArrayList<>(List.of(new Evidence.Fakes(fake, null)));
    Evidence.Fakes misaligned =
        settings.discriminator().misaligned().fakes(real, random.at("misaligned"));
    if (misaligned != null) {
      fakes.add(misaligned);
    }
    Samples former = replay == null ? null : replay.draw(real.size(), random.at("replay"));
    if (former != null) {
      fakes.add(new Evidence.Fakes(former, null));
    }
    return new Evidence(real, fakes);
  }

  private Samples teacher(Step step) {
    Tensor sample = sample(representation.teacher(step), step, "teacher").detach();
    return new Samples(settings.control().ofTeacher(sample, step), condition(step));
  }

  private Samples student(Step step) {
    return new Samples(sample(representation.student(step), step, "student"), condition(step));
  }

  /** A batch of samples of q_t or q_s, of what is read of one of the networks. */
  private Tensor sample(Tensor read, Step step, String side) {
    Tensor encoded = settings.encoding().encode(read);
    RandomSource noise = representation.noise(step, side);
    return settings.distribution().sample(encoded, noise, step.progress());
  }

  /** The partners of a step's images, encoded, without noise or gradient. */
  private Tensor partner(Step step) {
    return settings.encoding().encode(representation.partner(step)).detach();
  }

  private Condition condition(Step step) {
    if (!representation.isOfImages()) {
      return Condition.NONE;
    }
    return new Condition(
        step.batch().labels(),
        readsSecondView() ? settings.control().ofTeacher(partner(step), step) : null);
  }

  private RandomSource random(Step step) {
    return step.random().at("adversary").at(label);
  }

  /** What it is called among a run's discriminators: {@code logits}, {@code observer:logits}. */
  @Override
  public String label() {
    return label;
  }

  /**
   * Whether σ of D's output is a probability of being the teacher's rather than the student's: D
   * {@link #learnsToTellThem}, and no penalty or bound holds its slope.
   */
  boolean learnsProbability() {
    return learnsToTellThem()
        && settings.penalty().isNone()
        && !settings.discriminator().spectralNormalization();
  }

  /**
   * Whether D learns, by cross-entropy without smoothing, from the two networks and nothing else,
   * and is shown others than it learnt from. Of kernels there are no others.
   */
  private boolean learnsToTellThem() {
    return representation.isOfImages()
        && settings.loss().learnsProbability()
        && settings.realTarget() == 1
        && learnsFromNetworks()
        && !hasOtherFakes();
  }

  /** Whether D learns at all, and from the two networks. */
  private boolean learnsFromNetworks() {
    return settings.steps() > 0 && settings.control() != Control.NOISE_DISCRIMINATOR;
  }

  /** Whether D is shown others than the student's representations, so that its best logit moves. */
  private boolean hasOtherFakes() {
    return settings.discriminator().misaligned() != Misalignment.NONE || replay != null;
  }

  /** Whether D learns that probability from representations as they are, knowing nothing else. */
  boolean learnsMarginalProbability() {
    return learnsProbability()
        && settings.discriminator().condition() == Conditioning.NONE
        && settings.control() == Control.NONE
        && settings.encoding() instanceof Encoding.Raw
        && isDeterministic()
        && representation.connector() == null;
  }

  @Override
  public void beginEpoch() {
    weight.clearMeans();
  }

  /** With this epoch's gradient ratio; waits for the device. */
  @Override
  public HealthMeter meter() {
    return new HealthMeter(
        new HealthMeter.Origin(
            label,
            !weight.isNothing(),
            weight.start(),
            learnsToTellThem(),
            learnsProbability(),
            settings.loss().isIllWhenCertain() && learnsFromNetworks(),
            learnsFromNetworks() && !hasOtherFakes()
                ? settings.loss().threshold(settings.realTarget())
                : Double.NaN,
            weight.meanRatio(),
            weight.meanSlope(),
            weight.stayedZero(),
            weight.boundedShare()),
        this::judge);
  }

  private HealthMeter.Judged judge(Step heldOut) {
    try (NoGrad noGrad = NoGrad.open()) {
      Samples teacher = teacher(heldOut);
      Samples student = student(heldOut);
      return new HealthMeter.Judged(
          inner.judge(teacher, inner.theta()).logits(),
          inner.judge(student, inner.theta()).logits(),
          teacher.values(),
          student.values());
    }
  }

  /**
   * Everything that a resumed run needs of it, live, by names that stay: θ, what D keeps beside θ,
   * its optimiser's memory, the connector, the replay, β, and the epoch's sums.
   */
  @Override
  public Map<String, Tensor> checkpointed() {
    Map<String, Tensor> tensors = new LinkedHashMap<>(inner.tensors());
    State connector = representation.connector();
    if (connector != null) {
      connector.all().forEach((name, value) -> tensors.put("connector." + name, value));
    }
    weight.tensors().forEach((name, value) -> tensors.put("weight." + name, value));
    if (replay != null) {
      replay.state().all().forEach((name, value) -> tensors.put("replay." + name, value));
    }
    return tensors;
  }

  @Override
  public String name() {
    return "adversary:" + label;
  }

  /** The talk's term is never positive, and a raw logit has no bound. */
  @Override
  public boolean isAtLeastZero() {
    return false;
  }

  @Override
  public Opponent opponent() {
    return this;
  }

  @Override
  public MeasuredWeight measuredWeight() {
    return weight;
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
  public boolean readsSecondView() {
    return settings.discriminator().condition() == Conditioning.PAIR;
  }

  private boolean isDeterministic() {
    return settings.distribution() instanceof Distribution.Deterministic;
  }

  /** Noise is drawn for a batch of images; of kernels all ranks have the same. */
  @Override
  public boolean isMeanOverImages() {
    return representation.isIndependentOfBatch()
        && (isDeterministic() || !representation.isOfImages())
        && settings.discriminator().misaligned() == Misalignment.NONE
        && settings.control() == Control.NONE
        && replay == null
        && inner.isMeanOverImages();
  }

  @Override
  public @Nullable State state() {
    return representation.connector();
  }
}
