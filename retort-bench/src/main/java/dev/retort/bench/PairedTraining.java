package dev.retort.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.data.Augmentation;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.training.Checkpoints;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * One short training by Hinton's method in fp32 of which a peer gets every number: the teacher, the
 * student's initial weights, and which images come in which step, none of them varied. What is left
 * to differ is the programs' own work: the passes, the loss, its gradient and the update.
 */
final class PairedTraining {
  static final int STEPS = 50;

  /**
   * Below the benchmark's own rate, at which roundings grow to several per cent of the loss within
   * fifteen steps. Here they stay below 0.4 %, while a tenth more of the rate or no Nesterov's
   * momentum are worth 0.9 % and more (docs/performance.md).
   */
  static final double LEARNING_RATE = 0.005;

  private final LoadedModel teacher;
  private final Path weights;
  private final int[][] order = new int[STEPS][];
  private final Trajectory ours;

  /**
   * Trains with our loop.
   *
   * @param data of which the peers have the same images
   * @param teacher that the peers have, too; a trained one, whose outputs make the loss steep
   *     enough to show another learning rate
   * @param work a folder for the student's initial weights
   */
  PairedTraining(Splits data, LoadedModel teacher, Path work) {
    this.teacher = teacher;
    this.weights = work.resolve("initial-weights.safetensors");
    this.ours = new Trajectory(train(BenchmarkData.few(data)));
  }

  private List<Double> train(Splits few) {
    double[] losses = new double[STEPS];
    StopRequest stop = new StopRequest();
    try (TensorScope scope = TensorScope.open()) {
      TrainingTask task = task(few, losses);
      ModelFile.save(task.student(), teacher.info(), weights, TensorType.F32);
      new Trainer(task, List.of(new AfterStep(STEPS - 1, stop::request)))
          .train(Checkpoints.none(stop));
    } catch (StoppedException enough) {
      return Arrays.stream(losses).boxed().toList();
    }
    throw new IllegalStateException("the training ended before its step " + STEPS);
  }

  private TrainingTask task(Splits few, double[] losses) {
    // The peers show the teacher the student's images, which are normalised by the data's
    // statistics.
    ModelInfo asShown = new ModelInfo(few.classes(), few.statistics(), teacher.info().provenance());
    NetworkTeacher live =
        new NetworkTeacher(
            new LoadedModel(teacher.network(), asShown),
            few.statistics(),
            Precision.FP32,
            Device.CPU);
    TrainingTask task =
        new Distillation(few, PeerComparison.BUNDLED_STUDENT, live, 1, Precision.FP32)
            .task(Objects.requireNonNull(MethodConfigurations.all().get(PeerComparison.HINTON)), 0);
    List<Objective> recorded = new ArrayList<>();
    for (Objective objective : task.objectives()) {
      recorded.add(new Recorded(objective, losses, order));
    }
    return new TrainingTask(
        task.student(),
        live,
        recorded,
        few,
        new BatchPlan(BenchmarkData.BATCH_SIZE, Augmentation.NONE, 1),
        calmer(task.settings()),
        Device.CPU);
  }

  private static TrainingSettings calmer(TrainingSettings settings) {
    return new TrainingSettings(
        settings.epochs(),
        LEARNING_RATE,
        settings.schedule(),
        settings.sgd(),
        settings.averaging(),
        settings.precision());
  }

  /** A term of the loss that writes down its weighted value and the images of each step. */
  private record Recorded(Objective objective, double[] losses, int[][] order)
      implements Objective {
    @Override
    public String name() {
      return objective.name();
    }

    @Override
    public double weight() {
      return objective.weight();
    }

    @Override
    public Set<String> teacherTaps() {
      return objective.teacherTaps();
    }

    @Override
    public Tensor loss(Step step) {
      Tensor loss = objective.loss(step);
      int number = (int) step.number();
      losses[number] += weight() * Tensors.toDouble(loss.detach());
      order[number] = step.batch().samples().clone();
      return loss;
    }
  }

  /** Of our loop. */
  Trajectory ours() {
    return ours;
  }

  /** Of a peer's loop. */
  Trajectory of(Peer peer) {
    return of(peer, Map.of());
  }

  /**
   * Of a peer's loop by another rule.
   *
   * @param optimizer settings in the place of ours: {@code learningRate}, {@code nesterov} …
   */
  Trajectory of(Peer peer, Map<String, Object> optimizer) {
    Map<String, Object> request = new HashMap<>();
    request.put("work", "trajectory");
    request.put("method", PeerComparison.HINTON);
    request.put("teacher", teacher.network().name());
    request.put("student", PeerComparison.BUNDLED_STUDENT);
    request.put("weights", weights.toString());
    request.put("order", order);
    Map<String, Object> settings = new HashMap<>(Map.of("learningRate", LEARNING_RATE));
    settings.putAll(optimizer);
    request.put("optimizer", settings);
    List<Double> losses = new ArrayList<>();
    for (JsonNode loss : peer.ask(request).path("losses")) {
      losses.add(loss.asDouble(Double.NaN));
    }
    return new Trajectory(losses);
  }
}
