package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.data.DatasetSource;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that have learnt nothing: the file of seed 1 has the weights that a run begins with. */
class ProbeCommandTest {
  @TempDir static Path folder;

  private static String ofSeed1;
  private static String wide;

  @BeforeAll
  static void makeTheModels() {
    ofSeed1 = model("resnet8", 1);
    wide = model("wrn_16_2", 2);
  }

  private static String model(String network, long seed) {
    return model(network, seed, Map.of());
  }

  private static String model(String network, long seed, Map<String, String> more) {
    Map<String, String> provenance = new HashMap<>(more);
    provenance.put("seed", Long.toString(seed));
    Path file = folder.resolve(network + seed + ".safetensors");
    try (TensorScope scope = TensorScope.open()) {
      Network made = MadeModel.create(network, RandomSource.of(seed, "initialisation"));
      return MadeModel.save(made, provenance, file);
    }
  }

  private static CommandRun probe(String... arguments) {
    return CommandRun.of(
        List.of(arguments), "probe", "--data=cifar10-mini", "--images=40", "--threads=1");
  }

  @Test
  void aNetworkIsNotToldFromItselfAndIsFromAnother() throws IOException {
    CommandRun run = probe(ofSeed1, ofSeed1, wide, "--on=logits", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode result = run.json();
    assertThat(result.get("images").asInt()).isEqualTo(40);
    JsonNode students = result.get("students");
    assertThat(students.findValuesAsText("trained"))
        .containsExactly("false", "true", "false", "true");
    // The file's provenance says seed 1, so its network "before" is the file itself.
    for (int same : new int[] {0, 1}) {
      JsonNode logits = students.get(same).get("representations").get("logits");
      assertThat(logits.get("auc").asDouble()).isEqualTo(0.5);
      assertThat(logits.get("jsdLowerBound").asDouble()).isNotPositive();
      assertThat(logits.get("jsdLowerBound95").get(1).asDouble()).isNotPositive();
    }
    JsonNode other = students.get(3).get("representations").get("logits");
    assertThat(other.get("auc").asDouble()).isGreaterThan(0.9);
    assertThat(other.get("jsdLowerBound").asDouble()).isBetween(0.2, Math.log(2));
  }

  @Test
  void modelsThatSawPicturesCutOutOfDifferentLengthsAreRefused() {
    String of40 = model("resnet8", 40, Map.of(ModelInfo.RESIZE, "40"));
    String of48 = model("resnet8", 48, Map.of(ModelInfo.RESIZE, "48"));

    CommandRun two = probe(ofSeed1, of48, of40, "--on=logits");
    assertThat(two.exitCode()).isEqualTo(2);
    assertThat(two.err())
        .contains(
            "were scaled to different lengths before the middle was cut out (40 for "
                + of40
                + ", 48 for "
                + of48
                + "): choose one with --resize");
  }

  @Test
  void everyKindOfRepresentationIsReadAndTheNearestStudentComesFirst() {
    CommandRun run =
        probe(
            wide,
            ofSeed1,
            wide,
            "--on=logits,stage:3,weights",
            "--encoding=standardized",
            "--no-before");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines().toList())
        .hasSize(1 + 3 * 4)
        .anyMatch(line -> line.startsWith("logits ") && line.contains("AUC"))
        .anyMatch(line -> line.startsWith("stage:3 "))
        .anyMatch(line -> line.startsWith("weights "));
    assertThat(run.out().lines().toList().get(3)).startsWith(wide);
  }

  /** The same network with ten times its logits, of which standardizing leaves no difference. */
  @Test
  void logitsOfAnotherScaleAreToldApartUnlessTheyAreStandardized() throws IOException {
    Path louder = folder.resolve("louder.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelFile.load(Path.of(ofSeed1));
      try (NoGrad noGrad = NoGrad.open()) {
        for (String name : List.of("fc.weight", "fc.bias")) {
          model.network().state().get(name).mul_(new Scalar(10.0));
        }
      }
      ModelFile.save(model.network(), model.info(), louder, TensorType.F32);
    }

    assertThat(aucOfLogits(louder, "raw")).isGreaterThan(0.9);
    assertThat(aucOfLogits(louder, "standardized")).isBetween(0.4, 0.6);
  }

  private static double aucOfLogits(Path student, String encoding) throws IOException {
    CommandRun run =
        probe(
            ofSeed1,
            student.toString(),
            "--on=logits",
            "--encoding=" + encoding,
            "--no-before",
            "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.json().at("/students/0/representations/logits/auc").asDouble();
  }

  @Test
  void withPairsANetworkIsNotToldFromItselfEither() {
    CommandRun run = probe(ofSeed1, ofSeed1, "--condition=pair", "--no-before", "--on=logits");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("0.500  0.500 – 0.500");
  }

  @Test
  void whatCannotBeReadIsSaid() {
    CommandRun layer = probe(wide, ofSeed1, "--on=stage:9");
    CommandRun told = probe(wide, ofSeed1, "--on=weights", "--condition=pair");
    CommandRun alone = probe(wide);

    assertThat(layer.exitCode()).isEqualTo(2);
    assertThat(layer.err()).contains("no layer 'stage:9'").hasLineCount(1);
    assertThat(told.exitCode()).isEqualTo(2);
    assertThat(told.err()).contains("kernels are not of images");
    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.err()).contains("STUDENT");
  }

  /** With --test 1 all images are test images, and the embeddings have two widths. */
  @Test
  void layersAreNotComparedWithoutTrainingImages() throws IOException {
    Path pictures = folder.resolve("pictures");
    for (String name : DatasetSource.parse("cifar10-mini", Path.of("")).open().classes()) {
      Path ofClass = Files.createDirectories(pictures.resolve(name));
      BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
      image.setRGB(name.length(), 0, 0xffffff);
      ImageIO.write(image, "png", ofClass.resolve("0.png").toFile());
    }
    String data = "--data=folder:" + pictures;
    CommandRun layers = CommandRun.of("probe", wide, ofSeed1, data, "--test=1", "--threads=1");

    assertThat(layers.exitCode()).isEqualTo(2);
    assertThat(layers.err()).contains("has no training images");
  }
}
