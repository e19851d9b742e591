package dev.retort.cli;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.DatasetSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.NetworkSummary;
import dev.retort.study.ResultNumbers;
import dev.retort.teacher.ExternalSummary;
import dev.retort.teacher.ModelLayer;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.TeacherView;
import dev.retort.weights.LoadedModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort inspect}. */
@CommandLine.Command(
    name = "inspect",
    header = "Shows what a model consists of and which of its layers may be matched.",
    description =
        "Prints its layers with shapes, parameters and multiply-accumulates, the names of its"
            + " representations, its classes, and where it comes from.")
final class InspectCommand extends Command {
  private static final String ASSUMED = " (assumed: the data's)";

  @Parameters(paramLabel = "MODEL", description = ModelArgument.MODEL)
  ModelSource model;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description = "The images that the model is for, where its file does not say.")
  @Nullable DatasetSource data;

  @Mixin DataOptions options;

  @Mixin ViewOption view;

  @Option(
      names = "--student",
      paramLabel = "MODEL",
      description = "Also print how the model, as a teacher, and this one differ.")
  @Nullable ModelSource student;

  @Mixin JsonOption json;

  /**
   * What is printed as JSON.
   *
   * @param input the images that the network is shown for; those of {@code --data} where {@code
   *     assumed} has them
   * @param classes none where neither the file nor the view says
   * @param parameters null where they are not known
   * @param macs null where layers are not seen
   * @param mean null where neither the file nor the view says
   * @param representations the shape of every one that may be tapped, by name
   * @param assumed what the file does not say, and the data do; null without any
   * @param student in which way the student is heterogeneous; null without one
   */
  record Result(
      String network,
      String input,
      List<String> classes,
      @Nullable Long parameters,
      @Nullable Long macs,
      List<ModelLayer> layers,
      Map<String, long[]> representations,
      float @Nullable [] mean,
      float @Nullable [] standardDeviation,
      Map<String, String> provenance,
      @Nullable Assumed assumed,
      @Nullable String student) {}

  /** The data's own, each null where the file or the view says it, or is not asked. */
  record Assumed(
      @Nullable String input,
      @Nullable List<String> classes,
      float @Nullable [] mean,
      float @Nullable [] standardDeviation) {}

  @Override
  public Integer call() {
    if (data == null) {
      options.refuseWithoutData(PictureOptions.class, PartOptions.class);
    }
    boolean studentNeedsData =
        student instanceof ModelSource.StateOf || student instanceof ModelSource.External;
    view.requireNotSaidTwice(model, data != null && !studentNeedsData);
    try (TensorScope scope = TensorScope.open()) {
      Result result = model instanceof ModelSource.External external ? result(external) : result();
      if (json.asked) {
        print(Json.of(result));
      } else {
        print(result);
      }
    }
    return ExitCode.DONE;
  }

  private Result result() {
    TeacherView wanted = view.read();
    LoadedModel loaded = open(model, wanted);
    NetworkSummary summary = NetworkSummary.of(loaded.network());
    return result(wanted, loaded, summary, heterogeneity(summary.neurons()));
  }

  private Result result(ModelSource.External external) {
    TeacherView wanted = view.read();
    ExternalSummary summary = summary(external, wanted);
    ChannelStatistics statistics = summary.statistics();
    String ofStudent = student == null ? null : heterogeneity(neurons(summary, external));
    Map<String, long[]> representations = new LinkedHashMap<>();
    summary.layers().forEach(layer -> representations.put(layer.name(), layer.shape()));
    return new Result(
        summary.name(),
        shape(summary.input()),
        summary.classes(),
        summary.parameters(),
        summary.macs(),
        summary.layers(),
        representations,
        statistics == null ? null : statistics.mean(),
        statistics == null ? null : statistics.standardDeviation(),
        summary.provenance(),
        data == null || wanted.size() != null || summary.saysSize()
            ? null
            : new Assumed(shape(summary.input()), null, null, null),
        ofStudent);
  }

  private ExternalSummary summary(ModelSource.External external, TeacherView wanted) {
    return ExternalSummary.of(
        external.file(), wanted, data == null ? null : options.open(data, external).inputShape());
  }

  private static List<Long> neurons(ExternalSummary summary, ModelSource source) {
    if (summary.neurons().isEmpty()) {
      throw new IllegalArgumentException(
          "--student compares hidden layers, and those of " + source + " are not seen");
    }
    return summary.neurons();
  }

  private LoadedModel open(ModelSource source, TeacherView wanted) {
    return source instanceof ModelSource.StateOf state
        ? state.open(wanted, data == null ? null : options.open(data, state))
        : source.open(null);
  }

  private @Nullable String heterogeneity(List<Long> teacher) {
    if (student == null) {
      return null;
    }
    return heterogeneity(
        teacher,
        student instanceof ModelSource.External external
            ? neurons(summary(external, TeacherView.standard()), external)
            : NetworkSummary.of(open(student, TeacherView.standard()).network()).neurons());
  }

  /**
   * How a teacher and a student differ by the talk's definition: two models are heterogeneous if
   * the number of hidden layers, or the number of neurons in them, differs.
   *
   * @param teacher the number of neurons in each of the teacher's hidden layers, in order
   * @param student the student's
   */
  static String heterogeneity(List<Long> teacher, List<Long> student) {
    String what;
    if (teacher.size() != student.size()) {
      what = "heterogeneous in the number of hidden layers and of neurons in them";
    } else if (!teacher.equals(student)) {
      what = "heterogeneous in the number of neurons in the hidden layers";
    } else {
      what = "not heterogeneous";
    }
    return String.format(
        Locale.ROOT,
        "%s: the teacher has %,d hidden layers with %,d neurons, the student %,d with %,d",
        what,
        teacher.size(),
        sum(teacher),
        student.size(),
        sum(student));
  }

  private static long sum(List<Long> neurons) {
    return neurons.stream().mapToLong(Long::longValue).sum();
  }

  private Result result(
      TeacherView wanted, LoadedModel loaded, NetworkSummary summary, @Nullable String student) {
    boolean says = !(model instanceof ModelSource.StateOf);
    boolean saysClasses = says || wanted.classes() != null;
    boolean saysStatistics = says || wanted.statistics() != null;
    List<String> classes = loaded.info().classNames();
    float[] mean = loaded.info().statistics().mean();
    float[] deviation = loaded.info().statistics().standardDeviation();
    String input = summary.input().toString();
    return new Result(
        summary.network(),
        input,
        saysClasses ? classes : List.of(),
        summary.parameters(),
        summary.macs(),
        summary.layers().stream().map(ModelLayer::of).toList(),
        new LinkedHashMap<>(summary.shapes()),
        saysStatistics ? mean : null,
        saysStatistics ? deviation : null,
        loaded.info().provenance(),
        says
            ? null
            : new Assumed(
                wanted.size() == null ? input : null,
                saysClasses ? null : classes,
                saysStatistics ? null : mean,
                saysStatistics ? null : deviation),
        student);
  }

  private void print(Result result) {
    printf(
        "network      %s, %s parameters, %s MMAC an image",
        result.network(),
        result.parameters() == null
            ? "unknown"
            : String.format(Locale.ROOT, "%,d", result.parameters()),
        result.macs() == null
            ? "unknown"
            : String.format(Locale.ROOT, "%.2f", result.macs() / 1e6));
    Assumed assumed =
        result.assumed() == null ? new Assumed(null, null, null, null) : result.assumed();
    printf(
        "input        %s%s%s%s%s",
        result.input(),
        assumed.input() == null ? "" : ASSUMED,
        normalisation(result.mean(), result.standardDeviation()),
        normalisation(assumed.mean(), assumed.standardDeviation()),
        assumed.mean() == null ? "" : ASSUMED);
    printf(
        "classes      %s",
        assumed.classes() == null
            ? classes(result.classes())
            : classes(assumed.classes()) + ASSUMED);
    result.provenance().forEach((key, value) -> printf("%-12s %s", key, value));
    if (result.student() != null) {
      printf("student      %s", result.student());
    }
    print("");
    Table layers = new Table("layer", "kind", "output", "parameters", "MMAC");
    for (ModelLayer layer : result.layers()) {
      layers.row(
          layer.name(),
          layer.kind(),
          shape(layer.shape()),
          layer.parameters() == null
              ? ResultNumbers.UNDEFINED
              : String.format(Locale.ROOT, "%,d", layer.parameters()),
          layer.macs() == null
              ? ResultNumbers.UNDEFINED
              : String.format(Locale.ROOT, "%.3f", layer.macs() / 1e6));
    }
    print(layers);
    print("");
    Table taps = new Table("representation", "shape");
    result.representations().forEach((name, shape) -> taps.row(name, shape(shape)));
    print(taps);
  }

  private static String normalisation(float @Nullable [] mean, float @Nullable [] deviation) {
    return mean == null || deviation == null
        ? ""
        : ", (value/255 - mean) / deviation with mean %s, deviation %s"
            .formatted(numbers(mean), numbers(deviation));
  }

  private static String classes(List<String> classes) {
    return classes.isEmpty()
        ? "the file does not say"
        : classes.size() + ": " + String.join(", ", classes);
  }

  private static String shape(long[] shape) {
    return Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining("x"));
  }

  private static String numbers(float[] values) {
    StringBuilder text = new StringBuilder();
    for (float value : values) {
      text.append(text.isEmpty() ? "" : " ").append(String.format(Locale.ROOT, "%.4f", value));
    }
    return text.toString();
  }
}
