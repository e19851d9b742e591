package dev.retort.study;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.data.Dataset;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.export.Int8Export;
import dev.retort.network.Activations;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.onnx.OnnxSession;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.RunName;
import dev.retort.training.StopRequest;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny study's models in ONNX Runtime, in another process. */
@NullUnmarked
class ServingMeasurementTest {
  private static final Splits DATA = data();

  @TempDir Path folder;

  /** Training images are dark: 8 bits that are set by them cut off much of the others. */
  private static Splits data() {
    Splits noise = NoiseImages.splits(List.of("a", "b"), 40);
    Dataset train = noise.train();
    byte[] dark = new byte[train.size() * NoiseImages.SHAPE.values()];
    Random random = new Random(1);
    for (int i = 0; i < dark.length; i++) {
      dark[i] = (byte) random.nextInt(64);
    }
    int[] labels = IntStream.range(0, train.size()).map(train::label).toArray();
    return new Splits(
        noise.name(),
        new InMemoryDataset("train", train.classes(), NoiseImages.SHAPE, dark, labels),
        noise.validation(),
        noise.test(),
        NoiseImages.SHAPE,
        noise.statistics());
  }

  private Path teacher() {
    Engine.start();
    Path file = folder.resolve("teacher.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      Network network =
          Networks.create(
              "resnet20", NoiseImages.SHAPE, 2, ScalarType.Float, RandomSource.of(1, "teacher"));
      // As it is, it decides alike about all images. So, 15 of the 40 test images are b to it: a
      // student that decides alike about all differs on an odd number, and gains more or less of
      // them than it loses.
      double[] sorted = towardsB(network);
      Arrays.sort(sorted);
      try (NoGrad noGrad = NoGrad.open()) {
        Tensor ofB = network.state().get("fc.bias").narrow(0, 1, 1);
        ofB.sub_(new Scalar((sorted[24] + sorted[25]) / 2));
      }
      ModelFile.save(
          network,
          new ModelInfo(DATA.classes(), DATA.statistics(), Map.of()),
          file,
          TensorType.F32);
    }
    return file;
  }

  private Map<String, Object> configuration() {
    return Map.of(
        "data", "cifar10-mini",
        "teacher", teacher().toString(),
        "student", "resnet8",
        "training", Map.of("epochs", 1, "batchSize", 8, "precision", "fp32", "threads", 1),
        "cache", Map.of("gigabytes", 0),
        "seeds", List.of(3, 4),
        "methods", List.of("ttm"));
  }

  private Study study() {
    return Study.of(configuration()).data(DATA);
  }

  @Test
  void theRecordHasTheTeacherAndTheStudentsOfTheFirstSeedInBothNumbers() throws IOException {
    Study study = study();
    Summary summary = study.run(folder.resolve("out"));
    StudyFolder out = StudyFolder.open(folder.resolve("out"));

    boolean measured =
        ServingMeasurement.measure(
            out,
            study.configuration(),
            DATA,
            Duration.ZERO,
            new StudyListener() {},
            new StopRequest());
    out.summarize();

    ServingRecord serving = out.serving().orElseThrow();
    assertThat(measured).isTrue();
    assertThat(serving.threads()).isEqualTo(1);
    assertThat(serving.measuredOn()).isEqualTo("test");
    assertThat(serving.images()).isEqualTo(40);
    assertThat(serving.models())
        .extracting(model -> model.name() + " " + model.numbers())
        .containsExactly(
            "resnet20 fp32", "resnet20 int8", "resnet8-ttm-seed3 fp32", "resnet8-ttm-seed3 int8");
    for (ServingRecord.Model model : serving.models()) {
      assertThat(model.calls()).isGreaterThanOrEqualTo(1000);
      assertThat(model.p50Milliseconds()).isPositive().isLessThanOrEqualTo(model.p99Milliseconds());
      assertThat(model.roundsMilliseconds()).hasSize(5);
      assertThat(model.imagesPerSecond()).isPositive();
      assertThat(model.residentBytes()).isGreaterThan(10_000_000L);
    }
    // 40.8 and 12.5 million multiply-accumulates: the times are each model's own.
    assertThat(serving.models().get(0).p50Milliseconds())
        .isGreaterThan(1.3 * serving.models().get(2).p50Milliseconds());
    // The exported file decides as the network did.
    assertThat(serving.models().get(2).accuracy())
        .isCloseTo(summary.methods().get(0).testAccuracy().get(0), within(1e-9));
    assertComparisonsAreOfTheDecisions(out, serving.models().get(2));
    Path teacher = folder.resolve("teacher.safetensors");
    Path student = out.runs().student(out.plan().firstRuns().get(0));
    assertThat(int8Accuracy(teacher, DATA.train()))
        .as("it could not be told from that of other ranges")
        .isNotEqualTo(int8Accuracy(teacher, DATA.test()));
    assertThat(serving.models().get(1).accuracy()).isEqualTo(int8Accuracy(teacher, DATA.train()));
    assertThat(serving.models().get(3).accuracy()).isEqualTo(int8Accuracy(student, DATA.train()));
    assertThatThrownBy(
            () ->
                ServingMeasurement.measure(
                    out, Duration.ZERO, new StudyListener() {}, new StopRequest()))
        .as("the configuration names other data than the study's own")
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith("the data are not what");
    assertThatThrownBy(
            () ->
                ServingMeasurement.measure(
                    out,
                    study.configuration(),
                    NoiseImages.splits(List.of("a", "b"), 40),
                    Duration.ZERO,
                    new StudyListener() {},
                    new StopRequest()))
        .as("pictures were added while the study trained")
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith("the data are not what");

    // Of a run that was removed and is done anew, by another build perhaps.
    out.forgetServing(new RunName("resnet8", "ttm", 4));
    assertThat(out.servingIsMeasured()).isTrue();
    out.forgetServing(new RunName("resnet8", "ttm", 3));
    assertThat(out.serving()).isEmpty();
    assertThat(out.servingIsMeasured()).isFalse();
    // 8-bit weights take less than half of 32-bit ones, whatever names and shapes take.
    assertThat(serving.models().get(3).bytes()).isLessThan(serving.models().get(2).bytes() / 2);
    assertThat(Files.readString(out.path().resolve("summary.md")))
        .contains("## What they cost to serve")
        .contains("| resnet8-ttm-seed3 | int8 | ");
  }

