package dev.retort.training;

import dev.retort.adversary.Adversary;
import dev.retort.data.Batch;
import dev.retort.data.BatchStream;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Activations;
import dev.retort.network.ForwardPass;
import dev.retort.network.State;
import dev.retort.optimization.FlatParameters;
import dev.retort.optimization.Sgd;
import dev.retort.teacher.Teacher;
import dev.retort.training.TrainingListener.EpochResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
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
        .filter(tap -> !tap.equals(Activations.LOGITS))
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Trains to the end.
   *
   * @throws DivergedException before an update that is not finite
   */
  public void train() {
    try (BatchStream stream = stream();
        Validation validation = new Validation(task, loss.adversaries())) {
      long steps = (long) settings.epochs() * stream.batches();
      long number = 0;
      double seconds = 0;
      for (int epoch = 0; epoch < settings.epochs(); epoch++) {
        loss.restart();
        long start = System.nanoTime();
        for (Batch batch : stream.epoch(epoch, 0)) {
          try (TensorScope scope = TensorScope.open()) {
            Activations teacher = teacher(batch);
            Activations secondView = secondView(stream, batch);
            Activations student = student(batch);
            double progress = (number + 0.5) / steps;
            Step step =
                new Step(batch, student, teacher, secondView, number, progress, random(number));
            for (Adversary adversary : loss.adversaries()) {
              adversary.learn(step);
            }
            Tensor total = loss.sum(step);
            Tensor gradient = parameters.gradient(total, false);
            loss.requireFinite(total, gradient, number);
            optimizer.step(gradient, learningRate(progress));
            average.afterStep(number, steps);
          }
          for (TrainingListener listener : listeners) {
            listener.afterStep(number, epoch);
          }
          number++;
        }
        double epochSeconds = (System.nanoTime() - start) / 1e9;
        seconds += epochSeconds;
        average.swap();
        Validation.Result measured = validation.measure(number, number / (double) steps);
        EpochResult result =
            new EpochResult(
                epoch + 1,
                number,
                seconds,
                stream.batches() * task.plan().batchSize(),
                epochSeconds,
                learningRate((number - 0.5) / steps),
                loss.mean(),
                loss.means(),
                measured.evaluation(),
                measured.health(),
                List.of());
        for (TrainingListener listener : listeners) {
          listener.afterEpoch(result);
        }
        if (epoch + 1 < settings.epochs()) {
          average.swap();
        }
      }
    }
  }

  private BatchStream stream() {
    return BatchStream.training(
        task.data().train(),
        task.data().inputShape(),
        task.data().statistics(),
        task.plan(),
        settings.precision());
  }

  private @Nullable Activations teacher(Batch batch) {
    Teacher teacher = task.teacher();
    return teacher == null ? null : teacher.activations(batch, teacherTaps);
  }

  /** The teacher's representations under the next view: another augmentation of the same images. */
  private @Nullable Activations secondView(BatchStream stream, Batch batch) {
    return readsSecondView ? teacher(stream.otherView(batch, batch.view() + 1)) : null;
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
