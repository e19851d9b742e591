package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.data.ImageShape;
import dev.retort.serve.Classifier;
import dev.retort.serve.Prediction;
import dev.retort.teacher.ExternalSummary;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.TeacherView;
import dev.retort.weights.ModelFile;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code retort predict}, of a model that always says "cat". */
class PredictCommandTest {
  private static final String FOREIGN =
      "../retort-core/src/test/resources/dev/retort/teacher/external";

  @TempDir static Path folder;

  private static String model;

  @BeforeAll
  static void makeTheModel() {
    model = MadeModel.cat(folder);
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
    List<String> several = new ArrayList<>();
    for (String name : List.of("c.png", "a.png", "e.png", "b.png", "d.png")) {
      several.add(Files.copy(picture, folder.resolve(name)).toString());
    }
    assertThat(CommandRun.of(several, "predict", plain).out().lines())
        .as("one line a picture, in the order of the pictures")
        .extracting(line -> line.split("  ", -1)[0])
        .containsExactlyElementsOf(several);
    assertThat(ofProgram.out()).isEqualTo(ofPlain.out());
    assertThat(ofProgram.err())
        .startsWith("warn: " + program + ": a TorchScript file is a program")
        .hasLineCount(1);
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err())
        .contains("does not record how its images are normalised; give the data that it is for");
  }

  /** As of the file that it was exported to, and without data. */
  @Test
  void aStateDictionaryIsAskedInTheViewThatIsGiven() throws IOException {
    String served = folder.resolve("of-state.onnx").toString();
    String state = "resnet8:" + model;
    Path names = folder.resolve("names.txt");
    Files.write(names, ModelFile.info(Path.of(model)).classNames());
    Path view =
        Files.writeString(
            folder.resolve("whole.yaml"),
            "{size: 32, mean: [0.4, 0.5, 0.6], std: [0.2, 0.2, 0.2], classes: names.txt}");
    Path picture = folder.resolve("asked.png");
    ImageIO.write(new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    CommandRun.of("export", state, "--to=onnx", "--view=" + view, "--out", served);

    CommandRun asked = CommandRun.of("predict", state, picture.toString(), "--view=" + view);

    assertThat(asked.err()).isEmpty();
    assertThat(asked).isEqualTo(CommandRun.of("predict", served, picture.toString()));
  }

  /**
   * Also where more is scaled than is cut out, and from a picture that is no square: it is cut
   * once, and not at the larger size first, which may round to another pixel.
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
    for (String resize : List.of("32", "46", "47")) {
      String scaled = "--resize=" + resize;
      Path served = folder.resolve("served-" + resize + ".onnx");
      CommandRun exported =
          CommandRun.of(
              "export",
              "bundled:cifar10",
              "--data=folder:" + data,
              scaled,
              "--to=onnx",
              "--preprocessing",
              "--out=" + served);
      CommandRun predicted =
          CommandRun.of("predict", "bundled:cifar10", picture.toString(), scaled, "--json");
      CommandRun ofFile = CommandRun.of("predict", served.toString(), picture.toString(), "--json");

      assertThat(exported.err()).isEmpty();
      assertThat(new ModelSource.External(served).pictures()).isEqualTo(ImageShape.CIFAR);
      assertThat(ExternalSummary.of(served, TeacherView.standard(), null).images())
          .isEqualTo(ImageShape.CIFAR);
      JsonNode own = predicted.json().get(0).get("probabilities");
      JsonNode file = ofFile.json().get(0).get("probabilities");
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
            CommandRun.of(List.of(more), "predict", file, empty.toString(), picture.toString());

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
    JsonNode result = json.json().get(0);
    assertThat(result.get("prediction").asText()).isEqualTo("cat");
    assertThat(result.get("probabilities").get("frog").asDouble())
        .isCloseTo(1 / 18.0, within(1e-6));
    assertThat(refused.exitCode()).isEqualTo(4);
    assertThat(refused.out()).isEqualTo(text.out());
    assertThat(refused.err())
        .startsWith("retort: 2 of 3 pictures cannot be read:\n  " + bad + ": no picture in JPEG")
        .endsWith("\n  nothere.jpg: cannot be read: no such file or folder\n");
    for (String said : List.of("--data=cifar10-mini", "--mean=0,0,0")) {
      assertThat(CommandRun.of("predict", model, picture.toString(), said).err())
          .contains("records its classes and how its images are made: leave --");
    }
    assertThat(missing)
        .isEqualTo(
            new CommandRun(4, "", "retort: nothere.jpg: cannot be read: no such file or folder\n"));
  }
}