  /** Counts once more, from what the two networks say themselves. */
  private void assertComparisonsAreOfTheDecisions(StudyFolder out, ServingRecord.Model student)
      throws IOException {
    double[] ofTeacher = towardsB(folder.resolve("teacher.safetensors"));
    double[] ofStudent = towardsB(out.runs().student(out.plan().firstRuns().get(0)));
    int alike = 0;
    int gained = 0;
    int lost = 0;
    for (int i = 0; i < DATA.test().size(); i++) {
      boolean isB = DATA.test().label(i) == 1;
      boolean teacherIsRight = ofTeacher[i] > 0 == isB;
      boolean studentIsRight = ofStudent[i] > 0 == isB;
      alike += teacherIsRight == studentIsRight ? 1 : 0; // of two classes
      gained += studentIsRight && !teacherIsRight ? 1 : 0;
      lost += teacherIsRight && !studentIsRight ? 1 : 0;
    }
    assertThat(gained).as("it could not be told from what was lost").isNotEqualTo(lost);
    assertThat(student.gained()).isEqualTo(gained);
    assertThat(student.lost()).isEqualTo(lost);
    JsonNode result =
        new JsonMapper()
            .readTree(out.path().resolve("runs/resnet8-ttm-seed3/result.json").toFile());
    assertThat(result.get("agreementWithTeacher").asDouble()).isEqualTo(alike / 40.0);
  }

  private static double[] towardsB(Path network) {
    try (TensorScope scope = TensorScope.open()) {
      return towardsB(ModelFile.load(network).network());
    }
  }

  private static double[] towardsB(Network network) {
    return towardsB(
        images ->
            ForwardPass.run(network, images, false, Set.of(), Precision.FP32, Device.CPU).logits());
  }

  /** Of each test image by how much the logit of b is the larger one. */
  private static double[] towardsB(UnaryOperator<Tensor> network) {
    try (TensorScope scope = TensorScope.open();
        BatchStream stream =
            BatchStream.evaluation(
                DATA.test(), NoiseImages.SHAPE, DATA.statistics(), 40, Precision.FP32)) {
      Tensor logits = network.apply(stream.all().iterator().next().images());
      return Tensors.toDoubles(logits.select(1, 1).sub(logits.select(1, 0)));
    }
  }

  /** On the test images, of a file of 8 bits whose ranges are those of some images. */
  private static double int8Accuracy(Path network, Dataset calibrating) {
    try (TensorScope scope = TensorScope.open();
        OnnxSession session =
            new OnnxSession(
                "int8", new Int8Export(false).bytes(ModelFile.load(network), calibrating))) {
      double[] towardsB = towardsB(images -> session.run(images, Activations.LOGITS));
      return IntStream.range(0, towardsB.length)
              .filter(image -> towardsB[image] > 0 == (DATA.test().label(image) == 1))
              .count()
          / (double) towardsB.length;
    }
  }

  @Test
  void nothingIsServedBeforeARunIsDone() {
    StudyFolder begun = study().begin(folder.resolve("out"));

    assertThatThrownBy(
            () ->
                ServingMeasurement.measure(
                    begun,
                    study().configuration(),
                    DATA,
                    Duration.ZERO,
                    new StudyListener() {},
                    new StopRequest()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("has no student.safetensors of a run of a first seed");
  }

  /** A network of Retort's reads RGB, and its ONNX file would, too. */
  @Test
  void aTeacherThatCannotBeMeasuredIsRefusedBeforeTheTrainings() {
    Map<String, Object> measured = new HashMap<>(configuration());
    measured.put("serving", Map.of());
    measured.put("teacher", Map.of("model", "resnet20:" + teacher(), "channels", "BGR"));

    assertThatThrownBy(() -> Study.of(measured).data(DATA).run(folder.resolve("out")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reads RGB and NCHW");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  /** The trainings took longer than the measurement would have. */
  @Test
  void aMeasurementThatFailsCostsNoResult() throws IOException {
    Summary trained = study().run(folder.resolve("out"));
    StudyFolder out = StudyFolder.open(folder.resolve("out"));
    Files.writeString(out.runs().student(out.plan().firstRuns().get(0)), "damaged");
    Map<String, Object> measured = new HashMap<>(configuration());
    measured.put("serving", Map.of());
    List<String> skipped = new ArrayList<>();
    StudyListener listener =
        new StudyListener() {
          @Override
          public void servingSkipped(String why) {
            skipped.add(why);
          }
        };
    StudyListener interrupting =
        new StudyListener() {
          @Override
          public void awaitsQuiet(Duration most) {
            Thread.currentThread().interrupt();
          }
        };

    Study study = Study.of(measured).data(DATA).patience(Duration.ZERO);
    study.listener(listener).measureServing(out);
    assertThatThrownBy(() -> study.listener(interrupting).measureServing(out))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();

    assertThat(skipped)
        .singleElement(as(InstanceOfAssertFactories.STRING))
        .startsWith("what the models cost to serve was not measured: ")
        .contains("student.safetensors");
    assertThat(out.serving()).isEmpty();
    assertThat(out.summarize()).isEqualTo(trained);
  }
}
