package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.serve.Classifier;
import dev.retort.serve.Prediction;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands that read a model, on one that answers "cat" with probability 1/2 and anything else
 * with 1/18, whatever it sees.
 */
class ModelCommandsTest {
  private static final int CAT = 3;
  private static final String FOREIGN =
      "../retort-core/src/test/resources/dev/retort/teacher/external";

  @TempDir static Path folder;

  private static String model;

  @BeforeAll
  static void makeTheModel() {
    Splits data = DatasetSource.parse("cifar10-mini", Path.of("")).open();
    Path file = folder.resolve("cat.safetensors");
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Network network =
          Networks.create(
              "resnet8", ImageShape.CIFAR, 10, ScalarType.Float, RandomSource.of(1, "test"));
      double[] bias = new double[10];
      bias[CAT] = Math.log(9);
      parameter(network, "fc.weight").zero_();
      parameter(network, "fc.bias").copy_(Tensors.of(bias, 10));
      ModelInfo info =
          new ModelInfo(data.classes(), data.statistics(), Map.of("configuration", "none"));
      ModelFile.save(network, info, file, TensorType.F32);
    }
    model = file.toString();
  }

  private static Tensor parameter(Network network, String name) {
    return Objects.requireNonNull(network.state().parameters().get(name));
  }

  @Test
  void theFiguresOfAConstantModelAreThoseThatCountingGives() throws IOException {
    CommandRun run =
        CommandRun.of("evaluate", model, "--data=cifar10-mini", "--threads=1", "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.get("n").asInt()).isEqualTo(2000);
    assertThat(result.get("accuracy").asDouble()).isEqualTo(0.1);
    assertThat(result.get("perClass").get("cat").asDouble()).isEqualTo(1);
    assertThat(result.get("perClass").get("dog").asDouble()).isZero();
    assertThat(result.get("confusion").get(5).get(CAT).asInt()).isEqualTo(200);
    // Confident by 0.5, right in 0.1 of the cases.
    assertThat(result.get("calibrationError").asDouble()).isCloseTo(0.4, within(1e-6));
    assertThat(result.get("imagesPerSecond").asDouble()).isPositive();
  }

  @Test
  void theSplitAndThePrecisionAreThoseAskedForInATurkishLocaleToo() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(new Locale("tr", "TR"));

      CommandRun run =
          CommandRun.of(
              "evaluate",
              model,
              "--data=cifar10-mini",
              "--split=validation",
              "--precision=bf16",
              "--threads=1");

      // In bf16, log 9 is 2.203125 and "cat" has probability 0.5015.
      assertThat(run.out())
          .startsWith("accuracy 10.00 % of 1,000 validation images, calibration error 0.4015, ")
          .contains("images/s in bf16");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aModelIsInspectedWithItsLayersTapsAndOrigin() throws IOException {
    CommandRun run = CommandRun.of("inspect", model, "--student", model, "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.get("network").asText()).isEqualTo("resnet8");
    assertThat(result.get("parameters").asLong()).isEqualTo(78_042);
    assertThat(result.get("representations").get("stage:2")).hasToString("[32,16,16]");
    assertThat(result.get("provenance").get("configuration").asText()).isEqualTo("none");
    assertThat(result.get("student").asText()).startsWith("not heterogeneous");
  }

  @Test
  void anExportInHalfTheSizeIsAModelAndIsNeverOverwritten() throws IOException {
    String half = folder.resolve("half.safetensors").toString();

    CommandRun first =
        CommandRun.of("export", model, "--to", "safetensors", "--type", "f16", "--out", half);
    CommandRun second = CommandRun.of("export", model, "--to", "safetensors", "--out", half);
    CommandRun inspected = CommandRun.of("inspect", half);

    assertThat(first.exitCode()).isZero();
    assertThat(Files.size(Path.of(half))).isLessThan(Files.size(Path.of(model)) * 6 / 10);
    assertThat(second.exitCode()).isEqualTo(2);
    assertThat(second.err()).contains("exists already, and nothing is overwritten");
    assertThat(inspected.out()).startsWith("network      resnet8, 78,042 parameters");
  }

  @Test
  void anOnnxFileIsTriedBeforeItIsWrittenAndNeverOverwritten() {
    Path file = folder.resolve("student.onnx");

    CommandRun first =
        CommandRun.of("export", model, "--to=onnx", "--preprocessing", "--out", file.toString());
    CommandRun second = CommandRun.of("export", model, "--to=onnx", "--out", file.toString());
    CommandRun wrong =
        CommandRun.of("export", model, "--to=onnx", "--type=f16", "--out=other.onnx");

    assertThat(first.err()).isEmpty();
    assertThat(first.out())
        .containsPattern("differs from the network by .* and in 0 of 200 decisions")
        .contains(file + "  ");
    assertThat(file).exists();
    assertThat(second.exitCode()).isEqualTo(2);
    assertThat(wrong)
        .isEqualTo(new CommandRun(2, "", "retort: --type is for safetensors; onnx holds fp32\n"));
    assertThat(CommandRun.of("export", model, "--to=onnx", "--int8", "--out=other.onnx").err())
        .contains("--int8 is for onnx, and needs images");
    assertThat(CommandRun.of("export", model, "--to=onnx", "--calibrate", "--out=c.onnx").err())
        .contains("--calibrate is for probabilities, which --preprocessing gives");
    assertThat(
            CommandRun.of(
                    "export",
                    model,
                    "--to=safetensors",
                    "--data=cifar10-mini",
                    "--out=c.safetensors")
                .err())
        .contains("safetensors need no --data");
  }

  /** By their numbers, each class would be taken for the one after it. */
  @Test
  void noTemperatureIsFittedOnImagesOfOtherClasses() throws IOException {
    Path data = folder.resolve("others");
    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
    image.setRGB(16, 16, Color.WHITE.getRGB());
    for (String part : List.of("train", "val", "test")) {
      for (String name : List.of("aardvark", "airplane", "automobile")) {
        Path pictures = Files.createDirectories(data.resolve(part).resolve(name));
        ImageIO.write(image, "png", pictures.resolve("0.png").toFile());
      }
    }
    Path file = folder.resolve("others.onnx");
    for (List<String> options :
        List.of(List.of("--preprocessing", "--calibrate"), List.of("--int8"))) {
      CommandRun exported =
          run(options, "export", model, "--to=onnx", "--data=folder:" + data, "--out=" + file);

      assertThat(exported.err()).contains("must be equal, in one order");
      assertThat(file).doesNotExist();
    }
  }

  /**
   * 27 of 36 images are cats, and the model says 1/2. The targets say 37/38 of a cat and 1/342 of
   * another, together p = 0.73099, which softmax(ln 9 / T) over nine others is where ln 9 / T =
   * ln(9 p / (1 − p)).
   */
  @Test
  void aTemperatureIsFittedOnValidationImagesAndMeasuredOnTestImages() throws IOException {
    Path data = folder.resolve("cats");
    List<String> classes = DatasetSource.parse("cifar10-mini", Path.of("")).open().classes();
    // No size is given below: the file's metadata have it.
    BufferedImage image = new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB);
    image.setRGB(20, 20, Color.WHITE.getRGB());
    BufferedImage other = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
    int count = 0;
    for (String part : List.of("train", "val", "test")) {
      for (String name : classes) {
        Path pictures = Files.createDirectories(data.resolve(part).resolve(name));
        for (int i = 0; i < (name.equals("cat") ? 27 : 1); i++) {
          BufferedImage each = i % 2 == 0 ? image : other;
          each.setRGB(0, 0, count++); // none is in two parts
          ImageIO.write(each, "png", pictures.resolve(i + ".png").toFile());
        }
      }
    }
    String file = folder.resolve("calibrated.onnx").toString();
    List<String> ofData = List.of("--data=folder:" + data);

    CommandRun exported =
        run(
            ofData,
            "export",
            model,
            "--to=onnx",
            "--preprocessing",
            "--calibrate",
            "--out=" + file);
    CommandRun evaluated = run(ofData, "evaluate", file);

    assertThat(exported.err()).isEmpty();
    assertThat(exported.out())
        .startsWith(
            "temperature 0.687, fitted on 36 validation images: calibration error 0.0190 on 36"
                + " images, 0.2500 without it\n");
    assertThat(evaluated.out())
        .startsWith("accuracy 75.00 % of 36 test images, calibration error 0.0190");
    // Where classes are equally frequent, the one that is always named is right by chance.
    assertThat(
            CommandRun.of(
                    "export",
                    model,
                    "--to=onnx",
                    "--preprocessing",
                    "--calibrate",
                    "--data=cifar10-mini",
                    "--out=" + folder.resolve("none.onnx"))
                .err())
        .contains("no temperature was fitted: on the 1,000 validation images");
  }

  @Test
  void anOnnxFileIsInspectedAndEvaluatedLikeTheNetworkThatItWasMadeOf() throws IOException {
    String served = folder.resolve("served.onnx").toString();
    CommandRun.of("export", model, "--to=onnx", "--preprocessing", "--out", served);

    CommandRun evaluated = CommandRun.of("evaluate", served, "--data=cifar10-mini", "--threads=1");
    CommandRun inspected = CommandRun.of("inspect", served, "--json");
    CommandRun inBf16 =
        CommandRun.of("evaluate", served, "--data=cifar10-mini", "--precision=bf16");

    assertThat(inBf16.exitCode()).isEqualTo(2);
    assertThat(inBf16.err()).contains("--precision is that of Retort's networks");
    assertThat(evaluated.err()).isEmpty();
    assertThat(evaluated.out()).startsWith("accuracy 10.00 % of 2,000 test images");
    JsonNode result = new ObjectMapper().readTree(inspected.out());
    assertThat(result.get("input").asText()).isEqualTo("32x32x3");
    assertThat(result.get("representations").get("stage:2")).hasToString("[32,16,16]");
    assertThat(result.get("classes").get(3).asText()).isEqualTo("cat");
  }

  /** An ONNX file of the model with a word of where it comes from. */
  private static String exported(String key, String value) {
    Path learnt = folder.resolve(key + ".safetensors");
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel loaded = ModelFile.load(Path.of(model));
      ModelInfo info =
          new ModelInfo(loaded.info().classNames(), loaded.info().statistics(), Map.of(key, value));
      ModelFile.save(loaded.network(), info, learnt, TensorType.F32);
    }
    String file = folder.resolve(key + ".onnx").toString();
    CommandRun.of("export", learnt.toString(), "--to=onnx", "--out", file);
    return file;
  }

  /** Which are not scaled, whatever the pictures were that the model learnt from. */
  @Test
  void whatAnOnnxFileRecordsOfPicturesDoesNotRefuseArrays() {
    String file = exported(ModelInfo.RESIZE, "40");
    CommandRun evaluated = CommandRun.of("evaluate", file, "--data=cifar10-mini", "--threads=1");
    assertThat(evaluated.err()).isEmpty();
    assertThat(evaluated.out()).startsWith("accuracy 10.00 % of 2,000 test images");
  }

  @Test
  void anOnnxFileKnowsWhatItsTrainingHeldOut() {
    String file = exported(ModelInfo.HELD_OUT, "the digest of other images");

    CommandRun evaluated = CommandRun.of("evaluate", file, "--data=cifar10-mini", "--threads=1");

    assertThat(evaluated.exitCode()).isZero();
    assertThat(evaluated.err())
        .contains(file + ": from its training other images were held out")
        .hasLineCount(1);
  }

  /** Projections beside a block are no hidden layers, as in Retort's own count. */
  @Test
  void anOnnxFileIsComparedWithAStudentAndAProgramsCostIsUnknown() throws IOException {
    for (String network : List.of("resnet8", "wrn_16_2", "torchvision-mobilenet_v2")) {
      String own = folder.resolve(network + ".safetensors").toString();
      save(network, Path.of(own));
      String onnx = folder.resolve(network + "-layers.onnx").toString();
      CommandRun.of("export", own, "--to=onnx", "--out", onnx);

      CommandRun ofOnnx = CommandRun.of("inspect", onnx, "--student", onnx, "--json");
      CommandRun ofOwn = CommandRun.of("inspect", own, "--student", own, "--json");

      assertThat(ofOnnx.err()).isEmpty();
      assertThat(new ObjectMapper().readTree(ofOnnx.out()).get("student"))
          .isEqualTo(new ObjectMapper().readTree(ofOwn.out()).get("student"));
    }
    String program = folder.resolve("unseen.pt").toString();
    CommandRun.of("export", model, "--to=torchscript", "--out", program);
    CommandRun inspected = CommandRun.of("inspect", program);
    CommandRun compared = CommandRun.of("inspect", program, "--student", model);

    assertThat(inspected.out())
        .startsWith("network      unseen.pt, 78,042 parameters, unknown MMAC an image")
        .containsPattern("logits +output +10 +– +–");
    assertThat(new ObjectMapper().readTree(CommandRun.of("inspect", program, "--json").out()))
        .anyMatch(JsonNode::isNull);
    assertThat(compared.exitCode()).isEqualTo(2);
    assertThat(compared.err()).contains("those of " + program + " are not seen");
  }

  private static void save(String name, Path file) {
    Splits data = DatasetSource.parse("cifar10-mini", Path.of("")).open();
    try (TensorScope scope = TensorScope.open()) {
      Network network =
          Networks.create(name, ImageShape.CIFAR, 10, ScalarType.Float, RandomSource.of(1, "test"));
      ModelInfo info = new ModelInfo(data.classes(), data.statistics(), Map.of());
      ModelFile.save(network, info, file, TensorType.F32);
    }
  }

  /** Without softmax and with normalisation outside, the other way round, and as a program. */
  @Test
  void anExportIsAskedAboutPicturesLikeTheNetworkThatItWasMadeOf() throws IOException {
    String plain = folder.resolve("plain.onnx").toString();
    String served = folder.resolve("with-pixels.onnx").toString();
    String program = folder.resolve("program.pt").toString();
    CommandRun.of("export", model, "--to=onnx", "--out", plain);
    CommandRun.of("export", model, "--to=onnx", "--preprocessing", "--out", served);
    CommandRun.of("export", model, "--to=torchscript", "--out", program);
    Path bare = Files.writeString(folder.resolve("names.yaml"), "size: 32\n");
    Path picture = folder.resolve("some.png");
    ImageIO.write(new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());

    CommandRun ofPlain = CommandRun.of("predict", plain, picture.toString());
    CommandRun ofServed = CommandRun.of("predict", served, picture.toString());
    CommandRun ofProgram = CommandRun.of("predict", program, picture.toString());
    CommandRun unknown =
        CommandRun.of(
            "predict", FOREIGN + "/free.onnx", picture.toString(), "--view", bare.toString());

    assertThat(ofPlain.out()).matches(picture + "  cat 50\\.0 %, \\w+ 5\\.6 %, \\w+ 5\\.6 %\n");
    assertThat(ofServed).isEqualTo(ofPlain);
    List<String> several = new ArrayList<>(List.of("predict", plain));
    for (String name : List.of("c.png", "a.png", "e.png", "b.png", "d.png")) {
      several.add(Files.copy(picture, folder.resolve(name)).toString());
    }
    assertThat(CommandRun.of(several.toArray(new String[0])).out().lines())
        .as("one line a picture, in the order of the pictures")
        .extracting(line -> line.split("  ", -1)[0])
        .containsExactlyElementsOf(several.subList(2, several.size()));
    assertThat(ofProgram.out()).isEqualTo(ofPlain.out());
    assertThat(ofProgram.err())
        .startsWith("warn: " + program + ": a TorchScript file is a program")
        .hasLineCount(1);
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err())
        .contains("does not record how its images are normalised; give the data that it is for");
  }

  /**
   * Also where more is scaled than is cut out, and from a picture that is no square, whose middle
   * lies at whole pixels: cut twice, at 46 and at 32, another may be half a pixel off.
   */
  @Test
  void anExportDecidesInServiceAsItPredicts() throws IOException {
    Path data = folder.resolve("data");
    for (String name : List.of("a", "b")) {
      Path pictures = Files.createDirectories(data.resolve(name));
      for (int i = 0; i < 8; i++) {
        BufferedImage image = new BufferedImage(50 + i, 70, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 70; y++) {
          for (int x = 0; x < 50 + i; x++) {
            image.setRGB(x, y, new Color(4 * x, 3 * y, (x * y / 8) % 256).getRGB());
          }
        }
        image.setRGB(0, 0, name.hashCode()); // none is in two parts
        ImageIO.write(image, "png", pictures.resolve(i + ".png").toFile());
      }
    }
    Path picture = data.resolve("a/3.png");
    List<Float> best = new ArrayList<>();
    for (String resize : List.of("32", "46")) {
      List<String> ofData = List.of("--data=folder:" + data, "--resize=" + resize);
      Path served = folder.resolve("served-" + resize + ".onnx");
      CommandRun exported =
          run(
              ofData,
              "export",
              "bundled:cifar10",
              "--to=onnx",
              "--preprocessing",
              "--out=" + served);
      CommandRun predicted =
          run(ofData, "predict", "bundled:cifar10", picture.toString(), "--json");
      CommandRun ofFile = CommandRun.of("predict", served.toString(), picture.toString(), "--json");

      assertThat(exported.err()).isEmpty();
      JsonNode own = new ObjectMapper().readTree(predicted.out()).get(0).get("probabilities");
      JsonNode file = new ObjectMapper().readTree(ofFile.out()).get(0).get("probabilities");
      try (Classifier classifier = Classifier.open(served)) {
        List<Prediction> predictions = classifier.classify(picture);
        assertThat(predictions).hasSize(10);
        for (Prediction prediction : predictions) {
          assertThat(file.get(prediction.name()).asDouble())
              .isCloseTo(own.get(prediction.name()).asDouble(), within(2e-3));
          assertThat(prediction.probability())
              .isCloseTo((float) own.get(prediction.name()).asDouble(), within(2e-3f));
        }
        best.add(predictions.get(0).probability());
      }
    }
    assertThat(Math.abs(best.get(0) - best.get(1))).isGreaterThan(0.01f);
  }

  private static CommandRun run(List<String> last, String... first) {
    return CommandRun.of(Stream.concat(Stream.of(first), last.stream()).toArray(String[]::new));
  }

  @Test
  void aTruncatedModelIsABadFileAndAMissingOneToo() throws IOException {
    Path cut = folder.resolve("cut.safetensors");
    Files.copy(Path.of(model), cut);
    try (RandomAccessFile file = new RandomAccessFile(cut.toFile(), "rw")) {
      file.setLength(file.length() - 1);
    }

    CommandRun truncated = CommandRun.of("evaluate", cut.toString(), "--data", "cifar10-mini");
    CommandRun missing = CommandRun.of("evaluate", "no-such-file", "--data", "cifar10-mini");

    assertThat(truncated.exitCode()).isEqualTo(4);
    assertThat(truncated.err()).startsWith("retort: " + cut).hasLineCount(1);
    assertThat(missing)
        .isEqualTo(new CommandRun(4, "", "retort: no-such-file: no such file or folder\n"));
  }

  @Test
  void aFolderThatIsNoRunsIsABadModel() {
    CommandRun run = CommandRun.of("inspect", folder.toString());

    assertThat(run.exitCode()).isEqualTo(4);
    assertThat(run.err()).contains("has no student.safetensors");
  }

  @Test
  void aStudysFolderAsAModelIsAnsweredWithThoseOfItsRuns() throws IOException {
    Path study = Files.createDirectories(folder.resolve("study/runs/resnet8-cross-entropy-seed1"));
    Files.copy(Path.of(model), study.resolve("student.safetensors"));
    Files.createDirectories(folder.resolve("study/runs/resnet8-cross-entropy-seed2"));

    CommandRun run = CommandRun.of("inspect", folder.resolve("study").toString());

    assertThat(run)
        .isEqualTo(
            new CommandRun(
                4,
                "",
                "retort: %s: the folder of a study, not of a run; one of its models is %s\n"
                    .formatted(folder.resolve("study"), study)));
  }

  @Test
  void aStateDictionaryTakesItsClassesFromTheData() {
    CommandRun alone = CommandRun.of("inspect", "resnet8:" + model);
    CommandRun withData = CommandRun.of("inspect", "resnet8:" + model, "--data", "cifar10-mini");

    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.err()).contains("give the data (--data DATA)");
    assertThat(withData.out())
        .contains("classes      10: airplane, automobile")
        .contains("truck (assumed: the data's)\n")
        .containsPattern(
            "input        3x32x32 \\(assumed: the data's\\), .* \\(assumed: the data's\\)\n");
    assertThat(withData.err()).isEmpty();
  }

  /** As JSON, what the file does not say is null or empty, and stands elsewhere. */
  @Test
  void whatIsAssumedOfAStateDictionaryIsToldFromWhatAFileSays() throws IOException {
    CommandRun run =
        CommandRun.of("inspect", "resnet8:" + model, "--data", "cifar10-mini", "--json");

    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.get("mean").isNull()).isTrue();
    assertThat(result.get("classes")).isEmpty();
    assertThat(result.get("assumed").get("mean").get(0).asDouble()).isCloseTo(0.49, within(0.01));
    assertThat(result.get("assumed").get("classes").get(CAT).asText()).isEqualTo("cat");
    CommandRun evaluated =
        CommandRun.of("evaluate", "resnet8:" + model, "--data=cifar10-mini", "--threads=1");
    assertThat(evaluated.err())
        .contains(
            "neither its file nor the configuration gives its mean, std, size and classes, so the data's own are assumed");
  }

  /** What a file says is taken at its word, so that it must not be a guess. */
  @Test
  void anExportOfAStateDictionaryNeedsItsNormalisation() throws IOException {
    String file = folder.resolve("of-state.onnx").toString();
    String[] export = {
      "export", "resnet8:" + model, "--data=cifar10-mini", "--to=onnx", "--out", file
    };

    CommandRun guessed = CommandRun.of(export);
    CommandRun given = CommandRun.of(with(export, "--mean=0,0,0", "--std=1,1,1"));
    CommandRun ofOwn = CommandRun.of("export", model, "--to=onnx", "--out=x.onnx", "--mean=0,0,0");

    assertThat(guessed.exitCode()).isEqualTo(2);
    assertThat(guessed.err())
        .contains("does not record how its images are normalised, and the file to be written must")
        .contains("the data's own would be --mean 0.49");
    assertThat(given.exitCode()).isZero();
    JsonNode written = new ObjectMapper().readTree(CommandRun.of("inspect", file, "--json").out());
    assertThat(written.get("mean")).hasToString("[0.0,0.0,0.0]");
    assertThat(written.get("standardDeviation")).hasToString("[1.0,1.0,1.0]");
    assertThat(ofOwn.exitCode()).isEqualTo(2);
    assertThat(ofOwn.err()).contains("are for a state dictionary");
  }

  @Test
  void aStateDictionarysOutputsAreLogitsAlsoForAnExport() throws IOException {
    Path view =
        Files.writeString(
            folder.resolve("outputs.yaml"),
            "{mean: [0, 0, 0], std: [1, 1, 1], outputs: probabilities}");
    String file = folder.resolve("of-probabilities.onnx").toString();
    String state = "resnet8:" + model;

    CommandRun evaluated =
        CommandRun.of("evaluate", state, "--data=cifar10-mini", "--view", view.toString());
    CommandRun exported =
        CommandRun.of(
            "export",
            state,
            "--data=cifar10-mini",
            "--to=onnx",
            "--view",
            view.toString(),
            "--out",
            file);

    assertThat(evaluated.exitCode()).isEqualTo(2);
    assertThat(evaluated.err())
        .isEqualTo(
            "retort: " + state + ": a network of Retort's gives logits: leave outputs out\n");
    assertThat(exported.exitCode()).isEqualTo(2);
    assertThat(exported.err()).isEqualTo(evaluated.err());
    assertThat(Path.of(file)).doesNotExist();
  }

  /** Also where the data say what the classes are, and whatever the order. */
  @Test
  void aProgramAnswersForTheReadablePicturesToo() throws IOException {
    Path picture = folder.resolve("readable.png");
    ImageIO.write(new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    Path empty = Files.write(folder.resolve("zero.jpg"), new byte[0]);
    CommandRun ofOwn = CommandRun.of("predict", model, picture.toString(), empty.toString());
    assertThat(ofOwn.exitCode()).isEqualTo(4);
    assertThat(ofOwn.err()).isEqualTo("retort: " + empty + ": the file is empty\n");
    for (String kind : List.of("onnx", "torchscript")) {
      String file = folder.resolve(kind + (kind.equals("onnx") ? ".onnx" : ".pt")).toString();
      CommandRun.of("export", model, "--to=" + kind, "--out", file);
      for (String[] more : new String[][] {{}, {"--data=cifar10-mini"}}) {
        CommandRun run =
            CommandRun.of(
                with(new String[] {"predict", file, empty.toString(), picture.toString()}, more));

        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.out()).isEqualTo(ofOwn.out());
        assertThat(run.err()).endsWith(ofOwn.err());
      }
      CommandRun none = CommandRun.of("predict", file, empty.toString());
      assertThat(none.exitCode()).isEqualTo(4);
      assertThat(none.out()).isEmpty();
      assertThat(none.err()).endsWith(ofOwn.err());
    }
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.of(arguments, more).flatMap(Stream::of).toArray(String[]::new);
  }

  @Test
  void aPictureOfAnySizeGetsTheModelsProbabilitiesAndABadOneIsNamed() throws IOException {
    Path picture = folder.resolve("any.png");
    ImageIO.write(new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    Path bad = Files.writeString(folder.resolve("bad.png"), "no picture");

    CommandRun text = CommandRun.of("predict", model, picture.toString());
    CommandRun json = CommandRun.of("predict", model, picture.toString(), "--json");
    CommandRun refused =
        CommandRun.of("predict", model, bad.toString(), picture.toString(), "nothere.jpg");
    CommandRun missing = CommandRun.of("predict", model, "nothere.jpg");

    assertThat(text.out()).matches(picture + "  cat 50\\.0 %, \\w+ 5\\.6 %, \\w+ 5\\.6 %\n");
    JsonNode result = new ObjectMapper().readTree(json.out()).get(0);
    assertThat(result.get("prediction").asText()).isEqualTo("cat");
    assertThat(result.get("probabilities").get("frog").asDouble())
        .isCloseTo(1 / 18.0, within(1e-6));
    assertThat(refused.exitCode()).isEqualTo(4);
    assertThat(refused.out()).isEqualTo(text.out());
    assertThat(refused.err())
        .startsWith("retort: 2 of 3 pictures cannot be read:\n  " + bad + ": no picture in JPEG")
        .endsWith("\n  nothere.jpg: cannot be read: no such file or folder\n");
    assertThat(missing)
        .isEqualTo(
            new CommandRun(4, "", "retort: nothere.jpg: cannot be read: no such file or folder\n"));
  }
}
