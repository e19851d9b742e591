package dev.retort.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtEnvironment;
import dev.retort.image.PictureRoom;
import dev.retort.image.UnreadableImageException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The file colours.onnx, which {@code PictureExportTest} writes, reads 4 x 4 pixels. Of colours in
 * [0, 1] its logits are 4 times the mean red, green and blue, and 6 times the mean of all three in
 * the left half.
 */
class ClassifierTest {
  private static final Path MODEL = Path.of("src/test/resources/dev/retort/serve/colours.onnx");

  private static final Path PICTURES =
      Path.of("../retort-core/src/test/resources/dev/retort/data/pictures");

  private static final String LEFT = "left \"half\"";

  @TempDir Path folder;

  private Classifier classifier;

  @BeforeEach
  void open() throws IOException {
    classifier = Classifier.open(MODEL);
  }

  @AfterEach
  void close() {
    classifier.close();
  }

  private static BufferedImage filled(int width, int height, Color colour) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(colour);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return image;
  }

  /** Black but for columns that are white. */
  private static BufferedImage striped(int width, int height, int from, int to) {
    BufferedImage image = filled(width, height, Color.BLACK);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(from, 0, to - from, height);
    graphics.dispose();
    return image;
  }

  private static double probability(List<Prediction> predictions, String name) {
    return predictions.stream()
        .filter(prediction -> prediction.name().equals(name))
        .findFirst()
        .orElseThrow()
        .probability();
  }

  /** Logits of red: 4, 0, 0 and 6 / 3. */
  @Test
  void aPictureOfAnySizeIsClassified() {
    double sum = Math.exp(4) + 2 + Math.exp(2);

    List<Prediction> predictions = classifier.classify(filled(70, 50, Color.RED));

    assertThat(predictions).extracting(Prediction::name).startsWith("red", LEFT).hasSize(4);
    assertThat(predictions.get(0).probability())
        .isCloseTo((float) (Math.exp(4) / sum), within(1e-5f));
    assertThat(probability(predictions, LEFT)).isCloseTo(Math.exp(2) / sum, within(1e-5));
    assertThat(probability(predictions, "blue")).isCloseTo(1 / sum, within(1e-5));
    assertThat(classifier.classes()).containsExactly("red", "green", "blue", LEFT);
  }

  /** Of eight columns those from 2 to 5 are cut out, two of them white: logits 2, 2, 2 and 6. */
  @Test
  void theMiddleIsCutOut() {
    List<Prediction> predictions = classifier.classify(striped(8, 4, 2, 4));

    assertThat(predictions.get(0).name()).isEqualTo(LEFT);
    assertThat(predictions.get(0).probability())
        .isCloseTo((float) (Math.exp(6) / (Math.exp(6) + 3 * Math.exp(2))), within(1e-5f));
  }

  /** Grey of half the brightness three times: logits 2, 2, 2 and 3. */
  @Test
  void greyIsThreeEqualColours() {
    BufferedImage grey = new BufferedImage(9, 5, BufferedImage.TYPE_BYTE_GRAY);
    int[] values = new int[45];
    Arrays.fill(values, 51); // a fifth
    grey.getRaster().setPixels(0, 0, 9, 5, values);

    double left = Math.exp(6 * 0.2);

    assertThat(probability(classifier.classify(grey), LEFT))
        .isCloseTo(left / (left + 3 * Math.exp(4 * 0.2)), within(1e-5));
  }

  /**
   * Eight columns become one by a filter of sixteen, so that an eighth of the second of four is
   * white where the right half is: logits 2, 2, 2 and 6 / 16, and turned 6 · 15 / 16.
   */
  @Test
  void aFileIsTurnedAsItsExifOrientationSays() throws IOException {
    BufferedImage right = striped(32, 32, 16, 32);
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(right, "jpeg", jpeg);
    byte[] plain = jpeg.toByteArray();
    ByteBuffer turned = ByteBuffer.allocate(plain.length + 36);
    turned.put(plain, 0, 2).putShort((short) 0xffe1).putShort((short) 34);
    turned.put("Exif\0\0MM\0*".getBytes(StandardCharsets.US_ASCII)).putInt(8);
    // One entry: orientation, a short, one of them, 3; no other directory.
    turned.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
    turned.putShort((short) 3).putShort((short) 0).putInt(0);
    turned.put(plain, 2, plain.length - 2);

    List<Prediction> asItLies =
        classifier.classify(Files.write(folder.resolve("plain.jpg"), plain));
    Path file = Files.write(folder.resolve("turned.jpg"), turned.array());
    List<Prediction> upright = classifier.classify(file);

    double others = 3 * Math.exp(2);
    double dark = Math.exp(6 / 16.0);
    double bright = Math.exp(6 * 15 / 16.0);
    assertThat(probability(asItLies, LEFT)).isCloseTo(dark / (dark + others), within(0.001));
    assertThat(probability(upright, LEFT)).isCloseTo(bright / (bright + others), within(0.001));
    assertThat(classifier.classify(turned.array())).as("its bytes").isEqualTo(upright);
  }

  @Test
  void manyPicturesOfSeveralSizesAreClassifiedInTheirOrder() {
    List<BufferedImage> images = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      images.add(filled(7, 9, i % 2 == 0 ? Color.RED : Color.BLUE));
    }
    images.add(filled(9, 7, Color.GREEN));
    images.add(filled(7, 9, Color.BLUE));

    List<List<Prediction>> all = classifier.classify(images);

    assertThat(all).hasSize(42);
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i)).isEqualTo(classifier.classify(images.get(i)));
    }
    assertThat(classifier.classify(List.of())).isEmpty();
  }

  @Test
  void threadsShareOne() throws Exception {
    List<BufferedImage> images =
        List.of(filled(30, 20, Color.RED), filled(5, 50, Color.GREEN), filled(64, 64, Color.BLUE));
    List<List<Prediction>> expected = classifier.classify(images);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Boolean>> calls = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        int which = i % 3;
        calls.add(() -> classifier.classify(images.get(which)).equals(expected.get(which)));
      }
      for (Future<Boolean> same : threads.invokeAll(calls)) {
        assertThat(same.get()).isTrue();
      }
    } finally {
      threads.shutdown();
    }
  }

  /** Of nine megabytes each; only a collection of garbage would free another's. */
  @Test
  void largePicturesUseTheMemoryOfEarlierOnes() {
    BufferedImage large = filled(2000, 1500, Color.RED);
    classifier.classify(large);
    long before = bytesOutsideTheHeap();

    assertThat(classifier.classify(large).get(0).name()).isEqualTo("red");
    classifier.classify(filled(1500, 1900, Color.RED));

    assertThat(bytesOutsideTheHeap()).isLessThanOrEqualTo(before);
  }

  private static long bytesOutsideTheHeap() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  @Test
  void whoeverClosesItWaitsForCallsThatHaveBegunAndLaterOnesAreRefused() throws Exception {
    BufferedImage image = filled(2000, 1500, Color.RED);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<String>> results = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        results.add(threads.submit(() -> classifier.classify(image).get(0).name()));
      }
      results.get(0).get();
      classifier.close();
      classifier.close();
      for (Future<String> result : results) {
        try {
          assertThat(result.get()).isEqualTo("red");
        } catch (java.util.concurrent.ExecutionException e) {
          assertThat(e).hasRootCauseMessage("the classifier is closed");
        }
      }
    } finally {
      threads.shutdown();
    }
    assertThatThrownBy(() -> classifier.classify(image))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the classifier is closed");
  }

  @ParameterizedTest
  @CsvSource({
    "palette.gif, no picture in JPEG or PNG",
    "rgb.webp, no picture in JPEG or PNG",
    "golden.json, no picture in JPEG or PNG",
    "none.jpg, no such file",
    "cmyk.jpg, 'its values are neither grey nor RGB of 8 or 16 bits: convert it, say to PNG'"
  })
  void otherFilesAreRefusedInASentence(String name, String reason) {
    Path file = PICTURES.resolve(name);

    assertThatThrownBy(() -> classifier.classify(file))
        .as("whether the picture is at fault")
        .isInstanceOf(Files.exists(file) ? UnreadableImageException.class : IOException.class)
        .hasMessage(file + ": " + reason);
  }

  @ParameterizedTest
  @CsvSource({"orientation1.jpg", "rgb.png"})
  void aTruncatedFileIsRefusedAndNotReadInPart(String name) throws IOException {
    byte[] whole = Files.readAllBytes(PICTURES.resolve(name));
    Path file = Files.write(folder.resolve(name), Arrays.copyOf(whole, whole.length * 2 / 3));

    assertThatThrownBy(() -> classifier.classify(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": damaged: ");
    assertThatThrownBy(() -> classifier.classify(Files.readAllBytes(file)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("damaged: ");
  }

  /** The file of one has 74 bytes, and a network of 224 pixels would scale it to 64 MiB. */
  @Test
  void aThreadOfPixelsIsRefused() throws IOException {
    BufferedImage thin = new BufferedImage(445, 1, BufferedImage.TYPE_BYTE_GRAY);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(thin, "png", png);
    String reason = "too thin: 445 x 1 pixels, and one side may be 64 times the other at most";

    assertThatThrownBy(() -> classifier.classify(thin))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(reason);
    assertThatThrownBy(() -> classifier.classify(List.of(filled(4, 4, Color.RED), thin, thin)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("picture 1: " + reason);
    assertThatThrownBy(() -> classifier.classify(png.toByteArray()))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage(reason);
    assertThatThrownBy(() -> classifier.classify(filled(2, 129, Color.RED)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(classifier.classify(filled(2, 128, Color.RED)).get(0).name()).isEqualTo("red");
  }

  /** The picture's own, or those of four rows or columns, where they are more. */
  @ParameterizedTest
  @CsvSource({"1, 64, 1024", "64, 1, 1024", "2, 3, 24", "100, 50, 5000"})
  void roomIsTakenForPixels(int height, int width, long pixels) {
    assertThat(classifier.room(height, width)).isEqualTo(pixels);
  }

  /** As files are: an int has no room for three bytes of each of so many pixels. */
  @Test
  void decodedPicturesAreLimitedInSize() {
    assertThatThrownBy(() -> classifier.room(30_000, 30_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("too large: 30000 x 30000 pixels");
  }

  /** As those with files do; there is no room while others have all of it. */
  @Test
  void callsWithDecodedPicturesWaitForRoomUntilTheyAreInterrupted() throws Exception {
    BufferedImage image = filled(4, 4, Color.RED);
    List<Callable<Object>> calls =
        List.of(() -> classifier.classify(image), () -> classifier.classify(List.of(image, image)));
    for (Callable<Object> call : calls) {
      FutureTask<Object> waiting = new FutureTask<>(call);
      Thread thread = new Thread(waiting);
      try (PictureRoom all = PictureRoom.take(Long.MAX_VALUE)) {
        thread.start();
        assertThatThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS))
            .isInstanceOf(TimeoutException.class);
        thread.interrupt();
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
            .hasCauseInstanceOf(UncheckedIOException.class)
            .hasRootCauseInstanceOf(InterruptedIOException.class);
      }
    }
  }

  @Test
  void itIsSaidWhyTheRuntimesLibraryCannotBeLoadedAndWhatItNeeds() {
    IOException full = new IOException("No space left on device");

    assertThat(Classifier.unloadable(new ExceptionInInitializerError(new RuntimeException(full))))
        .hasMessageStartingWith(
            "ONNX Runtime could not be loaded (java.io.IOException: No space left on device). ")
        .hasMessageContaining("Linux with glibc")
        .hasMessageContaining("folder " + System.getProperty("java.io.tmpdir") + ",");
    assertThat(Classifier.unloadable(new UnsatisfiedLinkError("ld-linux-x86-64.so.2")))
        .hasMessageContaining("(java.lang.UnsatisfiedLinkError: ld-linux-x86-64.so.2)");
  }

  @Test
  void aFileSaysWhatPicturesAreScaledToCover() {
    assertThat(Classifier.covered(Map.of("input", "3x4x8"))).containsExactly(4, 8);
    assertThat(Classifier.covered(Map.of("input", "3x64x64", "resize", "73")))
        .containsExactly(73, 73);
  }

  /** 32 at most, and 64 MiB of pixels at most, as they are or scaled to four rows or columns. */
  @ParameterizedTest
  @CsvSource({"32, 32, 32", "1024, 2048, 10", "10, 300, 32", "1, 100000, 13", "1, 1000000, 1"})
  void fewerPicturesAreClassifiedAtOnceWhereTheyAreLargeOrThin(int height, int width, int most) {
    assertThat(classifier.mostAtOnce(height, width)).isEqualTo(most);
  }

  /** Other keys, names and sizes that are none, other ends: all of the same length in the file. */
  @ParameterizedTest
  @CsvSource({"classes, clauses", "blue, b\"ue", "3x4x4, 3x4y4", "probabilities, possibilities"})
  void aModelThatDoesNotSayWhatItIsForIsRefused(String from, String to) throws IOException {
    String model = Files.readString(MODEL, StandardCharsets.ISO_8859_1);
    Path nameless = folder.resolve("nameless.onnx");
    Files.writeString(nameless, model.replace(from, to), StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> Classifier.open(nameless))
        .isInstanceOf(IOException.class)
        .hasMessage(
            nameless
                + ": it does not read pictures of any size and name their classes; write it with"
                + " retort export MODEL --to onnx --preprocessing");
  }

  @ParameterizedTest
  @CsvSource({"int8, 1.23.2", "int8, 1.25.1", "int8, 0.30.0"})
  void eightBitNumbersNeedARuntimeThatComputesThemRightly(String numbers, String old)
      throws IOException {
    assertThatThrownBy(() -> Classifier.requireRuntime(numbers, old, "a.onnx"))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "a.onnx: its 8-bit numbers need ONNX Runtime 1.26 or newer, and this is "
                + old
                + ", which may compute them wrongly");
    Classifier.requireRuntime("", old, "a.onnx");
    String own = OrtEnvironment.getEnvironment().getVersion();
    assertThat(own).as("how it is written").matches("\\d+\\.\\d+\\..*");
    for (String recent : List.of(own, "1.26.0", "1.100.0", "2.0.0-rc1")) {
      Classifier.requireRuntime(numbers, recent, "a.onnx");
    }
  }

  /** ONNX Runtime looks for names on disk alone, where another model may have the same. */
  @Test
  void aModelInAJarOrInMemoryIsOpenedAsOneOnDisk() throws IOException {
    BufferedImage red = filled(70, 50, Color.RED);
    List<Prediction> expected = classifier.classify(red);
    Map<String, String> create = Map.of("create", "true");
    try (FileSystem jar = FileSystems.newFileSystem(folder.resolve("models.jar"), create)) {
      Path inside = Files.copy(MODEL, jar.getPath("/colours.onnx"));
      try (Classifier opened = Classifier.open(inside)) {
        assertThat(opened.classify(red)).isEqualTo(expected);
      }
    }
    byte[] model = Files.readAllBytes(MODEL);
    try (Classifier opened = Classifier.open(model)) {
      assertThat(opened.classify(red)).isEqualTo(expected);
    }
    for (byte[] none : new byte[][] {Arrays.copyOf(model, model.length / 2), {}}) {
      assertThatThrownBy(() -> Classifier.open(none))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the model: ONNX Runtime refuses it: ");
    }
  }

  @Test
  void whatIsNoModelIsRefused() throws IOException {
    byte[] model = Files.readAllBytes(MODEL);
    Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(model, model.length / 2));
    Path none = folder.resolve("none.onnx");

    assertThatThrownBy(() -> Classifier.open(cut))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(cut + ": ONNX Runtime refuses it: ");
    assertThatThrownBy(() -> Classifier.open(none))
        .isInstanceOf(IOException.class)
        .hasMessage(none + ": no such file");
    assertThatThrownBy(() -> Classifier.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(folder + ": a folder, not a file");
    assertThatThrownBy(() -> Classifier.open(MODEL, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads must be at least 1, not 0");
  }
}
