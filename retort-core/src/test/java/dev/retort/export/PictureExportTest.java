package dev.retort.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageFile;
import dev.retort.data.ImageFile.Picture;
import dev.retort.data.ImageShape;
import dev.retort.data.Resizing;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.ForwardPass;
import dev.retort.network.Graph;
import dev.retort.network.MadeNetwork;
import dev.retort.network.Operation;
import dev.retort.network.State;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxGraph.Dimension;
import dev.retort.onnx.OnnxSession;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an exported file makes of pictures of any size. */
class PictureExportTest {
  private static final Path PICTURES = Path.of("src/test/resources/dev/retort/data/pictures");

  private static final Path OF_THE_SERVING_TESTS =
      Path.of("../retort-serve/src/test/resources/dev/retort/serve/colours.onnx");

  private static Picture large() throws IOException {
    return ImageFile.read("large.png", Files.readAllBytes(PICTURES.resolve("large.png")));
  }

  /** ONNX Runtime's weights are rounded to fp32 first: a few bytes are others by one. */
  @ParameterizedTest
  @CsvSource({
    "large to 32x32, 32, 32, 0",
    "large to 20x33, 20, 33, 0",
    "large to 100x70, 100, 70, 0",
    "large to 32 of 40, 32, 32, 40"
  })
  void picturesAreScaledAndCutAsPillowDoes(String golden, int width, int height, int resize)
      throws IOException {
    Picture large = large();
    JsonNode expected =
        new ObjectMapper().readTree(PICTURES.resolve("golden.json").toFile()).get(golden);

    byte[] found = cut(large, 1, new ImageShape(3, height, width), resize);

    byte[] pillows = Base64.getDecoder().decode(expected.get("pixels").asText());
    assertThat(others(found, pillows)).isLessThan(pillows.length / 100);
  }

  @Test
  void thatIsWhatStudentsAreTrainedOn() throws IOException {
    Random random = new Random(1);
    int others = 0;
    int bytes = 0;
    for (int i = 0; i < 60; i++) {
      int channels = i % 3 == 0 ? 1 : 3;
      ImageShape from = new ImageShape(channels, 8 + random.nextInt(300), 8 + random.nextInt(300));
      int size = 8 + random.nextInt(64);
      int resize = i % 2 == 0 ? size : size + random.nextInt(16);
      byte[] pixels = new byte[from.values()];
      random.nextBytes(pixels);
      Picture picture = new Picture(pixels, from);
      ImageShape shape = new ImageShape(channels, size, size);

      byte[] found = cut(picture, 1, shape, resize);

      others += others(found, Resizing.fit(picture, shape, (double) size / resize).pixels());
      bytes += found.length;
    }
    assertThat(others).isLessThan(bytes / 100);
  }

  /** Of columns 0, 1, … the four in the middle: an odd rest is halved to the even place. */
  @ParameterizedTest
  @CsvSource({"4, 0", "5, 0", "6, 1", "7, 2", "8, 2", "9, 2", "10, 3", "11, 4"})
  void ofAPictureThatIsHighEnoughTheMiddleIsCutOutUnchanged(int width, int first) {
    byte[] pixels = new byte[4 * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % width);
    }
    byte[] row = {(byte) first, (byte) (first + 1), (byte) (first + 2), (byte) (first + 3)};

    byte[] found =
        cut(new Picture(pixels, new ImageShape(1, 4, width)), 1, new ImageShape(1, 4, 4), 0);

