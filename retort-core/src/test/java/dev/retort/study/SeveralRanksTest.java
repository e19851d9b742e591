package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.CrossEntropy;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.LocalRanks;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
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
import dev.retort.training.StoppedException;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.training.WeightAverage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    "1, training diverged: after 2 steps, training diverged on another rank"
  })
  void whatTheFirstRankAloneCannotSaveEndsBoth(long broken, String onFirst, String onSecond)
      throws Exception {
    CheckpointFolder checkpoints = new CheckpointFolder(folder.resolve("checkpoints"));
    CheckpointInterval everyStep = new CheckpointInterval(1440, 1);
    List<String> said =
        LocalRanks.run(
            2,
            ranks ->
                ranks.isFirst()
                    ? train(
                        ranks, Checkpoints.in(checkpoints, everyStep, new StopRequest()), broken)
                    : train(ranks, Checkpoints.none(new StopRequest()), Long.MAX_VALUE));

    assertThat(said.get(0)).startsWith(onFirst);
    assertThat(said.get(1)).startsWith(onSecond);
    // What was broken after its step was not saved; before the second step the first was whole.
    assertThat(checkpoints.latestStep()).isEqualTo(broken);
  }

  /** One of them has fewer images to validate on; an average over both would end the process. */
  @Test
  void otherDataOnOneRankAreRefusedByBothBeforeTheyComputeTogether() throws Exception {
    Splits data = NoiseImages.splits(CLASSES, 8);
    Path teacher = NoiseImages.untrained(folder.resolve("teacher.safetensors"), data);
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

    assertThat(LocalRanks.run(2, ranks -> refusal(study, ranks.isFirst() ? data : fewer, ranks)))
        .containsExactly(
            "other ranks have other data, another teacher, another configuration or other code than rank 0",
            "rank 1 has other data, another teacher, another configuration or other code than rank 0");
  }

  /** As where each task of a job asks for its own share: they are no ranks of one training. */
  @Test
  void ranksThatWantDifferentSharesAreRefused() throws Exception {
    assertThat(LocalRanks.run(2, this::share))
        .hasSize(2)
        .allMatch(said -> said.contains("different shares of the runs"));
    assertThat(folder.resolve("out")).doesNotExist();
  }

  /**
   * While the second rank alone reads its part of the validation images after the first epoch of
   * three steps, it is asked to stop. The first rank hears of it before the batch is classified,
   * and both leave; who goes on classifies these images again.
   */
  @Test
  void aStopThatOneRankIsAskedForEndsBothAtOneStepAndBothGoOnBitForBit() throws Exception {
    Splits data = NoiseImages.splits(CLASSES, 8);
    Path undisturbed = folder.resolve("undisturbed");
    Path stopped = folder.resolve("stopped");
    assertThat(LocalRanks.run(2, ranks -> study(undisturbed, data, new StopRequest(), ranks)))
        .containsExactly("done", "done");

    List<String> ended =
        LocalRanks.run(
            2,
            ranks -> {
              StopRequest stop = new StopRequest();
              Thread rank = Thread.currentThread();
              Dataset validation = data.validation();
              Splits own =
                  new Splits(
                      data.name(),
                      data.train(),
                      ranks.isFirst()
                          ? validation
                          : new ListenedDataset(
                              validation,
                              () -> {
                                // The rank itself looks at an image before the first step.
                                if (Thread.currentThread() != rank) {
                                  stop.request();
                                }
                              }),
                      data.test(),
                      NoiseImages.SHAPE,
                      data.statistics());
              return study(stopped, own, stop, ranks);
            });

    assertThat(ended).containsExactly("stopped", "stopped");
    CheckpointFolder checkpoints =
        new CheckpointFolder(stopped.resolve("runs/resnet8-cross-entropy-seed1/checkpoints"));
    assertThat(checkpoints.latestStep()).isEqualTo(3);
    assertThat(LocalRanks.run(2, ranks -> study(stopped, data, new StopRequest(), ranks)))
        .containsExactly("done", "done");
    String student = "runs/resnet8-cross-entropy-seed1/student.safetensors";
    assertThat(stopped.resolve(student)).hasSameBinaryContentAs(undisturbed.resolve(student));
  }

  private static String study(Path out, Splits data, StopRequest stop, Collective ranks) {
    Map<String, Object> training =
        Map.of("epochs", 2, "batchSize", 8, "precision", "fp32", "threads", 1);
    Study study =
        Study.of(
                Map.of(
                    "data",
                    "cifar10-mini",
                    "student",
                    "resnet8",
                    "training",
                    training,
                    "seeds",
                    List.of(1),
                    "test",
                    false,
                    "methods",
                    List.of("cross-entropy")))
            .data(data)
            .stop(stop)
            .ranks(ranks)
            .resume(true);
    try {
      if (ranks.isFirst()) {
        study.run(out);
      } else {
        study.follow();
      }
      return "done";
    } catch (StoppedException e) {
      return "stopped";
    }
  }

  private String share(Collective ranks) {
    try {
      Study study =
          Study.of(
                  Map.of(
                      "data", "cifar10-mini",
                      "student", "resnet8",
                      "training", Map.of("epochs", 1, "batchSize", 8),
                      "seeds", List.of(1, 2),
                      "methods", List.of("cross-entropy")))
              .ranks(ranks)
              .only(new RunSelection(Set.of(), Set.of(), ranks.rank() + 1, 2));
      if (ranks.isFirst()) {
        study.run(folder.resolve("out"));
      } else {
        study.follow();
      }
      return "none";
    } catch (ConfigurationException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String refusal(StudyConfiguration study, Splits data, Collective ranks) {
    try (StudyTraining training =
        new StudyTraining(
            study,
            Precision.FP32,
            data,
            new Execution(Device.CPU, ranks, new StudyListener() {}, new StopRequest()))) {
      return "none: " + training.fingerprint();
    } catch (StudyRecordException e) {
      return e.getMessage();
    }
  }

  /** What the divergence says. */
  private static String train(Collective ranks, Checkpoints checkpoints, long broken) {
    try (TensorScope scope = TensorScope.open()) {
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
            Sgd.Settings.STANDARD,
            new WeightAverage.None(),
            Precision.FP32),
        Device.CPU,
        ranks);
  }
}
