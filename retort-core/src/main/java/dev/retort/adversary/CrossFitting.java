package dev.retort.adversary;

import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.optimization.Adam;
import dev.retort.optimization.FlatParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Fresh discriminators of two samples, each judging a part of them that it has not seen: the rows
 * are dealt into folds, and for each fold a D learns by cross-entropy from the others. A fifth of
 * those others it does not learn from either: they say when to stop, so that a D that cannot tell
 * the two apart stays where it began, at ½, instead of learning its rows by heart.
 *
 * <p>Values are brought to mean 0 and deviation 1 first, value by value (a map's channel by
 * channel), by figures of the rows that D learns from and of both networks together.
 */
final class CrossFitting {
  private static final double PART_FOR_STOPPING = 0.2;
  private static final double SMALLEST_DEVIATION = 1e-6;
  private static final int LARGEST_BATCH = 128;
  private static final int SMALLEST_BATCH = 16;

  /** Where rows are few, batches are small rather than steps few. */
  private static final int BATCHES = 16;

  private static final double LEARNING_RATE = 1e-3;
  private static final Adam.Settings ADAM = new Adam.Settings(0.9, 0.999, 1e-8);

  private final Settings settings;
  private final Function<RandomSource, Discriminator> maker;
  private final RandomSource random;

  /**
   * How often and how long.
   *
   * @param folds into how many parts the rows are dealt; at least 2
   * @param epochs how often D sees every row, at the most
   * @param patience after how many epochs without improvement it stops
   */
  record Settings(int folds, int epochs, int patience) {
    static final Settings STANDARD = new Settings(5, 100, 10);
  }

  /**
   * A task.
   *
   * @param maker makes D with initial values from a source
   */
  CrossFitting(
      Settings settings, Function<RandomSource, Discriminator> maker, RandomSource random) {
    this.settings = settings;
    this.maker = maker;
    this.random = random;
  }

  /**
   * What the discriminators say of the rows that they have not seen, fold by fold; within a fold
   * the rows are in no particular order.
   *
   * @param paired whether row i of both is of the same image, and so is never in two folds
   * @throws IllegalArgumentException if a fold would be left with nothing to learn from
   */
  List<HeldOutLogits> judge(Samples teacher, Samples student, boolean paired) {
    int[] ofTeacher = order(teacher, "teacher");
    int[] ofStudent = paired ? ofTeacher : order(student, "student");
    List<HeldOutLogits> judged = new ArrayList<>();
    for (int fold = 0; fold < settings.folds(); fold++) {
      try (TensorScope scope = TensorScope.open()) {
        judged.add(
            judge(
                Parts.of(teacher, ofTeacher, fold, settings.folds()),
                Parts.of(student, ofStudent, fold, settings.folds()),
                random.at("fold").at(fold)));
      }
    }
    return judged;
  }

  private int[] order(Samples samples, String whose) {
    int rows = Math.toIntExact(samples.size());
    if (rows < 2 * settings.folds()) {
      throw new IllegalArgumentException(
          """
          a discriminator needs at least %s samples of each network to be cross-fitted in %s \
          folds, but the %s has %s"""
              .formatted(2 * settings.folds(), settings.folds(), whose, rows));
    }
    return random.at("folds").at(samples.size()).permutation(rows);
  }

  /** A network's rows: to learn from, to stop by, and held out. */
  private record Parts(Samples learnt, Samples stopping, Samples heldOut) {
    static Parts of(Samples samples, int[] order, int fold, int folds) {
      long[] in =
          IntStream.range(0, order.length)
              .filter(i -> i % folds == fold)
              .mapToLong(i -> order[i])
              .toArray();
      long[] out =
          IntStream.range(0, order.length)
              .filter(i -> i % folds != fold)
              .mapToLong(i -> order[i])
              .toArray();
      Samples others = rows(samples, out);
      long stopping = Math.max(1, Math.round(PART_FOR_STOPPING * out.length));
      long learnt = out.length - stopping;
      return new Parts(others.rows(0, learnt), others.rows(learnt, stopping), rows(samples, in));
    }

    private static Samples rows(Samples samples, long[] index) {
      return samples.rows(Tensors.of(index, index.length));
    }

    Parts map(Function<Samples, Samples> change) {
      return new Parts(change.apply(learnt), change.apply(stopping), change.apply(heldOut));
    }
  }

