package dev.retort.training;

import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.Collective;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Activations;
import dev.retort.network.ForwardPass;
import dev.retort.network.State;
import dev.retort.optimization.FlatParameters;
import dev.retort.optimization.Sgd;
import dev.retort.training.TrainingListener.EpochResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The loop in which a student learns: {@link #train} shows the whole of it. */
public final class Trainer {
  private final TrainingTask task;
  private final TrainingSettings settings;
  private final List<TrainingListener> listeners;
  private final FlatParameters parameters;
  private final Sgd optimizer;
  private final WeightAverage average;
  private final Loss loss;
  private final WholeBatch wholeBatch;
  private final Set<String> studentTaps;
  private final Set<String> teacherTaps;
  private final boolean readsSecondView;

  /**
   * A training that has not begun. Its tensors belong to the innermost open {@link TensorScope}.
   */
  public Trainer(TrainingTask task, List<TrainingListener> listeners) {
    this.task = task;
    this.settings = task.settings();
    this.listeners = List.copyOf(listeners);
    this.parameters = new FlatParameters(learned(task));
    this.optimizer = new Sgd(parameters, settings.sgd());
    this.average = new WeightAverage(settings.averaging(), parameters, task.student().state());
    this.loss = new Loss(task.objectives(), parameters.values());
    this.wholeBatch = new WholeBatch(task);
    this.studentTaps = taps(task, Objective::studentTaps);
    this.teacherTaps = taps(task, Objective::teacherTaps);
    this.readsSecondView = task.objectives().stream().anyMatch(Objective::readsSecondView);
  }

  private static List<Tensor> learned(TrainingTask task) {
    List<Tensor> learned = new ArrayList<>(task.student().state().parameters().values());
    for (Objective objective : task.objectives()) {
      State state = objective.state();
      if (state != null) {
        learned.addAll(state.parameters().values());
      }
    }
    return learned;
  }

  private static Set<String> taps(TrainingTask task, Function<Objective, Set<String>> side) {
    return task.objectives().stream()
        .flatMap(objective -> side.apply(objective).stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Trains to the end, from the latest checkpoint if there is one.
   *
   * @throws DivergedException before an update that is not finite, or in the place of an evaluation
   *     or a checkpoint that would not be
   * @throws StoppedException on request, after a step, when all is saved
   * @throws dev.retort.weights.WeightsException if the checkpoint has other tensors than this
   *     training; that it is of the same seed, data and schedule is the caller's to see to, as a
   *     {@code Study} does
   * @throws java.io.UncheckedIOException if a checkpoint cannot be read or written
   */
  public void train(Checkpoints checkpoints) {
    train(checkpoints, new TrainingClock());
  }

  /** The same by a clock of the caller's. */
  void train(Checkpoints checkpoints, TrainingClock clock) {
    try (BatchStream stream = stream();
        Validation validation = new Validation(task, checkpoints.stop())) {
      Map<String, Tensor> tensors = checkpointed();
      long steps = (long) settings.epochs() * stream.batches();
      Agreement agreement =
          new Agreement(task.collective(), task.student().state(), checkpoints.stop());
      TrainingPosition position = start(checkpoints, tensors, clock);
      for (TrainingListener listener : listeners) {
        listener.begins(
            settings.epochs(), stream.batches(), task.plan().batchSize(), position.step());
      }
      while (position.epochs() < settings.epochs()) {
        int epoch = position.epochs();
        int stepsDone = (int) (position.step() - (long) epoch * stream.batches());
        loss.beginEpoch(stepsDone);
        if (stepsDone == 0) {
          clock.beginEpoch();
        }
        clock.run();
        for (Batch batch : stream.epoch(epoch, stepsDone)) {
          long number = position.step();
          double progress = (number + 0.5) / steps;
          try (TensorScope scope = TensorScope.open()) {
            Step step = wholeBatch.of(forward(stream, batch, number, progress));
            loss.letOpponentsLearn(step);
            Loss.Terms terms = loss.of(step);
            Tensor ownGradient = parameters.gradient(terms.sum());
            loss.afterGradient(step);
            Tensor gradient = agreement.mean(ownGradient, terms.values());
            loss.count(terms);
            terms.requireFinite(gradient, parameters.values(), number);
            optimizer.step(gradient, learningRate(progress));
            average.afterStep(number, steps);
          }
          for (TrainingListener listener : listeners) {
            listener.afterStep(number, epoch);
          }
          position = position.afterStep();
          boolean last = position.step() % stream.batches() == 0;
          checkpoints.afterStep(tensors, position, last, clock, task.collective());
        }
        clock.pause();
        Checkpoints.requireFinite(tensors, position.step(), task.collective());
        EpochResult result = evaluated(checkpoints, tensors, position, steps, clock, validation);
        listeners.forEach(listener -> listener.afterEpoch(result));
        position = position.afterEpoch();
        if (position.step() < steps) {
          average.swap(); // after the last epoch, the student keeps the averaged weights
        }
        checkpoints.afterEpoch(tensors, position, clock);
      }
    }
  }

  /** Rank 0's checkpoint, or its initial values, on every rank. */
  private TrainingPosition start(
      Checkpoints checkpoints, Map<String, Tensor> tensors, TrainingClock clock) {
    TrainingPosition position = checkpoints.restore(tensors, clock);
    Collective ranks = task.collective();
    tensors.values().forEach(ranks::broadcast);
    return new TrainingPosition(
        ranks.broadcast(position.step()), (int) ranks.broadcast(position.epochs()));
  }

  /** The figures of an epoch whose steps are done, of the averaged weights where there are any. */
  private EpochResult evaluated(
      Checkpoints checkpoints,
      Map<String, Tensor> tensors,
      TrainingPosition position,
      long steps,
      TrainingClock clock,
      Validation validation) {
    average.swap();
    try {
      return result(position.step(), steps, clock, validation);
    } catch (StoppedException e) {
      average.swap();
      checkpoints.save(tensors, position, clock);
      throw e;
    }
  }

  private EpochResult result(long number, long steps, TrainingClock clock, Validation validation) {
    Validation.Result measured = validation.measure(number, number / (double) steps);
    long batches = steps / settings.epochs();
    return new EpochResult(
        (int) (number / batches),
        number,
        clock.seconds(),
        (int) batches * task.plan().batchSize(),
        clock.epochSeconds(),
        learningRate((number - 0.5) / steps),
        loss.mean(),
        loss.means(),
        measured.evaluation(),
        measured.meters(),
        Stream.concat(measured.alarms().stream(), loss.alarms().stream()).toList());
  }

  /** Every tensor that the training goes on from, live, by name. */
  private Map<String, Tensor> checkpointed() {
    Map<String, Tensor> all = new TreeMap<>();
    put(all, "student", task.student().state().all());
    put(all, "optimizer", optimizer.state());
    put(all, "average", average.state());
    put(all, "loss", loss.state());
    task.objectives().forEach(o -> put(all, "objective." + o.name(), o.checkpointed()));
    return all;
  }

  private static void put(Map<String, Tensor> all, String part, Map<String, Tensor> tensors) {
    tensors.forEach(
        (name, tensor) -> {
          String whole = part + "." + name;
          if (all.put(whole, tensor) != null) {
            throw new IllegalArgumentException(
                "two tensors of the training are named '%s': name one of its objectives otherwise"
                    .formatted(whole));
          }
        });
  }

  private BatchStream stream() {
    return BatchStream.training(
        task.data().train(),
        task.data().inputShape(),
        task.data().statistics(),
        task.plan(),
        settings.precision());
  }

  /** Both networks' representations of a batch. */
  private Step forward(BatchStream stream, Batch prepared, long number, double progress) {
    Batch batch = prepared.on(task.device());
    Activations teacher = teacher(batch);
    Activations secondView = secondView(stream, batch);
    Activations student = student(batch);
    return new Step(batch, student, teacher, secondView, number, progress, random(number));
  }

  private @Nullable Activations teacher(Batch batch) {
    return task.teacherActivations(batch, teacherTaps);
  }

  /** The teacher's representations under another augmentation of the same images. */
  private @Nullable Activations secondView(BatchStream stream, Batch batch) {
    return readsSecondView
        ? teacher(stream.secondView(batch, task.plan().secondView(batch.view())).on(task.device()))
        : null;
  }

  private Activations student(Batch batch) {
    return ForwardPass.run(
        task.student(), batch.images(), true, studentTaps, settings.precision(), task.device());
  }

  private double learningRate(double progress) {
    return settings.learningRate() * settings.schedule().factor(progress);
  }

  private RandomSource random(long step) {
    return RandomSource.of(task.plan().seed(), "step").at(step);
  }
}
