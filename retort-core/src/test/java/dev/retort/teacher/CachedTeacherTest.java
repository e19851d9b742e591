package dev.retort.teacher;

import static dev.retort.teacher.Oracle.BATCH;
import static dev.retort.teacher.Oracle.IMAGES;
import static dev.retort.teacher.Oracle.TAPS;
import static dev.retort.teacher.Oracle.answers;
import static dev.retort.teacher.Oracle.batch;
import static dev.retort.teacher.Oracle.inOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.batch.Batch;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CachedTeacherTest {
  @TempDir Path folder;

  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void whatIsFoundIsBitForBitWhatIsComputedWithoutAnyCache(Precision precision) {
    String live = answers(new Oracle(), TeacherCache.none(), precision, inOrder());
    Oracle cold = new Oracle();
    assertThat(answers(cold, cache(), precision, inOrder())).isEqualTo(live);
    Oracle warm = new Oracle();
    assertThat(answers(warm, cache(), precision, inOrder())).isEqualTo(live);
    assertThat(cold.images).isEqualTo(IMAGES);
    assertThat(warm.images).isZero();
  }

  @Test
  void anImageIsFoundWhateverItsPlaceInABatch() {
    List<int[]> reversed = new ArrayList<>();
    for (int[] batch : inOrder()) {
      reversed.add(0, IntStream.range(0, BATCH).map(i -> batch[BATCH - 1 - i]).toArray());
    }
    String live = answers(new Oracle(), TeacherCache.none(), Precision.FP32, reversed);
    answers(new Oracle(), cache(), Precision.FP32, inOrder());
    Oracle warm = new Oracle();
    assertThat(answers(warm, cache(), Precision.FP32, reversed)).isEqualTo(live);
    assertThat(warm.images).isZero();
  }

  @Test
  void valuesComeBackRoundedToTheirFormat() {
    try (TensorScope scope = TensorScope.open();
        CachedTeacher teacher =
            new CachedTeacher(new Oracle(), TAPS, Precision.BF16, TeacherCache.none())) {
      Batch batch = batch(new int[] {3}, 0);
      Activations said = teacher.activations(batch, TAPS);
      Tensor map = Oracle.said("map", batch);
      assertThat(Tensors.toFloats(said.get("map")))
          .isEqualTo(Tensors.toFloats(map.to(ScalarType.BFloat16)));
      assertThat(Tensors.toFloats(said.logits()))
          .isEqualTo(Tensors.toFloats(Oracle.said("logits", batch)));
    }
  }

  /** An oracle whose answers are changed. */
  private static Oracle changed(UnaryOperator<Tensor> change) {
    return new Oracle() {
      @Override
      public Activations activations(Batch batch, Set<String> taps) {
        return super.activations(batch, taps).map(change);
      }
    };
  }

  private static Tensor third(Tensor tensor) {
    return tensor.to(ScalarType.Double).div(new Scalar(3.0));
  }

  @Test
  void aStudyOfFp64LearnsFromEveryDigit() {
    Oracle oracle = changed(CachedTeacherTest::third);
    try (TensorScope scope = TensorScope.open();
        CachedTeacher teacher = new CachedTeacher(oracle, TAPS, Precision.FP64, cache())) {
      Batch narrow = batch(new int[] {3}, 0);
      Batch batch =
          new Batch(
              narrow.images().to(ScalarType.Double),
              narrow.labels(),
              narrow.samples(),
              narrow.source(),
              narrow.view());
      for (int time = 0; time < 2; time++) { // computed, and found
        Activations said = teacher.activations(batch, TAPS);
        for (String name : List.of("map", "logits")) {
          assertThat(Tensors.toDoubles(said.get(name)))
              .isEqualTo(Tensors.toDoubles(third(Oracle.said(name, batch))));
        }
      }
      assertThat(oracle.images).isEqualTo(1);
    }
  }

  /** The largest of 16 bits would stand in its place. */
  @Test
  void aHiddenValueThatIsNotFiniteIsRefused() {
    Oracle overflowing = changed(tensor -> tensor.div(tensor.sub(tensor)));
    try (TensorScope scope = TensorScope.open();
        CachedTeacher teacher =
            new CachedTeacher(overflowing, TAPS, Precision.FP32, TeacherCache.none())) {
      assertThatThrownBy(() -> teacher.activations(batch(new int[] {3}, 0), TAPS))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("that are not finite");
    }
  }

  /** As of an ONNX file: with other layers among its outputs, its logits have other last bits. */
  @Test
  void outputsThatDependOnWhatIsReadAreFoundForTheSameLayersAlone() {
    class Dependent extends Oracle {
      @Override
      public boolean outputsDependOnTaps() {
        return true;
      }
    }
    for (Oracle oracle : List.of(new Oracle(), new Dependent())) {
      TeacherCache shared = cache();
      logits(oracle, Set.of("map"), shared);
      logits(oracle, Set.of("map"), shared);
      assertThat(oracle.images).isEqualTo(BATCH);
      logits(oracle, TAPS, shared);
      assertThat(oracle.images).isEqualTo(oracle instanceof Dependent ? 2 * BATCH : BATCH);
    }
  }

  /** A teacher of other weights, another version of what runs it, or another precision. */
  @ParameterizedTest
  @CsvSource({
    "of another oracle, '', FP32",
    "of the oracle, another runtime, FP32",
    "of the oracle, '', FP64"
  })
  void teachersThatShareACacheEachFindTheirOwnOutputs(
      String digest, String runtime, Precision precision) {
    class Other extends Oracle {
      @Override
      public String digest() {
        return digest;
      }

      @Override
      public String runtime() {
        return runtime;
      }

      @Override
      public Activations activations(Batch batch, Set<String> taps) {
        return super.activations(batch, taps).map(Tensor::neg);
      }
    }
    String live = answers(new Other(), TeacherCache.none(), precision, inOrder());
    String ofTheFirst = answers(new Oracle(), cache(), Precision.FP32, inOrder());
    assertThat(answers(new Other(), cache(), precision, inOrder())).isEqualTo(live);

    Oracle first = new Oracle();
    Other other = new Other();
    assertThat(answers(first, cache(), Precision.FP32, inOrder())).isEqualTo(ofTheFirst);
    assertThat(answers(other, cache(), precision, inOrder())).isEqualTo(live);
    assertThat(first.images + other.images).as("all are found").isZero();
  }

  private static void logits(Teacher teacher, Set<String> taps, TeacherCache cache) {
    try (TensorScope scope = TensorScope.open();
        CachedTeacher cached = new CachedTeacher(teacher, taps, Precision.FP32, cache)) {
      cached.activations(batch(IntStream.range(0, BATCH).toArray(), 0), Set.of());
    }
  }

  @Test
  void anotherViewIsAnotherOutput() {
    try (TensorScope scope = TensorScope.open();
        CachedTeacher teacher = new CachedTeacher(new Oracle(), TAPS, Precision.FP32, cache())) {
      Tensor first = teacher.activations(batch(new int[] {0, 1}, 0), Set.of()).logits();
      Tensor second = teacher.activations(batch(new int[] {0, 1}, 1), Set.of()).logits();
      assertThat(Tensors.toFloats(first)).isNotEqualTo(Tensors.toFloats(second));
    }
  }

  @Test
  void aFlippedByteIsNoticedAndMadeAgain() throws IOException {
    answers(new Oracle(), cache(), Precision.FP32, inOrder());
    Path logits = file("logits");
    byte[] bytes = Files.readAllBytes(logits);
    byte[] altered = bytes.clone();
    altered[5] ^= 1; // of the first image
    Files.write(logits, altered);
    assertIsMadeAgain(BATCH);
    assertThat(logits).hasBinaryContent(bytes);
  }

  @Test
  void aFileCutShortIsNoticedAndMadeAgain() throws IOException {
    answers(new Oracle(), cache(), Precision.FP32, inOrder());
    Path map = file("map");
    byte[] bytes = Files.readAllBytes(map);
    try (RandomAccessFile file = new RandomAccessFile(map.toFile(), "rw")) {
      file.setLength(bytes.length / 2 + 1);
    }
    assertIsMadeAgain(2 * BATCH);
    assertThat(map).hasBinaryContent(bytes);
  }

  @Test
  void aRecordWrittenInPartIsNoticedAndMadeAgain() throws IOException {
    answers(new Oracle(), cache(), Precision.FP32, inOrder());
    Path logits = file("logits");
    byte[] bytes = Files.readAllBytes(logits);
    byte[] torn = bytes.clone();
    Arrays.fill(torn, torn.length - 9, torn.length, (byte) 0); // of the last image
    Files.write(logits, torn);
    assertIsMadeAgain(BATCH);
    assertThat(logits).hasBinaryContent(bytes);
  }

  @Test
  void anotherFilesRecordsAreNotTaken() throws IOException {
    answers(new Oracle(), cache(), Precision.FP32, inOrder(), 0);
    Path first = file("logits");
    byte[] bytes = Files.readAllBytes(first);
    answers(new Oracle(), cache(), Precision.FP32, inOrder(), 1);
    Files.write(
        first.resolveSibling(first.getFileName().toString().replace("00000", "00001")), bytes);
    Oracle again = new Oracle();
    String live = answers(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder(), 1);
    assertThat(answers(again, cache(), Precision.FP32, inOrder(), 1)).isEqualTo(live);
    assertThat(again.images).isEqualTo(IMAGES);
  }

  private void assertIsMadeAgain(int images) {
    String live = answers(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder());
    Oracle again = new Oracle();
    assertThat(answers(again, cache(), Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(again.images).isEqualTo(images);
    Oracle warm = new Oracle();
    assertThat(answers(warm, cache(), Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(warm.images).isZero();
  }

  /** The bits of a network's outputs do not depend on it; see {@link NetworkTeacherTest}. */
  @Test
  void whatAnotherNumberOfThreadsComputedIsFound() {
    answers(new Oracle(), cache(), Precision.FP32, inOrder());
    Oracle warm = new Oracle();
    Engine.threads(2);
    try {
      answers(warm, cache(), Precision.FP32, inOrder());
    } finally {
      Engine.threads(1);
    }
    assertThat(warm.images).isZero();
  }

  @Test
  void severalMayWriteOneViewAtTheSameTime() {
    String live = answers(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder());
    List<CompletableFuture<String>> writers =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          Engine.threads(1);
                          return answers(new Oracle(), cache(), Precision.FP32, inOrder());
                        }))
            .toList();
    assertThat(writers.stream().map(CompletableFuture::join)).containsOnly(live);
    Oracle warm = new Oracle();
    assertThat(answers(warm, cache(), Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(warm.images).isZero();
  }

  @Test
  void aRepresentationThatWasNotAnnouncedIsRefused() {
    try (TensorScope scope = TensorScope.open();
        CachedTeacher teacher =
            new CachedTeacher(new Oracle(), Set.of("map"), Precision.FP32, cache())) {
      assertThatThrownBy(() -> teacher.activations(batch(new int[] {0}, 0), Set.of("embedding")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'embedding'");
    }
  }

  private TeacherCache cache() {
    return new TeacherCache(folder, 1_000_000_000);
  }

  private Path file(String tap) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("00000-" + tap))
          .findFirst()
          .orElseThrow();
    }
  }
}
