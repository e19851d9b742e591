package dev.retort.cli;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.ClassNames;
import dev.retort.data.DataException;
import dev.retort.data.Dataset;
import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.PixelView;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.Batch;
import dev.retort.engine.Device;
import dev.retort.engine.ParallelLoop;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.teacher.ExternalSummary;
import dev.retort.teacher.ExternalView;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.Teacher;
import dev.retort.teacher.TeacherView;
import dev.retort.training.Evaluator;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
        "Pictures (JPEG, PNG, BMP, GIF, WebP, TIFF) are turned upright, scaled to cover the size"
            + " that the model reads, or --resize, and cut in the middle.")
final class PredictCommand extends Command {
  private static final int CLASSES_SHOWN = 3;
  private static final int AT_A_TIME = 128;

  /** Why pictures cannot be read, a sentence a picture. */
  private final List<String> problems = new ArrayList<>();

  @Parameters(index = "0", paramLabel = "MODEL", description = ModelArgument.MODEL)
  ModelSource model;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "Picture files.")
  List<Path> images;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description = "The images that the model is for, where its file does not say.")
  @Nullable DatasetSource data;

  @Mixin DataOptions options;

  @Mixin ViewOption view;

  @Mixin ComputeOptions compute;

  @Mixin JsonOption json;

  /**
   * What is printed of a picture as JSON.
   *
   * @param prediction the class of the largest probability
   * @param probabilities of every class by name, the most probable first
   */
  record Result(String image, String prediction, Map<String, Double> probabilities) {}

  /** Classifies pictures that can be read. */
  private interface Classifier {
    void classify(Dataset readable, Evaluator evaluator, BiConsumer<Batch, Activations> look);
  }

  /** How pictures are shown to the model: the same for all of them. */
  private @Nullable DatasetOptions framing;

  @Override
  public Integer call() {
    if (data == null) {
      options.refuseWithoutData(PartOptions.class);
    }
    view.requireNotSaidTwice(model, data != null);
    Device device = compute.start();
    int width = images.stream().mapToInt(image -> Table.width(image.toString())).max().orElse(0);
    try (TensorScope scope = TensorScope.open();
        Json.Array array = json.asked ? new Json.Array(terminal().out()) : null) {
      Consumer<Result> each =
          array == null
              ? result -> print(padded(result.image(), width) + "  " + text(result))
              : array::add;
      if (data == null && view.isGiven() && model instanceof ModelSource.StateOf state) {
        predict(state.open(view.read(), null), device, each);
      } else if (view.isGiven() || model instanceof ModelSource.External) {
        predictInItsView(device, each);
      } else {
        model.requireNetwork();
        Splits like = data == null ? null : options.open(data, model);
        LoadedModel loaded = model.open(like);
        if (like != null) {
          ExternalView.compareAndWarn(
              model, TeacherView.standard(), like, Precision.FP32, device, null);
        }
        predict(loaded, device, each);
      }
      if (array != null) {
        array.finish();
      }
    }
    requireAllReadable();
    return ExitCode.DONE;
  }

  /** The others have got their answer by then. */
  private void requireAllReadable() {
    if (problems.size() > 1) {
      throw new DataException(
          "%d of %d pictures cannot be read:\n  %s"
              .formatted(problems.size(), images.size(), String.join("\n  ", problems)));
    }
    if (!problems.isEmpty()) {
      throw new DataException(problems.get(0));
    }
  }

  private void predict(LoadedModel loaded, Device device, Consumer<Result> each) {
    loaded.network().state().moveTo(device);
    ModelInfo info = loaded.info();
    ImageShape input = loaded.network().input();
    options.pictures.requireInput(model, input);
    Splits pictures = pictures(input, info.classNames(), info.statistics());
    predict(
        pictures,
        device,
        (readable, evaluator, look) -> evaluator.evaluate(loaded.network(), Set.of(), look),
        each);
  }

  private void predictInItsView(Device device, Consumer<Result> each) {
    TeacherView wanted = view.read();
    Splits like = data == null ? null : options.open(data, model);
    Splits pictures =
        like == null
            ? picturesAsTheFileSays(wanted)
            : pictures(like.inputShape(), like.classes(), like.statistics());
    List<Teacher> opened = new ArrayList<>(1);
    try {
      if (like != null) {
        opened.add(model.teacher(wanted, like, Precision.FP32, device));
        // What was given is believed: to predict is quick, and to compare is not.
        if (wanted.statistics() == null) {
          ExternalView.compareAndWarn(model, wanted, like, Precision.FP32, device, opened.get(0));
        }
      }
      predict(
          pictures,
          device,
          (readable, evaluator, look) -> {
            if (opened.isEmpty()) {
              // It is looked at on images, and without data these are all there are.
              Splits shown = splits(readable, pictures.inputShape(), pictures.statistics());
              opened.add(model.teacher(wanted, shown, Precision.FP32, device));
            }
            evaluator.evaluate(opened.get(0), look);
          },
          each);
    } finally {
      opened.forEach(Teacher::close);
    }
  }

  private Splits picturesAsTheFileSays(TeacherView wanted) {
    if (!(model instanceof ModelSource.External external)) {
      throw new IllegalArgumentException(model + ": give the data that it is for (--data DATA)");
    }
    if (options.pictures.size != null) {
      options.options(); // checks the ranges
    }
    Integer side = wanted.size() == null ? options.pictures.size : wanted.size();
    int channels = options.pictures.channels == null ? 3 : options.pictures.channels;
    ExternalSummary summary =
        ExternalSummary.of(
            external.file(), wanted, side == null ? null : new ImageShape(channels, side, side));
    List<String> classes = summary.classes();
    ClassNames.requireDistinct(classes, model.toString());
    boolean normalised = summary.bytes() || summary.statistics() != null;
    if (classes.isEmpty() || !normalised) {
      throw new IllegalArgumentException(
          "%s: the file does not record %s; give the data that it is for (--data DATA)"
              .formatted(
                  model,
                  normalised ? "which classes it tells apart" : "how its images are normalised"));
    }
    ImageShape shape = options.pictures.shapeFrom(summary.images());
    return pictures(shape, classes, ChannelStatistics.none(shape.channels()));
  }

  private void predict(
      Splits pictures, Device device, Classifier classifier, Consumer<Result> each) {
    List<String> classes = pictures.classes();
    for (int first = 0; first < images.size() && !terminal().hasLostResults(); first += AT_A_TIME) {
      List<Path> some = images.subList(first, Math.min(first + AT_A_TIME, images.size()));
      Dataset all = dataset(some, pictures.inputShape(), classes);
      int[] readable = readable(all);
      if (readable.length == 0) {
        continue;
      }
      Dataset good = new Subset(all.name(), all, readable);
      try (Evaluator evaluator = new Evaluator(good, pictures, Precision.FP32, device)) {
        classifier.classify(
            good,
            evaluator,
            (batch, out) -> {
              double[] values = Tensors.toDoubles(out.logits().softmax(1));
              for (int i = 0; i < batch.size(); i++) {
                double[] own =
                    Arrays.copyOfRange(values, i * classes.size(), (i + 1) * classes.size());
                Path image = some.get(readable[batch.samples()[i]]);
                each.accept(result(image.toString(), own, classes));
              }
            });
      }
    }
  }

  /** Decodes all of them, which the data set then remembers, and notes the problems. */
  private int[] readable(Dataset all) {
    List<Optional<String>> found =
        new ArrayList<>(Collections.nCopies(all.size(), Optional.empty()));
    ParallelLoop.run(all.size(), i -> found.set(i, problem(all, i)));
    found.stream().flatMap(Optional::stream).forEach(problems::add);
    return IntStream.range(0, all.size()).filter(i -> found.get(i).isEmpty()).toArray();
  }

  private static Optional<String> problem(Dataset all, int index) {
    try {
      all.read(index, new PixelView());
      return Optional.empty();
    } catch (DataException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private Dataset dataset(List<Path> files, ImageShape shape, List<String> classes) {
    if (framing == null) {
      framing = options.options(shape, model);
    }
    return framing.pictures(files, classes, shape);
  }

  private Splits pictures(ImageShape shape, List<String> classes, ChannelStatistics statistics) {
    return splits(dataset(images, shape, classes), shape, statistics);
  }

  private static Splits splits(Dataset all, ImageShape shape, ChannelStatistics statistics) {
    return new Splits(all.name(), all, all, all, shape, statistics);
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

  private static String padded(String name, int width) {
    return name + " ".repeat(width - Table.width(name));
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
