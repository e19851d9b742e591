package dev.retort.teacher;

import static dev.retort.teacher.Oracle.BATCH;
import static dev.retort.teacher.Oracle.IMAGES;
import static dev.retort.teacher.Oracle.SHAPES;
import static dev.retort.teacher.Oracle.TAPS;
import static dev.retort.teacher.Oracle.answers;
import static dev.retort.teacher.Oracle.batch;
import static dev.retort.teacher.Oracle.inOrder;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TeacherCacheTest {
  private static final long GIGABYTE = 1_000_000_000;

  /** The bytes of one view: 10 of an embedding, 12 of logits and 48 of a map, each with 4 more. */
  private static final long VIEW = IMAGES * (14 + 16 + 52);

  @TempDir Path folder;

  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  @Test
  void aFullCacheDeletesFirstWhatWasNotUsedForLongest() throws IOException {
    TeacherCache ofTwoViews = new TeacherCache(folder, 2 * VIEW + VIEW / 2);
    answers(new Oracle(), ofTwoViews, Precision.FP32, inOrder(), 0);
    answers(new Oracle(), ofTwoViews, Precision.FP32, inOrder(), 1);
    for (Path file : files()) {
      boolean first = file.getFileName().toString().startsWith("00000");
      Files.setLastModifiedTime(file, FileTime.fromMillis(first ? 1_000 : 2_000));
    }
    answers(new Oracle(), ofTwoViews, Precision.FP32, inOrder(), 0); // the older one, used now

    assertThat(answers(new Oracle(), ofTwoViews, Precision.FP32, inOrder(), 2))
        .isEqualTo(answers(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder(), 2));

    assertThat(ofTwoViews.size()).isLessThanOrEqualTo(ofTwoViews.bound());
    for (long view : new long[] {0, 2}) {
      Oracle warm = new Oracle();
      answers(warm, ofTwoViews, Precision.FP32, inOrder(), view);
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
      answers(new Oracle(), linked, Precision.FP32, inOrder(), 0);
      assertThat(linked.size()).isEqualTo(cache().size()).isPositive();
      answers(new Oracle(), linked, Precision.FP32, inOrder(), 1);
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
      answers(new Oracle(), ofOneView, Precision.FP32, inOrder(), view);
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
    answers(new Oracle(), cache(), Precision.FP32, inOrder(), 0);
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
      answers(refused, ofOneView, Precision.FP32, inOrder(), 1);
      assertThat(files()).hasSize(names.size());
      other.destroyForcibly().waitFor();

      answers(new Oracle(), ofOneView, Precision.FP32, inOrder(), 1);

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
    String live = answers(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder());
    long logits = IMAGES * (3 * 4 + 4);
    TeacherCache small = new TeacherCache(folder, IMAGES * (5 * 2 + 4) + logits + 10);
    assertThat(answers(new Oracle(), small, Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(small.size()).isLessThanOrEqualTo(small.bound()).isGreaterThanOrEqualTo(logits);
    Oracle again = new Oracle();
    assertThat(answers(again, small, Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(again.images).isEqualTo(IMAGES);
  }

  /** A file is made before it takes room; the disk's last bytes are the checkpoints'. */
  @Test
  void aDiskThatFillsUpLeavesItsLastBytesToOthers() {
    String live = answers(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder());
    int filesAndFirstBatch = SHAPES.size() + 1;
    AtomicInteger asked = new AtomicInteger();
    TeacherCache filling =
        new TeacherCache(
            folder,
            GIGABYTE,
            disk -> asked.incrementAndGet() <= filesAndFirstBatch ? Long.MAX_VALUE : 0);
    assertThat(answers(new Oracle(), filling, Precision.FP32, inOrder())).isEqualTo(live);
    Oracle again = new Oracle();
    assertThat(answers(again, cache(), Precision.FP32, inOrder())).isEqualTo(live);
    assertThat(again.images).isEqualTo(IMAGES - BATCH);
  }

  @Test
  void aFolderThatCannotBeMadeLeavesTheResultsAsTheyAre() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    TeacherCache broken = new TeacherCache(file.resolve("cache"), GIGABYTE);
    assertThat(answers(new Oracle(), broken, Precision.FP32, inOrder()))
        .isEqualTo(answers(new Oracle(), TeacherCache.none(), Precision.FP32, inOrder()));
  }

  private TeacherCache cache() {
    return new TeacherCache(folder, GIGABYTE);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file) && !file.endsWith(TeacherCache.LOCK))
          .toList();
    }
  }
}
