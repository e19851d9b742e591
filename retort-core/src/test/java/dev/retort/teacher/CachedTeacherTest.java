package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Augmentation;
import dev.retort.data.Sha256;
import dev.retort.data.ViewSource;
import dev.retort.data.batch.Batch;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CachedTeacherTest {
  private static final int IMAGES = 24;
  private static final int BATCH = 8;
  private static final long GIGABYTE = 1_000_000_000;
  private static final ViewSource SOURCE =
      new ViewSource(
          Sha256.of("views".getBytes(StandardCharsets.UTF_8)), IMAGES, "made", Augmentation.NONE);
  private static final Map<String, long[]> SHAPES =
      Map.of("logits", new long[] {3}, "embedding", new long[] {5}, "map", new long[] {2, 4, 3});

  /** The bytes of one view: 10 of an embedding, 12 of logits and 48 of a map, each with 4 more. */
  private static final long VIEW = IMAGES * (14 + 16 + 52);

  private static final Set<String> TAPS = Set.of("embedding", "map");

  @TempDir Path folder;

  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  /** Says of every view of every image something else, and counts how often it is asked. */
  private static class Oracle implements Teacher {
    int images;

    @Override
    public String name() {
      return "oracle";
    }

    @Override
    public String digest() {
      return "of the oracle";
    }

    @Override
    public Map<String, long[]> shapes() {
      return SHAPES;
    }

    @Override
    public Activations activations(Batch batch, Set<String> taps) {
      images += batch.size();
      Map<String, Tensor> hidden = new LinkedHashMap<>();
      for (String tap : taps) {
        hidden.put(tap, said(tap, batch));
      }
      return new Activations(said("logits", batch), hidden);
    }

    private static Tensor said(String tap, Batch batch) {
      TensorVector rows = new TensorVector();
      for (int sample : batch.samples()) {
        RandomSource random = RandomSource.of(7, tap).at(batch.view()).at(sample);
        rows.push_back(
            random
                .normal(ScalarType.Float, Objects.requireNonNull(SHAPES.get(tap)))
                .mul(new Scalar(3)));
      }
      return torch.stack(rows);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void whatIsFoundIsBitForBitWhatIsComputedWithoutAnyCache(Precision precision) {
    String live = said(new Oracle(), TeacherCache.none(), precision, inOrder());
    Oracle cold = new Oracle();
    assertThat(said(cold, cache(), precision, inOrder())).isEqualTo(live);
    Oracle warm = new Oracle();
    assertThat(said(warm, cache(), precision, inOrder())).isEqualTo(live);
    assertThat(cold.images).isEqualTo(IMAGES);
    assertThat(warm.images).isZero();
  }

  @Test
  void anImageIsFoundWhateverItsPlaceInABatch() {
    List<int[]> reversed = new ArrayList<>();
    for (int[] batch : inOrder()) {
      reversed.add(0, IntStream.range(0, BATCH).map(i -> batch[BATCH - 1 - i]).toArray());
    }
    String live = said(new Oracle(), TeacherCache.none(), Precision.FP32, reversed);
    said(new Oracle(), cache(), Precision.FP32, inOrder());
    Oracle warm = new Oracle();
    assertThat(said(warm, cache(), Precision.FP32, reversed)).isEqualTo(live);
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
    String live = said(new Other(), TeacherCache.none(), precision, inOrder());
    String ofTheFirst = said(new Oracle(), cache(), Precision.FP32, inOrder());
    assertThat(said(new Other(), cache(), precision, inOrder())).isEqualTo(live);

    Oracle first = new Oracle();
    Other other = new Other();
    assertThat(said(first, cache(), Precision.FP32, inOrder())).isEqualTo(ofTheFirst);
    assertThat(said(other, cache(), precision, inOrder())).isEqualTo(live);
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
    said(new Oracle(), cache(), Precision.FP32, inOrder());
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
    said(new Oracle(), cache(), Precision.FP32, inOrder());
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
    said(new Oracle(), cache(), Precision.FP32, inOrder());
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
    said(new Oracle(), cache(), Precision.FP32, inOrder(), 0);
    Path first = file("logits");
    byte[] bytes = Files.readAllBytes(first);
    said(new Oracle(), cache(), Precision.FP32, inOrder(), 1);
    Files.write(
        first.resolveSibling(first.getFileName().toString().replace("00000", "00001")), bytes);
    Oracle again = new Oracle();
    String live = said(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder(), 1);
    assertThat(said(again, cache(), Precision.FP32, inOrder(), 1)).isEqualTo(live);
    assertThat(again.images).isEqualTo(IMAGES);
  }

  private void assertIsMadeAgain(int images) {
    String live = said(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder());
    Oracle again = new Oracle();
    assertThat(said(again, cache(), Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(again.images).isEqualTo(images);
    Oracle warm = new Oracle();
    assertThat(said(warm, cache(), Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(warm.images).isZero();
  }

  /** The bits of a network's outputs do not depend on it; see {@link NetworkTeacherTest}. */
  @Test
  void whatAnotherNumberOfThreadsComputedIsFound() {
    said(new Oracle(), cache(), Precision.FP32, inOrder());
    Oracle warm = new Oracle();
    Engine.threads(2);
    try {
      said(warm, cache(), Precision.FP32, inOrder());
    } finally {
      Engine.threads(1);
    }
    assertThat(warm.images).isZero();
  }

  @Test
  void aFullCacheDeletesFirstWhatWasNotUsedForLongest() throws IOException {
    TeacherCache ofTwoViews = new TeacherCache(folder, 2 * VIEW + VIEW / 2);
    said(new Oracle(), ofTwoViews, Precision.FP32, inOrder(), 0);
    said(new Oracle(), ofTwoViews, Precision.FP32, inOrder(), 1);
    for (Path file : files()) {
      boolean first = file.getFileName().toString().startsWith("00000");
      Files.setLastModifiedTime(file, FileTime.fromMillis(first ? 1_000 : 2_000));
    }
    said(new Oracle(), ofTwoViews, Precision.FP32, inOrder(), 0); // the older one, used now

    assertThat(said(new Oracle(), ofTwoViews, Precision.FP32, inOrder(), 2))
        .isEqualTo(said(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder(), 2));

    assertThat(ofTwoViews.size()).isLessThanOrEqualTo(ofTwoViews.bound());
    for (long view : new long[] {0, 2}) {
      Oracle warm = new Oracle();
      said(warm, ofTwoViews, Precision.FP32, inOrder(), view);
      assertThat(warm.images).isZero();
    }
    assertThat(files()).noneMatch(file -> file.getFileName().toString().startsWith("00001"));
  }

  @Test
  void aLinkToTheFolderIsBoundAsTheFolderIs() throws IOException {
    Path link = folder.resolveSibling(folder.getFileName() + "-link");
    Files.createSymbolicLink(link, folder);
    try {
      TeacherCache linked = new TeacherCache(link, VIEW + VIEW / 2);
      said(new Oracle(), linked, Precision.FP32, inOrder(), 0);
      assertThat(linked.size()).isEqualTo(cache().size()).isPositive();
      said(new Oracle(), linked, Precision.FP32, inOrder(), 1);
      assertThat(linked.size()).isLessThanOrEqualTo(linked.bound());
    } finally {
      Files.delete(link);
    }
  }

  /** As in a study with {@code cache: {folder: .}}: the folder is the user's own. */
  @Test
  void nothingButItsOwnFilesIsCountedOrDeleted() throws IOException {
    List<Path> others = List.of(folder.resolve("thesis.tex"), folder.resolve("a/b/00000-logits"));
    for (Path other : others) {
      Files.createDirectories(other.getParent());
      Files.write(other, new byte[(int) (10 * VIEW)]);
      Files.setLastModifiedTime(other, FileTime.fromMillis(0));
    }
    TeacherCache ofOneView = new TeacherCache(folder, VIEW + VIEW / 2);

    for (long view : new long[] {0, 1, 2}) {
      said(new Oracle(), ofOneView, Precision.FP32, inOrder(), view);
    }

    assertThat(others).allMatch(other -> other.toFile().length() == 10 * VIEW);
    assertThat(ofOneView.size()).isPositive().isLessThanOrEqualTo(ofOneView.bound());
  }

  /** Epochs read the views in turn: the oldest is the next. */
  @Test
  void aStudyThatIsLargerThanTheCacheKeepsWhatItHasInIt() {
    TeacherCache ofTwoViews = new TeacherCache(folder, 2 * VIEW + VIEW / 2);
    Oracle oracle = new Oracle();
    try (CachedTeacher teacher = new CachedTeacher(oracle, TAPS, Precision.FP32, ofTwoViews)) {
      for (int epoch = 0; epoch < 6; epoch++) {
        try (TensorScope scope = TensorScope.open()) {
          teacher.activations(batch(inOrder().get(0), epoch % 3), TAPS);
        }
      }
    }
    assertThat(oracle.images).isEqualTo(4 * BATCH);
  }

  @Test
  void anotherProcessesOutputsAreDeletedOnlyWhenItUsesThemNoMore() throws Exception {
    said(new Oracle(), cache(), Precision.FP32, inOrder(), 0);
    List<String> names = files().stream().map(Path::toString).toList();
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                folder.toString()));
    line.addAll(names);
    Process other = new ProcessBuilder(line).redirectErrorStream(true).start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("uses them");
      TeacherCache ofOneView = new TeacherCache(folder, VIEW);
      Oracle refused = new Oracle();
      said(refused, ofOneView, Precision.FP32, inOrder(), 1);
      assertThat(files()).hasSize(names.size());
      other.destroyForcibly().waitFor();

      said(new Oracle(), ofOneView, Precision.FP32, inOrder(), 1);

      assertThat(files()).hasSize(names.size());
      assertThat(files()).noneMatch(file -> file.getFileName().toString().startsWith("00000"));
    } finally {
      other.destroyForcibly();
    }
  }

  /** Uses the files of a folder until it is ended. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] folderAndFiles) throws IOException {
      Path folder = Path.of(folderAndFiles[0]);
      for (int i = 1; i < folderAndFiles.length; i++) {
        FilesInUse.take(folder, Path.of(folderAndFiles[i]), folder);
      }
      System.out.println("uses them");
      System.in.read();
    }
  }

  @Test
  void whatDoesNotFitTheBoundIsComputed() throws IOException {
    String live = said(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder());
    long logits = IMAGES * (3 * 4 + 4);
    TeacherCache small = new TeacherCache(folder, IMAGES * (5 * 2 + 4) + logits + 10);
    assertThat(said(new Oracle(), small, Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(small.size()).isLessThanOrEqualTo(small.bound()).isGreaterThanOrEqualTo(logits);
    Oracle again = new Oracle();
    assertThat(said(again, small, Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(again.images).isEqualTo(IMAGES);
  }

  /** A file is made before it takes room; the disk's last bytes are the checkpoints'. */
  @Test
  void aDiskThatFillsUpLeavesItsLastBytesToOthers() {
    String live = said(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder());
    int filesAndFirstBatch = SHAPES.size() + 1;
    AtomicInteger asked = new AtomicInteger();
    TeacherCache filling =
        new TeacherCache(
            folder,
            GIGABYTE,
            disk -> asked.incrementAndGet() <= filesAndFirstBatch ? Long.MAX_VALUE : 0);
    assertThat(said(new Oracle(), filling, Precision.FP32, inOrder())).isEqualTo(live);
    Oracle again = new Oracle();
    assertThat(said(again, cache(), Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(again.images).isEqualTo(IMAGES - BATCH);
  }

  @Test
  void aFolderThatCannotBeMadeLeavesTheResultsAsTheyAre() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    TeacherCache broken = new TeacherCache(file.resolve("cache"), GIGABYTE);
    assertThat(said(new Oracle(), broken, Precision.FP32, inOrder()))
        .isEqualTo(said(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder()));
  }

  @Test
  void severalMayWriteOneViewAtTheSameTime() {
    String live = said(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder());
    List<CompletableFuture<String>> writers =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          Engine.threads(1);
                          return said(new Oracle(), cache(), Precision.FP32, inOrder());
                        }))
            .toList();
    assertThat(writers.stream().map(CompletableFuture::join)).containsOnly(live);
    Oracle warm = new Oracle();
    assertThat(said(warm, cache(), Precision.FP32, inOrder())).isEqualTo(live);
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
    return new TeacherCache(folder, GIGABYTE);
  }

  private Path file(String tap) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("00000-" + tap))
          .findFirst()
          .orElseThrow();
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file) && !file.endsWith(TeacherCache.LOCK))
          .toList();
    }
  }

  private static List<int[]> inOrder() {
    return IntStream.range(0, IMAGES / BATCH)
        .mapToObj(b -> IntStream.range(b * BATCH, (b + 1) * BATCH).toArray())
        .toList();
  }

  private static Batch batch(int[] samples, long view) {
    long n = samples.length;
    Tensor images = torch.zeros(n, 1, 1, 1);
    return new Batch(images, Tensors.of(new long[samples.length], n), samples, SOURCE, view);
  }

  private static String said(
      Teacher teacher, TeacherCache cache, Precision precision, List<int[]> batches) {
    return said(teacher, cache, precision, batches, 0);
  }

  /** The digest of all bits that a new teacher with that cache hands out. */
  private static String said(
      Teacher teacher, TeacherCache cache, Precision precision, List<int[]> batches, long view) {
    Sha256 digest = new Sha256();
    try (CachedTeacher cached = new CachedTeacher(teacher, TAPS, precision, cache)) {
      for (int[] samples : batches) {
        try (TensorScope scope = TensorScope.open()) {
          Activations said = cached.activations(batch(samples, view), TAPS);
          for (String tap : new String[] {"logits", "embedding", "map"}) {
            digest.text(Long.toString(said.get(tap).stride(1)));
            digest.bytes(Tensors.bytes(said.get(tap).contiguous()));
          }
        }
      }
    }
    return digest.hex();
  }
}
