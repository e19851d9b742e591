package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.Augmentation;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.CrossEntropy;
import dev.retort.engine.C10d;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Rendezvous;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.training.CheckpointFolder;
import dev.retort.training.CheckpointInterval;
import dev.retort.training.Checkpoints;
import dev.retort.training.DivergedException;
import dev.retort.training.StopRequest;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.training.WeightAverage;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one rank finds ends the training of all of them at the same step. */
@NullUnmarked
class SeveralRanksTest {
  private static final List<String> CLASSES = List.of("a", "b");

  /** Half the images: an epoch has two steps. */
  private static final int BATCH = 12;

  @TempDir Path folder;

  /** The values of rank 0 alone are broken after a step: of the first epoch's first, and last. */
  @ParameterizedTest
  @CsvSource({
    "0, training diverged at step 1, training diverged at step 1",
    "1, training diverged: after 2 steps, training diverged on rank 0"
  })
  void whatTheFirstRankAloneCannotSaveEndsBoth(long broken, String onFirst, String onSecond)
      throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    CheckpointFolder checkpoints = new CheckpointFolder(folder.resolve("checkpoints"));
    CheckpointInterval everyStep = new CheckpointInterval(Duration.ofDays(1), 1);
    CompletableFuture<String> first =
        CompletableFuture.supplyAsync(
            () ->
                train(
                    new Rendezvous(0, 0, 2, "127.0.0.1", port, false, 0),
                    Checkpoints.in(checkpoints, everyStep, new StopRequest()),
                    broken));
    CompletableFuture<String> second =
        CompletableFuture.supplyAsync(
            () ->
                train(
                    new Rendezvous(1, 1, 2, "127.0.0.1", port, false, 0),
                    Checkpoints.none(new StopRequest()),
                    Long.MAX_VALUE));

    assertThat(first.get()).startsWith(onFirst);
    assertThat(second.get()).startsWith(onSecond);
    // What was broken after its step was not saved; before the second step the first was whole.
    assertThat(checkpoints.latestStep()).isEqualTo(broken);
  }

  /** One of them has fewer images to validate on; an average over both would end the process. */
  @Test
  void otherDataOnOneRankAreRefusedByBothBeforeTheyComputeTogether() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Path teacher = folder.resolve("teacher.safetensors");
    Splits data = NoiseImages.splits(CLASSES, 8);
    try (TensorScope scope = TensorScope.open()) {
      ModelFile.save(
          Networks.create(
              "resnet8",
              NoiseImages.SHAPE,
              CLASSES.size(),
              ScalarType.Float,
              RandomSource.of(5, "teacher")),
          new ModelInfo(CLASSES, data.statistics(), Map.of()),
          teacher,
          TensorType.F32);
    }
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        teacher: %s
        student: resnet8
        training: {epochs: 1, batchSize: 8, precision: fp32, threads: 1}
        methods: [hinton]
        """
            .formatted(teacher));
    StudyConfiguration study =
        ConfigurationReader.standard().readStudy(file, List.of()).configuration();
    Splits fewer =
        new Splits(
            data.name(),
            data.train(),
            data.test(),
            data.test(),
            NoiseImages.SHAPE,
            data.statistics());
    CompletableFuture<String> first =
        CompletableFuture.supplyAsync(
            () -> refusal(study, data, new Rendezvous(0, 0, 2, "127.0.0.1", port, false, 0)));
    CompletableFuture<String> second =
        CompletableFuture.supplyAsync(
            () -> refusal(study, fewer, new Rendezvous(1, 1, 2, "127.0.0.1", port, false, 0)));

    assertThat(first.get())
        .isEqualTo(
            "other ranks have other data, another teacher or another configuration than rank 0");
    assertThat(second.get())
        .isEqualTo("rank 1 has other data, another teacher or another configuration than rank 0");
  }

  /** As where each task of a job asks for its own share: they are no ranks of one training. */
  @Test
  void ranksThatWantDifferentSharesAreRefused() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> share(0, port));
    CompletableFuture<String> second = CompletableFuture.supplyAsync(() -> share(1, port));

    assertThat(first.get()).contains("different shares of the runs");
    assertThat(second.get()).contains("different shares of the runs");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private String share(int rank, int port) {
    Rendezvous meeting = new Rendezvous(rank, rank, 2, "127.0.0.1", port, false, 0);
    try (Collective ranks = C10d.join(meeting, Device.CPU, Duration.ofSeconds(60))) {
      Study study =
          Study.of(
                  Map.of(
                      "data", "cifar10-mini",
                      "student", "resnet8",
                      "training", Map.of("epochs", 1, "batchSize", 8),
                      "seeds", List.of(1, 2),
                      "methods", List.of("cross-entropy")))
              .ranks(ranks)
              .only(new RunSelection(Set.of(), Set.of(), rank + 1, 2));
      if (rank == 0) {
        study.run(folder.resolve("out"));
      } else {
        study.follow();
      }
      return "none";
    } catch (ConfigurationException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String refusal(StudyConfiguration study, Splits data, Rendezvous meeting) {
    try (Collective ranks = C10d.join(meeting, Device.CPU, Duration.ofSeconds(60));
        StudyTraining training =
            new StudyTraining(
                study, data, Device.CPU, new StudyListener() {}, new StopRequest(), ranks)) {
      return "none: " + training.fingerprint();
    } catch (StudyRecordException e) {
      return e.getMessage();
    }
  }

  /** What the divergence says. */
  private static String train(Rendezvous meeting, Checkpoints checkpoints, long broken) {
    Engine.threads(1);
    try (TensorScope scope = TensorScope.open();
        Collective ranks = C10d.join(meeting, Device.CPU, Duration.ofSeconds(60))) {
      Network student =
          Networks.create(
              "resnet8",
              NoiseImages.SHAPE,
              CLASSES.size(),
              ScalarType.Float,
              RandomSource.of(1, "initialisation"));
      TrainingListener breaking =
          new TrainingListener() {
            @Override
            public void afterStep(long step, int epoch) {
              if (step == broken) {
                try (NoGrad noGrad = NoGrad.open()) {
                  student.state().all().get("conv1.weight").mul_(new Scalar(Double.NaN));
                }
              }
            }
          };
      new Trainer(task(student, ranks), List.of(breaking)).train(checkpoints);
      return "it did not diverge";
    } catch (DivergedException e) {
      return e.getMessage();
    }
  }

  private static TrainingTask task(Network student, Collective ranks) {
    return new TrainingTask(
        student,
        null,
        List.of(new CrossEntropy(1, 0)),
        NoiseImages.splits(CLASSES, 8),
        new BatchPlan(BATCH, Augmentation.NONE, 0, 1, 1, ranks.rank(), ranks.ranks()),
        new TrainingSettings(
            3,
            0.05,
            new Schedule.OneCycle(0.25, 0),
            new Sgd.Settings(0.9, true, 5e-4, false, false, 1),
            new WeightAverage.None(),
            Precision.FP32),
        Device.CPU,
        ranks);
  }
}