  private HeldOutLogits judge(Parts teacher, Parts student, RandomSource ofFold) {
    Function<Samples, Samples> scaling = scaling(teacher.learnt(), student.learnt());
    Parts real = teacher.map(scaling);
    Parts fake = student.map(scaling);
    Discriminator discriminator = maker.apply(ofFold.at("discriminator"));
    learn(discriminator, real, fake, ofFold);
    try (NoGrad noGrad = NoGrad.open()) {
      return new HeldOutLogits(
          Tensors.toDoubles(logits(discriminator, real.heldOut())),
          Tensors.toDoubles(logits(discriminator, fake.heldOut())));
    }
  }

  /** To mean 0 and deviation 1 over both networks' rows, each network counting half. */
  private static Function<Samples, Samples> scaling(Samples teacher, Samples student) {
    Tensor mean = Tensors.scaled(mean(teacher.values()).add(mean(student.values())), 0.5);
    Tensor square =
        Tensors.scaled(
            mean(teacher.values().sub(mean).square())
                .add(mean(student.values().sub(mean).square())),
            0.5);
    Tensor deviation = square.sqrt().clamp_min(new Scalar(SMALLEST_DEVIATION));
    Function<Tensor, Tensor> scaled = values -> values.sub(mean).div(deviation);
    return samples -> {
      Tensor partner = samples.condition().partner();
      return new Samples(
          scaled.apply(samples.values()),
          new Condition(
              samples.condition().labels(), partner == null ? null : scaled.apply(partner)));
    };
  }

  private static Tensor mean(Tensor values) {
    return values.dim() == 4 ? Tensors.mean(values, 0, 2, 3) : Tensors.mean(values, 0);
  }

  /** Leaves D with the θ that was best on the rows that say when to stop. */
  private void learn(Discriminator discriminator, Parts real, Parts fake, RandomSource ofFold) {
    FlatParameters flat = new FlatParameters(discriminator.state().parameters().values());
    Adam optimizer = new Adam(flat, ADAM);
    Tensor best = flat.values().clone();
    double bestLoss = stoppingLoss(discriminator, real, fake);
    int since = 0;
    for (int epoch = 0; epoch < settings.epochs() && since < settings.patience(); epoch++) {
      learn(discriminator, real.learnt(), fake.learnt(), flat, optimizer, ofFold.at(epoch));
      double loss = stoppingLoss(discriminator, real, fake);
      since = loss < bestLoss ? 0 : since + 1;
      if (since == 0) {
        bestLoss = loss;
        best.copy_(flat.values());
      }
    }
    try (NoGrad noGrad = NoGrad.open()) {
      flat.values().copy_(best);
    }
  }

  /** One epoch: of the network with fewer rows, some come again. */
  private static void learn(
      Discriminator discriminator,
      Samples real,
      Samples fake,
      FlatParameters flat,
      Adam optimizer,
      RandomSource ofEpoch) {
    int rows = Math.toIntExact(Math.max(real.size(), fake.size()));
    int[] orderOfReal = ofEpoch.at("teacher").permutation(Math.toIntExact(real.size()));
    int[] orderOfFake = ofEpoch.at("student").permutation(Math.toIntExact(fake.size()));
    int batch = Math.max(SMALLEST_BATCH, Math.min(LARGEST_BATCH, rows / BATCHES));
    for (int first = 0; first < rows; first += batch) {
      try (TensorScope scope = TensorScope.open()) {
        int count = Math.min(batch, rows - first);
        discriminator.refresh();
        Tensor loss =
            loss(
                discriminator,
                batch(real, orderOfReal, first, count),
                batch(fake, orderOfFake, first, count));
        optimizer.step(flat.gradient(loss), LEARNING_RATE);
      }
    }
  }

  private static Samples batch(Samples samples, int[] order, int first, int count) {
    long[] index =
        IntStream.range(first, first + count).mapToLong(i -> order[i % order.length]).toArray();
    return samples.rows(Tensors.of(index, index.length));
  }

  private static double stoppingLoss(Discriminator discriminator, Parts real, Parts fake) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      return Tensors.toDouble(loss(discriminator, real.stopping(), fake.stopping()));
    }
  }

  private static Tensor loss(Discriminator discriminator, Samples real, Samples fake) {
    return GanLoss.TALK.discriminator(logits(discriminator, real), logits(discriminator, fake), 1);
  }

  private static Tensor logits(Discriminator discriminator, Samples samples) {
    Map<String, Tensor> theta = discriminator.state().parameters();
    return discriminator.judge(samples.values(), samples.condition(), theta).logits();
  }
}