    for (int y = 0; y < 4; y++) {
      assertThat(Arrays.copyOfRange(found, 4 * y, 4 * y + 4)).isEqualTo(row);
    }
  }

  @Test
  void severalPicturesOfOneSizeGoInAtOnce() throws IOException {
    Picture large = large();
    ImageShape shape = new ImageShape(3, 20, 33);

    byte[] one = cut(large, 1, shape, 0);
    byte[] two = cut(large, 2, shape, 0);

    assertThat(Arrays.copyOf(two, one.length)).isEqualTo(one);
    assertThat(Arrays.copyOfRange(two, one.length, 2 * one.length)).isEqualTo(one);
  }

  /**
   * The bytes that a file's graph cuts out.
   *
   * @param times how often the picture is in the batch
   * @param resize 0 for none
   */
  private static byte[] cut(Picture picture, int times, ImageShape to, int resize) {
    OnnxWriter writer = new OnnxWriter("cut", Map.of());
    long[] shape = {to.channels(), to.height(), to.width()};
    long[] covered =
        resize == 0 ? new long[] {to.height(), to.width()} : new long[] {resize, resize};
    float[] ones = new float[to.channels()];
    Arrays.fill(ones, 1);
    writer.pixels(shape, covered, new ChannelStatistics(new float[to.channels()], ones));
    writer.graph().output(Graph.IMAGES, OnnxField.FLOAT, Dimension.batchOf(shape));
    ImageShape from = picture.shape();
    try (TensorScope scope = TensorScope.open();
        OnnxSession session = new OnnxSession("cut", writer.graph().toModel("1", Map.of()))) {
      float[] batch = new float[times * picture.pixels().length];
      for (int i = 0; i < batch.length; i++) {
        batch[i] = Byte.toUnsignedInt(picture.pixels()[i % picture.pixels().length]);
      }
      Tensor input =
          Tensors.of(batch, times, from.height(), from.width(), from.channels())
              .to(ScalarType.Byte);
      double[] units =
          Tensors.toDoubles(session.run(input, Graph.IMAGES).permute(0, 2, 3, 1).contiguous());
      byte[] bytes = new byte[units.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) Math.round(255 * units[i]);
      }
      return bytes;
    }
  }

  /** How many bytes are others: by one for each of the two directions that rounds otherwise. */
  private static int others(byte[] found, byte[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    int others = 0;
    for (int i = 0; i < found.length; i++) {
      int difference = Byte.toUnsignedInt(found[i]) - Byte.toUnsignedInt(expected[i]);
      assertThat(Math.abs(difference)).isLessThanOrEqualTo(2);
      others += difference == 0 ? 0 : 1;
    }
    return others;
  }

  /**
   * {@code retort-serve} is tested without this library, on a file of it: the mean of each colour
   * and of the left half, four and six times.
   */
  @Test
  void theFileOfTheServingTestsIsWhatIsExportedToday() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      ChannelStatistics statistics = new ChannelStatistics(new float[3], new float[] {1, 1, 1});
      ModelInfo info =
          new ModelInfo(
              List.of("red", "green", "blue", "left \"half\""), statistics, Map.of("data", "none"));

      byte[] bytes = new OnnxExport(true).bytes(new LoadedModel(new Colours(), info));

      Path made = Files.write(Path.of("target/colours.onnx"), bytes);
      assertThat(OF_THE_SERVING_TESTS)
          .as("copy %s there where it shall be another", made)
          .hasBinaryContent(bytes);
    }
  }

  /** Mean colours of 4 x 4 pixels, and the brightness of their left half. */
  private static final class Colours extends MadeNetwork {
    private final Tensor weight;

    Colours() {
      super(
          "colours",
          new ImageShape(3, 4, 4),
          4,
          new State(ScalarType.Float, RandomSource.of(0, "none")));
      float[] weights = new float[4 * 3 * 16];
      for (int channel = 0; channel < 3; channel++) {
        Arrays.fill(weights, (channel * 3 + channel) * 16, (channel * 3 + channel + 1) * 16, 0.25f);
        for (int place = 0; place < 16; place++) {
          weights[(3 * 3 + channel) * 16 + place] = place % 4 < 2 ? 0.25f : 0;
        }
      }
      weight = state().parameter("weight", Tensors.of(weights, 4, 3, 4, 4));
    }

    @Override
    public Tensor forward(Tensor images, ForwardPass pass) {
      Tensor map = pass.apply(new Operation.Convolution(weight, null, 1, 0, 1), images);
      return pass.apply(new Operation.GlobalPooling(Operation.Reduction.MEAN), map);
    }
  }
}
