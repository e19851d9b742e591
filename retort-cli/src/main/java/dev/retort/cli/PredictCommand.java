package dev.retort.cli;

import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageFile;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Resizing;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.teacher.ModelSource;
import dev.retort.training.Evaluator;
import dev.retort.weights.LoadedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort predict}. */
@CommandLine.Command(
    name = "predict",
    header = "Says what a model takes pictures for.",
    description =
        "Pictures (JPEG, PNG, BMP, GIF, WebP) are turned upright, scaled to cover the size that the model"
            + " reads, and cut in the middle.")
final class PredictCommand extends Command {
  private static final int CLASSES_SHOWN = 3;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      converter = ModelArgument.class,
      description = ModelArgument.DESCRIPTION)
  ModelSource model;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "Picture files.")
  List<Path> images;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      converter = DataArgument.class,
      description = "The images that the model is for, where its file does not say.")
  @Nullable DatasetSource data;

  @Mixin ComputeOptions compute;

  @Mixin JsonOption json;

  /**
   * What is printed of a picture as JSON.
   *
   * @param prediction the class of the largest probability
   * @param probabilities of every class by name, the most probable first
   */
  record Result(String image, String prediction, Map<String, Double> probabilities) {}

  @Override
  public Integer call() {
    Device device = compute.start();
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel loaded = model.open(data == null ? null : data.open());
      List<Result> results = predict(loaded, device);
      if (json.asked) {
        print(Json.of(results));
      } else {
        int width = results.stream().mapToInt(result -> result.image().length()).max().orElse(0);
        results.forEach(result -> printf("%-" + width + "s  %s", result.image(), text(result)));
      }
    }
    return ExitCode.DONE;
  }

  private List<Result> predict(LoadedModel loaded, Device device) {
    List<String> classes = loaded.info().classNames();
    Dataset pictures = pictures(loaded.network().input(), classes);
    Splits splits =
        new Splits(
            pictures.name(),
            pictures,
            pictures,
            pictures,
            loaded.network().input(),
            loaded.info().statistics());
    List<Result> results = new ArrayList<>();
    try (Evaluator evaluator = new Evaluator(pictures, splits, Precision.FP32, device)) {
      evaluator.evaluate(
          loaded.network(),
          Set.of(),
          (batch, out) -> {
            double[] all = Tensors.toDoubles(out.logits().softmax(1));
            for (int i = 0; i < batch.size(); i++) {
              double[] own = Arrays.copyOfRange(all, i * classes.size(), (i + 1) * classes.size());
              results.add(result(images.get(batch.samples()[i]).toString(), own, classes));
            }
          });
    }
    return results;
  }

  private Dataset pictures(ImageShape shape, List<String> classes) {
    byte[] pixels = new byte[Math.multiplyExact(images.size(), shape.values())];
    for (int i = 0; i < images.size(); i++) {
      byte[] picture = Resizing.fit(ImageFile.read(images.get(i)), shape).pixels();
      System.arraycopy(picture, 0, pixels, i * shape.values(), shape.values());
    }
    int[] labels = new int[images.size()];
    Arrays.fill(labels, Dataset.UNLABELLED);
    return new InMemoryDataset("pictures", classes, shape, pixels, labels);
  }

  private static Result result(String image, double[] probabilities, List<String> classes) {
    Map<String, Double> byName = new LinkedHashMap<>();
    for (int c = 0; c < classes.size(); c++) {
      byName.put(classes.get(c), probabilities[c]);
    }
    Map<String, Double> sorted = new LinkedHashMap<>();
    byName.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return new Result(image, sorted.keySet().iterator().next(), sorted);
  }

  private static String text(Result result) {
    return result.probabilities().entrySet().stream()
        .limit(CLASSES_SHOWN)
        .map(
            entry ->
                String.format(Locale.ROOT, "%s %.1f %%", entry.getKey(), 100 * entry.getValue()))
        .collect(Collectors.joining(", "));
  }
}
