package dev.retort.adversary;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.retort.distill.LayerPair;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.engine.RandomSource;
import dev.retort.network.State;
import dev.retort.optimization.Adam;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * YAML: {@code adversary: {on: [logits, embedding], loss: talk, steps: 1, weight: {gradientRatio:
 * 0.1, start: 0.1, full: 0.2, decay: 0.75}}}. Every representation in {@code on} gets a
 * discriminator of its own.
 *
 * @param on what the discriminators read
 * @param loss the outer objective
 * @param steps k, D's steps for each of the student's; at least 0
 * @param learningRate of D's own optimiser
 * @param weight of the student's term
 */
public record AdversarySettings(
    List<LayerPair> on, GanLoss loss, Integer steps, Double learningRate, Weight weight)
    implements ObjectiveSettings {

  @JsonCreator
  public AdversarySettings(
      @Nullable List<LayerPair> on,
      @Nullable GanLoss loss,
      @Nullable Integer steps,
      @Nullable Double learningRate,
      @Nullable Weight weight) {
    this.on =
        on == null ? List.of(LayerPair.of("logits"), LayerPair.of("embedding")) : List.copyOf(on);
    this.loss = Objects.requireNonNullElse(loss, GanLoss.TALK);
    this.steps = Objects.requireNonNullElse(steps, 1);
    this.learningRate = Objects.requireNonNullElse(learningRate, 1e-3);
    this.weight = weight == null ? new Weight(null, null, null, null, null) : weight;
    if (this.on.isEmpty()) {
      throw new IllegalArgumentException("on must name what the discriminators read: [logits]");
    }
  }

  /**
   * YAML: {@code weight: {gradientRatio: 0.1, start: 0.1, full: 0.2, decay: 0.75}} or {@code
   * {fixed: 1}}. One balance, and when it counts in parts of the training.
   */
  public record Weight(
      @Nullable Double fixed,
      @Nullable Double gradientRatio,
      Double start,
      Double full,
      Double decay) {
    @JsonCreator
    public Weight(
        @Nullable Double fixed,
        @Nullable Double gradientRatio,
        @Nullable Double start,
        @Nullable Double full,
        @Nullable Double decay) {
      if (fixed != null && gradientRatio != null) {
        throw new IllegalArgumentException("weight is either fixed or a gradientRatio, not both");
      }
      this.fixed = fixed;
      this.gradientRatio =
          fixed == null && gradientRatio == null ? Double.valueOf(0.1) : gradientRatio;
      this.start = Objects.requireNonNullElse(start, 0.1);
      this.full = Objects.requireNonNullElse(full, 0.2);
      this.decay = Objects.requireNonNullElse(decay, 0.75);
      ramp();
      balance();
    }

    Ramp ramp() {
      return new Ramp(start, full, decay);
    }

    Balance balance() {
      return fixed != null
          ? new Balance.Fixed(fixed)
          : new Balance.GradientRatio(Objects.requireNonNull(gradientRatio));
    }
  }

  @Override
  public List<Objective> build(Pairing pairing) {
    List<Objective> adversaries = new ArrayList<>();
    for (LayerPair layers : on) {
      adversaries.add(adversary("", layers, pairing));
    }
    return adversaries;
  }

  private Adversary adversary(String prefix, LayerPair layers, Pairing pairing) {
    Representation representation =
        new ActivationRepresentation(
            layers.teacher(),
            layers.student(),
            new Encoding.Raw(),
            new Distribution.Deterministic(),
            pairing);
    InnerProblem inner =
        new InnerProblem(steps, learningRate, new Adam.Settings(0.5, 0.9, 1e-8), 1);
    return new Adversary(
        prefix + representation.name(),
        representation,
        discriminator(representation, pairing),
        loss,
        inner,
        weight.balance(),
        weight.ramp());
  }

  private static Discriminator discriminator(Representation representation, Pairing pairing) {
    RandomSource random = pairing.random().at("discriminator").at(representation.name());
    return new MlpDiscriminator(
        representation.shape()[0], new int[] {128, 128}, new State(pairing.type(), random));
  }

  /**
   * A discriminator of the logits that watches and has no influence on the student: it gives
   * methods without an adversary, or with one that learns no probability, the talk's first figure.
   */
  public static Adversary observer(Pairing pairing) {
    Weight nothing = new Weight(0.0, null, 0.0, 0.0, 1.0);
    AdversarySettings settings =
        new AdversarySettings(List.of(LayerPair.of("logits")), GanLoss.TALK, 1, null, nothing);
    return settings.adversary("observer:", LayerPair.of("logits"), pairing);
  }
}
