package dev.retort.adversary;

import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import dev.retort.optimization.Adam;
import dev.retort.optimization.FlatParameters;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
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
 * ∂θ*&#47;∂w_s is dropped.
 */
public final class Adversary implements Objective {
  private final String label;
  private final Representation representation;
  private final Discriminator discriminator;
  private final GanLoss ganLoss;
  private final InnerProblem inner;
  private final Balance balance;
  private final Ramp ramp;
  private final FlatParameters theta;
  private final Adam optimizer;

  Adversary(
      String label,
      Representation representation,
      Discriminator discriminator,
      GanLoss ganLoss,
      InnerProblem inner,
      Balance balance,
      Ramp ramp) {
    this.label = label;
    this.representation = representation;
    this.discriminator = discriminator;
    this.ganLoss = ganLoss;
    this.inner = inner;
    this.balance = balance;
    this.ramp = ramp;
    this.theta = new FlatParameters(discriminator.state().parameters().values());
    this.optimizer = new Adam(theta, inner.adam());
  }

  /**
   * The inner problem: k steps of D towards θ*(w_s), on this step's representations without their
   * gradient.
   */
  public void learn(Step step) {
    Tensor teacher = representation.teacher(step);
    Tensor student = representation.student(step).detach();
    for (int k = 0; k < inner.steps(); k++) {
      Tensor loss =
          ganLoss.discriminator(judge(teacher, step), judge(student, step), inner.realTarget());
      optimizer.step(theta.gradient(loss, false), inner.learningRate());
    }
  }

  /** Whether the term has any weight at this step. */
  public boolean counts(Step step) {
    boolean observes = balance instanceof Balance.Fixed fixed && fixed.weight() == 0;
    return !observes && ramp.factor(step.progress()) > 0;
  }

  /** The student's term, before its weight: −E D(s) for the talk. θ is not differentiated. */
  @Override
  public Tensor loss(Step step) {
    Tensor real = judge(representation.teacher(step), step).detach();
    return ganLoss.student(judge(representation.student(step), step), real);
  }

  private Tensor judge(Tensor samples, Step step) {
    Condition condition = new Condition(step.batch().labels(), null);
    return discriminator.logits(samples, condition, discriminator.state().parameters());
  }

  /**
   * This step's weight of the term: a scalar without gradient.
   *
   * @param term {@link #loss} of this step
   * @param rest the sum of the student's other, not adversarial terms
   */
  public Tensor weight(Step step, Tensor term, Tensor rest) {
    double factor = ramp.factor(step.progress());
    if (balance instanceof Balance.GradientRatio ratio && factor > 0) {
      return ratio.weight(term, rest, representation.balancedAt(step)).mul(new Scalar(factor));
    }
    double fixed = balance instanceof Balance.Fixed constant ? constant.weight() * factor : 0;
    return Tensors.of(new double[] {fixed}).to(term.scalar_type()).squeeze();
  }

  /** Whether its weight is measured against the rest of the loss, so that there must be one. */
  public boolean needsOtherObjectives() {
    return balance instanceof Balance.GradientRatio;
  }

  Discriminator discriminator() {
    return discriminator;
  }

  /** What it is called among a run's discriminators: {@code logits}, {@code observer:logits}. */
  public String label() {
    return label;
  }

  /** Whether σ of D's output is a probability of being the teacher's. */
  public boolean learnsProbability() {
    return ganLoss.learnsProbability() && inner.realTarget() == 1;
  }

  /** Shows D a batch of held-out representations. */
  public void measure(Step heldOut, HealthMeter meter) {
    meter.add(
        judge(representation.teacher(heldOut), heldOut),
        judge(representation.student(heldOut), heldOut));
  }

  @Override
  public String name() {
    return "adversary:" + label;
  }

  @Override
  public double weight() {
    return 1;
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
  public @Nullable State state() {
    return representation.connector();
  }
}
