package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.data.DatasetSource;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code retort export}, of a model that always says "cat". */
class ExportCommandTest {
  @TempDir static Path folder;

  private static String model;

  @BeforeAll
  static void makeTheModel() {
    model = MadeModel.cat(folder);
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
          CommandRun.of(
              options, "export", model, "--to=onnx", "--data=folder:" + data, "--out=" + file);

      assertThat(exported.err()).contains("must be equal, in one order");
      assertThat(file).doesNotExist();
    }
  }

  /**
   * 27 of 36 validation images are cats, and the model says 1/2. The targets say 37/38 of a cat and
   * 1/342 of another, together p = 0.73099, which softmax(ln 9 / T) over nine others is where ln 9
   * / T = ln(9 p / (1 − p)). Of the test images half are cats, as the model says without it: the
   * error is p − 1/2 with it.
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
        boolean cat = name.equals("cat");
        int images =
            switch (part) {
              case "val" -> cat ? 27 : 1;
              case "test" -> cat ? 18 : 2;
              default -> 1;
            };
        for (int i = 0; i < images; i++) {
          BufferedImage each = i % 2 == 0 ? image : other;
          each.setRGB(0, 0, count++); // none is in two parts
          ImageIO.write(each, "png", pictures.resolve(i + ".png").toFile());
        }
      }
    }
    List<String> ofData = List.of("--data=folder:" + data);
    for (List<String> numbers : List.of(List.<String>of(), List.of("--int8"))) {
      String file = folder.resolve("calibrated" + numbers.size() + ".onnx").toString();

      CommandRun exported =
          CommandRun.of(
              Stream.concat(ofData.stream(), numbers.stream()).toList(),
              "export",
              model,
              "--to=onnx",
              "--preprocessing",
              "--calibrate",
              "--out=" + file);
      CommandRun evaluated = CommandRun.of(ofData, "evaluate", file);

      assertThat(exported.err()).isEmpty();
      assertThat(exported.out())
          .startsWith(
              "temperature 0.687, fitted on 36 validation images: calibration error 0.2310 on 36"
                  + " images, 0.0000 without it\n");
      assertThat(evaluated.out())
          .startsWith("accuracy 50.00 % of 36 test images, calibration error 0.2310");
    }
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

  /** What a file says is taken at its word, so that it must not be a guess. */
  @Test
  void anExportOfAStateDictionaryNeedsItsNormalisation() throws IOException {
    String file = folder.resolve("of-state.onnx").toString();
    String[] export = {
      "export", "resnet8:" + model, "--data=cifar10-mini", "--to=onnx", "--out", file
    };

    CommandRun guessed = CommandRun.of(export);
    CommandRun given = CommandRun.of(List.of("--mean=0,0,0", "--std=1,1,1"), export);
    CommandRun ofOwn = CommandRun.of("export", model, "--to=onnx", "--out=x.onnx", "--mean=0,0,0");

    assertThat(guessed.exitCode()).isEqualTo(2);
    assertThat(guessed.err())
        .contains("does not record how its images are normalised, and the file to be written must")
        .contains("the data's own would be --mean 0.49");
    assertThat(given.exitCode()).isZero();
    JsonNode written = CommandRun.of("inspect", file, "--json").json();
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
}
