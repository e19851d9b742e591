package dev.retort.adversary;

import dev.retort.engine.Collective;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import dev.retort.optimization.Adam;
import dev.retort.optimization.FlatParameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** D and how it learns between two steps of the student: steps towards θ*(w_s). */
final class InnerProblem {
  private final AdversarySettings settings;
  private final Function<RandomSource, Discriminator> maker;
  private final RandomSource random;
  private final Discriminator discriminator;
  private final List<String> names;
  private final FlatParameters flat;
  private final Adam optimizer;

  /**
   * A problem that has not been worked on.
   *
   * @param settings of which it reads D's loss, penalties, steps and optimiser
   * @param maker makes D with initial values from a source
   * @param random the source of the first D, and of the later ones where D begins anew
   */
  InnerProblem(
      AdversarySettings settings,
      Function<RandomSource, Discriminator> maker,
      RandomSource random) {
    this.settings = settings;
    this.maker = maker;
    this.random = random;
    this.discriminator = maker.apply(random);
    Map<String, Tensor> theta = discriminator.state().parameters();
    this.names = List.copyOf(theta.keySet());
    this.flat = new FlatParameters(theta.values());
    this.optimizer = new Adam(flat, settings.adam());
  }

  /** θ as it stands, by name. */
  Map<String, Tensor> theta() {
    return discriminator.state().parameters();
  }

  /** Whether its losses are means over images of what each gives by itself. */
  boolean isMeanOverImages() {
    return settings.convergence() == null
        && settings.unroll() == 0
        && settings.penalty().gradientPenaltyOrZero() == 0;
  }

  Judgement judge(Samples samples, Map<String, Tensor> theta) {
    return discriminator.judge(samples.values(), samples.condition(), theta);
  }

  /** Begins D anew every {@code restart} steps of the student. */
  void beginStep(long step) {
    if (settings.restart() == 0 || step == 0 || step % settings.restart() != 0) {
      return;
    }
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      State fresh = maker.apply(random.at("restart").at(step / settings.restart())).state();
      Map<String, Tensor> live = discriminator.state().all();
      fresh.all().forEach((name, value) -> required(live, name).copy_(value));
      optimizer.state().values().forEach(Tensor::zero_);
    }
  }

  /**
   * D's steps of one step of the student.
   *
   * @param evidence without gradient
   * @param ranks that learn from other images, with the same θ
   * @param heldOut the teacher's and the student's representations that the stop at convergence is
   *     decided on; null without one
   */
  void solve(Evidence evidence, @Nullable Evidence heldOut, RandomSource random, Collective ranks) {
    double before = heldOut == null ? 0 : heldOutLoss(heldOut);
    for (int k = 0; k < settings.steps(); k++) {
      try (TensorScope scope = TensorScope.open()) {
        discriminator.refresh();
        Tensor loss = loss(evidence, theta(), random.at(k));
        optimizer.step(ranks.mean(flat.gradient(loss)), settings.learningRate());
      }
      if (heldOut != null) {
        double now = heldOutLoss(heldOut);
        if (!(before - now
            > Objects.requireNonNull(settings.convergence()).tolerance())) { // or NaN
          return;
        }
        before = now;
      }
    }
  }

  private double heldOutLoss(Evidence heldOut) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      return Tensors.toDouble(loss(heldOut, theta()));
    }
  }

  /**
   * θ after {@code unroll} more steps on this evidence, as a function of the student's
   * representations (Metz et al. 2017, eq. 8), by D's own optimiser from where it stands; θ itself
   * stays. Spectral normalisation's vectors are held.
   */
  Map<String, Tensor> unrolled(Evidence evidence, RandomSource random) {
    Tensor values = flat.values().detach().set_requires_grad(true);
    Adam.Course course = optimizer.course();
    for (int n = 0; n < settings.unroll(); n++) {
      Tensor loss = loss(evidence, named(values), random.at(n));
      Tensor gradient = Tensors.differentiableGradients(loss, new TensorVector(values)).get(0);
      values = course.step(values, gradient, settings.learningRate());
    }
    return named(values);
  }

  private Map<String, Tensor> named(Tensor values) {
    List<Tensor> tensors = flat.split(values);
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      named.put(names.get(i), tensors.get(i));
    }
    return named;
  }

  /** What D minimises, with its penalties. */
  Tensor loss(Evidence evidence, Map<String, Tensor> theta, RandomSource random) {
    Penalty penalty = settings.penalty();
    if (penalty.isNone()) {
      return loss(evidence, theta);
    }
    Evidence read = evidence.differentiable();
    Samples real = read.real();
    Judgement judged = judge(read.all(), theta);
    Tensor slopes =
        penalty.of(
            real.values(),
            judged.logits().narrow(0, 0, real.size()),
            read.student().values(),
            judged.logits().narrow(0, real.size(), read.student().size()),
            values -> judge(new Samples(values, real.condition()), theta).logits(),
            random);
    return loss(read, judged).add(slopes);
  }

  private Tensor loss(Evidence evidence, Map<String, Tensor> theta) {
    return loss(evidence, judge(evidence.all(), theta));
  }

  /** Where there are several kinds of fakes, each counts by its number of rows. */
  private Tensor loss(Evidence evidence, Judgement judged) {
    long images = evidence.real().size();
    long fakes = judged.logits().size(0) - images;
    Judgement real = judged.rows(0, images);
    Tensor sum = torch.zeros(new long[] {}, judged.logits().options());
    long first = images;
    for (Evidence.Fakes group : evidence.fakes()) {
      long count = group.samples().size();
      Tensor against = group.against();
      Tensor teacher = against == null ? real.logits() : real.logits().index_select(0, against);
      Judgement fake = judged.rows(first, count);
      Tensor part = settings.loss().discriminator(teacher, fake.logits(), settings.realTarget());
      sum = sum.add(part, new Scalar((double) count / fakes));
      first += count;
    }
    Tensor classError = judged.classError();
    if (classError == null) {
      return sum;
    }
    Tensor ofTeacher = classError.narrow(0, 0, images).mean();
    return sum.add(ofTeacher).add(classError.narrow(0, images, fakes).mean());
  }

  /** θ, the optimiser's memory and spectral normalisation's vectors, live, by name. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    discriminator
        .state()
        .all()
        .forEach((name, value) -> tensors.put("discriminator." + name, value));
    optimizer.state().forEach((name, value) -> tensors.put("optimizer." + name, value));
    return tensors;
  }

  private static Tensor required(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }
}
