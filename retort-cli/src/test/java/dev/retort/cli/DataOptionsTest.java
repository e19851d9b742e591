package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.engine.TensorScope;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The commands see the images that a training saw whose configuration says the same of them. It
 * trains on pictures of many sizes, 30 of each of two classes: 24 test, 8 validate, 28 train.
 */
class DataOptionsTest {
  private static final String TABLE =
      "parquet:../retort-core/src/test/resources/dev/retort/data/parquet/names.parquet";
  private static final List<String> FRAMING = List.of("--size=8", "--resize=12", "--channels=1");
  private static final List<String> PARTS =
      List.of("--validation=0.2", "--test=0.4", "--split-seed=7");

  @TempDir static Path folder;

  private static String data;
  private static String unlabelled;
  private static String run;
  private static JsonNode result;
  private static JsonNode inputs;

  @BeforeAll
  static void train() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 30; i++) {
      write("photos/dark/" + i, noise(random, 100));
      write("photos/light/" + i, noise(random, 110));
    }
    write("more/one", noise(random, 100));
    write("more/two", noise(random, 110));
    Path training =
        Files.writeString(
            folder.resolve("training.yaml"),
            """
            data:
              source: folder:photos
              size: 8
              resize: 12
              channels: 1
              validation: 0.2
              test: 0.4
              splitSeed: 7
              unlabelled: more
            network: resnet8
            training: {epochs: 2, batchSize: 10, precision: fp32}
            """);
    Path out = folder.resolve("out");
    CommandRun trained = CommandRun.of("train", training.toString(), "--out", out.toString());
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.err()).contains("data.unlabelled: without a teacher nothing is learned");
    data = "folder:" + folder.resolve("photos");
    unlabelled = "--unlabelled=" + folder.resolve("more");
    run = out.resolve("runs/resnet8-cross-entropy-seed1").toString();
    result = new ObjectMapper().readTree(Path.of(run, "result.json").toFile());
    inputs = new ObjectMapper().readTree(out.resolve("inputs.json").toFile());
  }

  /** Noise around a grey value, 12 to 20 pixels high and wide. */
  private static BufferedImage noise(Random random, int grey) {
    BufferedImage image =
        new BufferedImage(
            12 + random.nextInt(9), 12 + random.nextInt(9), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int value = grey + random.nextInt(100);
        image.setRGB(x, y, value << 16 | (value + 20) << 8 | value / 2);
      }
    }
    return image;
  }

  private static Path write(String name, BufferedImage image) throws IOException {
    Path file = folder.resolve(name + ".png");
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private static List<String> allBut(String prefix) {
    return Stream.of(FRAMING, PARTS, List.of(unlabelled))
        .flatMap(List::stream)
        .filter(option -> !option.startsWith(prefix))
        .toList();
  }

  private static JsonNode json(String... arguments) throws IOException {
    return json(List.of(), arguments);
  }

  private static JsonNode json(List<String> last, String... first) throws IOException {
    CommandRun run = CommandRun.of(last, first);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.json();
  }

  private static JsonNode evaluate(String model, String split, List<String> options)
      throws IOException {
    return json(
        options, "evaluate", model, "--data", data, "--split", split, "--threads=1", "--json");
  }

  private static void assertRefused(String sentence, String... arguments) {
    CommandRun refused = CommandRun.of(arguments);
    assertThat(refused.err()).startsWith("retort: ").contains(sentence).hasLineCount(1);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
  }

  /** The unlabelled images train, so they make no difference to what is held out. */
  @Test
  void aDivisionThatMayTestOnWhatWasLearntIsWarnedOf() {
    CommandRun same = CommandRun.of(allBut("--unlabelled"), "evaluate", run, "--data", data);
    CommandRun other =
        CommandRun.of(allBut("--split-seed"), "evaluate", run, "--data", data, "--split-seed=8");

    assertThat(same.err()).isEmpty();
    assertThat(other.err())
        .contains("from its training other images were held out")
        .hasLineCount(1);
    assertThat(other.exitCode()).isZero();

    String file = folder.resolve("division.onnx").toString();
    CommandRun.of("export", run, "--to=onnx", "--out", file);
    CommandRun ofFile = CommandRun.of(allBut("--unlabelled"), "evaluate", file, "--data", data);
    assertThat(ofFile.err()).isEmpty();
    CommandRun otherOfFile =
        CommandRun.of(allBut("--split-seed"), "evaluate", file, "--data", data, "--split-seed=8");
    assertThat(otherOfFile.err()).contains("from its training other images were held out");
  }

  /** Also where the teacher, which comes first, records nothing of it. */
  @Test
  void aProbeShowsStudentsPicturesThatAreCutAsForTheirTraining() throws IOException {
    Path teacher = folder.resolve("teacher.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelFile.load(Path.of(run, "student.safetensors"));
      ModelInfo info =
          new ModelInfo(model.info().classNames(), model.info().statistics(), Map.of());
      ModelFile.save(model.network(), info, teacher, TensorType.F32);
    }

    CommandRun probed =
        CommandRun.of(PARTS, "probe", teacher.toString(), run, "--data", data, "--images=12");

    assertThat(probed.exitCode()).as(probed.err()).isZero();
    assertThat(probed.err()).doesNotContain("other images were held out");
  }

  @Test
  void theImagesAreTheTrainingsToTheBitOnlyWithAllItsOptions() throws IOException {
    String[] stats = {"data", "stats", data, "--json"};

    JsonNode found = json(allBut("none"), stats);

    String digest = inputs.get("data").asText();
    assertThat(found.get("digest").asText()).isEqualTo(digest);
    assertThat(found.get("input").asText()).isEqualTo("1x8x8");
    assertThat(found.get("images").get("train"))
        .hasToString("{\"dark\":14,\"light\":14,\"(no label)\":2}");
    assertThat(CommandRun.of(allBut("none"), "data", "verify", data).out())
        .endsWith("is well: 30 training, 8 validation and 24 test images, digest " + digest + "\n");
    for (String option :
        List.of("--resize", "--channels", "--validation", "--test", "--split", "--unlabelled")) {
      JsonNode other = json(allBut(option), stats);
      assertThat(other.get("digest").asText()).as(option).isNotEqualTo(digest);
    }
  }

  @Test
  void theAccuracyIsThatOfTheTraining() throws IOException {
    List<String> withoutInput =
        allBut("--size").stream().filter(o -> !o.startsWith("--ch")).toList();
    String state = "resnet8:" + Path.of(run, "student.safetensors");
    double accuracy = result.get("testAccuracy").asDouble();
    assertThat(accuracy).isBetween(0.3, 0.99); // else it would say nothing

    JsonNode test = evaluate(run, "test", allBut("none"));

    assertThat(test.get("n").asInt()).isEqualTo(24);
    assertThat(test.get("accuracy").asDouble()).isEqualTo(accuracy);
    CommandRun ofState =
        CommandRun.of(
            allBut("--unlabelled"), "evaluate", state, "--data", data, "--threads=1", "--json");
    assertThat(ofState.err())
        .contains(
            "neither its file nor the configuration gives its mean, std, size and classes, so the data's own are assumed");
    for (JsonNode same : List.of(evaluate(run, "test", withoutInput), ofState.json())) {
      assertThat(same.get("confusion")).isEqualTo(test.get("confusion"));
      assertThat(same.get("calibrationError")).isEqualTo(test.get("calibrationError"));
    }
    JsonNode validation = evaluate(run, "validation", withoutInput);
    assertThat(validation.get("n").asInt()).isEqualTo(8);
    assertThat(validation.get("accuracy").asDouble())
        .isEqualTo(result.get("validationAccuracy").asDouble());
    // The model's file records it; what is given is believed.
    assertThat(evaluate(run, "test", allBut("--resize")).get("calibrationError"))
        .isEqualTo(test.get("calibrationError"));
    List<String> resized = new ArrayList<>(allBut("--resize"));
    resized.add("--resize=8");
    assertThat(evaluate(run, "test", resized).get("calibrationError"))
        .isNotEqualTo(test.get("calibrationError"));
    assertThat(evaluate(run, "test", allBut("--split")).get("calibrationError"))
        .isNotEqualTo(test.get("calibrationError"));
  }

  @Test
  void partsThatWereWrittenAreTheTrainingsAndNeedNoSize() throws IOException {
    Path parts = folder.resolve("parts");

    CommandRun split = CommandRun.of(PARTS, "data", "split", data, "--to", "" + parts);

    assertThat(split.err()).isEmpty();
    assertThat(split.out()).contains("28 training, 8 validation and 24 test images");
    JsonNode test = json("evaluate", run, "--data=folder:" + parts, "--threads=1", "--json");
    assertThat(test.get("n").asInt()).isEqualTo(24);
    assertThat(test.get("accuracy")).isEqualTo(result.get("testAccuracy"));
    assertThat(CommandRun.of("data", "split", data, "--to=other", "--size=8").err())
        .contains("unknown option: '--size=8'");
    assertRefused(
        "its own parts for validation and test: leave splitSeed, or --split-seed, out",
        "data",
        "stats",
        "folder:" + parts,
        "--size=8",
        "--split-seed=7");

    try (Stream<Path> dark = Files.list(parts.resolve("test/dark"))) {
      for (Path image : dark.toList()) {
        Files.delete(image);
      }
    }
    String[] ofOneClass = {"evaluate", run, "--data=folder:" + parts, "--threads=1", "--json"};
    assertThat(json(ofOneClass).get("perClass").get("dark").isNull()).isTrue();
    assertThat(CommandRun.of(Arrays.copyOf(ofOneClass, 4)).out())
        .containsPattern("dark +0 +– +0 +0\n");
  }

  @Test
  void exportAndProbeReadTheTestImagesOfTheTraining() {
    String file = folder.resolve("int8.onnx").toString();
    List<String> options = allBut("--size");

    CommandRun exported =
        CommandRun.of(options, "export", run, "--to=onnx", "--int8", "--data", data, "--out", file);

    CommandRun probed =
        CommandRun.of(
            options,
            "probe",
            run,
            run,
            "--data",
            data,
            "--on=logits",
            "--images=24",
            "--no-before",
            "--threads=1");

    double percent = 100 * result.get("testAccuracy").asDouble();
    assertThat(exported.out())
        .contains(String.format(Locale.ROOT, "of 24 test images right, fp32 %.2f %%", percent));
    assertThat(probed.err()).isEmpty();
    assertThat(probed.out()).contains("on 24 test images").contains("0.500  0.500 – 0.500");
  }

  @Test
  void aPictureIsScaledAndCutAsTheTrainingsAre() throws IOException {
    BufferedImage whole = noise(new Random(5), 105).getSubimage(0, 0, 12, 12);
    String picture = write("whole", whole).toString();
    String middle = write("middle", whole.getSubimage(2, 2, 8, 8)).toString();

    JsonNode scaled = json("predict", run, picture, "--json").get(0);
    JsonNode cut = json("predict", run, middle, "--resize=8", "--json").get(0);

    assertThat(scaled.get("probabilities")).isEqualTo(cut.get("probabilities"));
    assertThat(json("predict", run, picture, "--resize=8", "--json").get(0).get("probabilities"))
        .isNotEqualTo(cut.get("probabilities"));
    String state = "resnet8:" + Path.of(run, "student.safetensors");
    assertThat(
            json(allBut("--unlabelled"), "predict", state, picture, "--data", data, "--json")
                .get(0)
                .get("probabilities"))
        .isEqualTo(cut.get("probabilities"));
    assertThat(CommandRun.of(allBut("--unlabelled"), "inspect", state, "--data", data).out())
        .contains("input        1x8x8");
  }

  /** As the run's own folder is, whose file it is: a plain export records how it saw pictures. */
  @ParameterizedTest
  @CsvSource({"onnx, plain.onnx", "torchscript, plain.pt"})
  void aProgramIsAskedAboutPicturesOfTheDatasSize(String format, String name) throws IOException {
    String program = folder.resolve(name).toString();
    CommandRun.of("export", run, "--to=" + format, "--out", program);
    BufferedImage large = noise(new Random(6), 105).getSubimage(0, 0, 12, 12);
    String picture = write("large", large).toString();
    String middle = write("large-middle", large.getSubimage(2, 2, 8, 8)).toString();

    JsonNode scaled = json("predict", program, picture, "--json").get(0);

    assertThat(json("predict", program, picture, "--size=8", "--resize=12", "--json").get(0))
        .isEqualTo(scaled);
    assertThat(scaled.get("probabilities"))
        .isEqualTo(
            json("predict", program, middle, "--resize=8", "--json").get(0).get("probabilities"));
    assertThat(evaluate(program, "test", PARTS).get("confusion"))
        .isEqualTo(evaluate(run, "test", PARTS).get("confusion"));
    // It reads grey, as its file records, whatever size it is asked at.
    assertThat(evaluate(program, "test", List.of("--size=8", "--resize=12")).get("n").asInt())
        .isPositive();
    // In another size it is shown whole pictures, as a student's study shows them.
    assertThat(json("predict", program, middle, "--size=4", "--json").get(0))
        .isEqualTo(json("predict", program, middle, "--size=4", "--resize=4", "--json").get(0));
    assertRefused("size must be in 1 … 4096 pixels", "predict", program, picture, "--size=100000");
  }

  @Test
  void whatAModelDoesNotReadIsRefused() {
    String sentence = run + " reads images of 1x8x8, and --size is 16: leave it out";
    String picture = folder.resolve("photos/dark/0.png").toString();

    assertRefused(sentence, "evaluate", run, "--data", data, "--size=16");
    assertRefused(sentence, "probe", run, run, "--data", data, "--size=16");
    assertRefused(sentence, "predict", run, picture, "--size=16");
    assertRefused(
        sentence, "export", run, "--to=onnx", "--out=other.onnx", "--data", data, "--size=16");
    assertRefused(
        "reads images of 1x8x8, and --channels is 3: leave it out",
        "evaluate",
        run,
        "--data",
        data,
        "--channels=3");
  }

  /** Pictures of one size need no other option. */
  @Test
  void channelsAloneMakePicturesGrey() throws IOException {
    Random random = new Random(9);
    for (int i = 0; i < 20; i++) {
      String kind = i % 2 == 0 ? "dark" : "light";
      write("alike/" + kind + "/" + i, noise(random, 100).getSubimage(0, 0, 8, 8));
    }
    String alike = "folder:" + folder.resolve("alike");

    JsonNode coloured = json("data", "stats", alike, "--json");
    JsonNode grey = json("data", "stats", alike, "--channels=1", "--json");

    assertThat(coloured.get("input").asText()).isEqualTo("3x8x8");
    assertThat(grey.get("input").asText()).isEqualTo("1x8x8");
    // ITU-R BT.601 of the colours' means, up to the rounding of each pixel.
    JsonNode means = coloured.get("mean");
    assertThat(grey.get("mean").get(0).asDouble())
        .isCloseTo(
            0.299 * means.get(0).asDouble()
                + 0.587 * means.get(1).asDouble()
                + 0.114 * means.get(2).asDouble(),
            within(0.5));
  }

  @Test
  void anExportRefusesChannelsAloneThatTheModelDoesNotRead() {
    String sentence = "reads images of 1x8x8, and --channels is 3: leave it out";
    String file = folder.resolve("channels.onnx").toString();
    String[] export = {"export", run, "--to=onnx", "--channels=3", "--out", file};

    assertRefused(
        sentence, "export", run, "--to=onnx", "--channels=3", "--out", file, "--preprocessing");
    assertRefused("--channels tells how data are read: give them with --data DATA", export);
    assertThat(Path.of(file)).doesNotExist();
  }

  @Test
  void optionsOfDataNeedData() {
    String picture = folder.resolve("photos/dark/0.png").toString();

    assertRefused(
        "--split-seed tells how data are read: give them with --data DATA",
        "predict",
        run,
        picture,
        "--split-seed=7");
    assertRefused("--size tells how data are read", "inspect", run, "--size=8");
    assertRefused(
        "--unlabelled tells how data are read",
        "export",
        run,
        "--to=onnx",
        "--out=other.onnx",
        unlabelled);
  }

  @Test
  void wrongValuesAreRefusedInTheSentencesOfAConfiguration() throws IOException {
    assertValueRefused("size must be in 1 … 4096 pixels, not 0", "size", "0");
    assertValueRefused("resize must be given together with size", "resize", "4");
    assertRefused(
        "resize must be at least size, which is 8, and at most 4096, not 4",
        "data",
        "stats",
        data,
        "--size=8",
        "--resize=4");
    assertValueRefused("channels must be 1 or 3, not 2", "channels", "2");
    assertValueRefused("validation must be a share in (0, 1), not 1.0", "validation", "1.0");
    assertValueRefused("test must be a share in (0, 1), not -0.1", "test", "-0.1");
    assertValueRefused("has no columns", "imageColumn", "image");
    assertValueRefused("has no columns", "labelColumn", "label");
    assertRefused("invalid value for option '--size'", "data", "stats", data, "--size=big");
    assertRefused(
        "its columns are image, label; 'class' cannot be read (data.labelColumn in a configuration,"
            + " --label-column on the command line)",
        "data",
        "stats",
        TABLE,
        "--label-column=class");
    assertThat(
            CommandRun.of(
                    "data",
                    "stats",
                    TABLE,
                    "--size=16",
                    "--label-column=label",
                    "--image-column=image")
                .out())
        .contains("beagle");
  }

  private static void assertValueRefused(String sentence, String key, String value) {
    String option = "--" + key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    assertRefused(sentence, "data", "stats", data, option + "=" + value);
    assertConfigurationRefused(sentence, "{source: '" + data + "', " + key + ": " + value + "}");
  }

  private static void assertConfigurationRefused(String sentence, String of) {
    assertRefused(
        sentence,
        "train",
        folder.resolve("training.yaml").toString(),
        "--out",
        folder.resolve("refused").toString(),
        "-o",
        "data=" + of);
  }

  /** Bundled, IDX and CIFAR's images: their parts are always the same. */
  @Test
  void whatIsForPicturesIsRefusedForArrays() {
    String parts =
        "cifar10-mini always has the same parts: validation, test and splitSeed are for pictures"
            + " in files";
    for (String option : PARTS) {
      assertRefused(parts, "data", "stats", "cifar10-mini", option);
    }
    assertRefused(parts, "evaluate", "bundled:cifar10", "--data=cifar10-mini", "--split-seed=7");
    assertConfigurationRefused(parts, "{source: cifar10-mini, splitSeed: 7}");
    String whole = "cifar10-mini is read whole or not at all: unreadable: skip is for";
    assertRefused(whole, "data", "verify", "cifar10-mini", "--skip-unreadable");
    assertConfigurationRefused(whole, "{source: cifar10-mini, unreadable: skip}");
    String framing =
        "cifar10-mini has images of 3x32x32: resize and other channels are for pictures";
    assertRefused(framing, "data", "stats", "cifar10-mini", "--channels=1");
    assertConfigurationRefused(framing, "{source: cifar10-mini, channels: 1}");
  }

  @Test
  void aModelOfOtherClassesIsRefusedAlikeByTheCommandsThatCompareItWithLabels() {
    for (String[] command :
        List.of(
            new String[] {"evaluate", "bundled:cifar10", "--data=" + data},
            new String[] {"probe", "bundled:cifar10", "bundled:cifar10", "--data=" + data})) {
      CommandRun refused = CommandRun.of(command);
      assertThat(refused.exitCode()).isEqualTo(ExitCode.BAD_FILE);
      assertThat(refused.err())
          .startsWith("retort: bundled:cifar10 tells apart [airplane, ")
          .contains("and the data have [dark, light], which must be equal, in one order");
    }
  }
}
