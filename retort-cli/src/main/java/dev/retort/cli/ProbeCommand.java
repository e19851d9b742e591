package dev.retort.cli;

import dev.retort.adversary.Conditioning;
import dev.retort.adversary.Distinguishability;
import dev.retort.adversary.Encoding;
import dev.retort.adversary.Probe;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.distill.LayerPair;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.study.StudentInitialization;
import dev.retort.teacher.ExternalView;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.teacher.TeacherView;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort probe}. */
@CommandLine.Command(
    name = "probe",
    header = "Measures how well students can be distinguished from their teacher.",
    description = {
      "Trains a fresh discriminator for each representation on held-out images. It is cross-fitted"
          + " in 5 folds, so that each image is judged by one that has not seen it. Printed are its"
          + " AUC (0.5: it cannot tell) and its lower bound of the Jensen-Shannon divergence in nats"
          + " (at most 0.693; 0 or below: it cannot tell), with 95 %% intervals over the images.",
      "",
      "Logits are read as they are. Another representation of a student is first brought to the"
          + " teacher's by an affine map, fitted on training images by least squares."
    })
final class ProbeCommand extends Command {
  private static final String WEIGHTS = "weights";

  @Parameters(index = "0", paramLabel = "TEACHER", description = ModelArgument.NETWORK)
  ModelSource teacher;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "STUDENT",
      description = "As TEACHER, any number: OUT/runs/* are all runs of a study.")
  List<ModelSource> students;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      required = true,
      description = "The images; retort list datasets shows the spellings.")
  DatasetSource data;

  @Mixin TrainingDataOptions options;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "test",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Split split;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "2000",
      description =
          "N images of the split, and as many training images for the least squares, drawn at"
              + " random; of weights, N slices (default: ${DEFAULT-VALUE}).")
  int images;

  @Option(
      names = "--on",
      paramLabel = "LAYER",
      split = ",",
      defaultValue = "logits,embedding",
      description =
          "What discriminators read, one each: logits, embedding, stage:N, a layer, or weights; see"
              + " retort inspect (default: ${DEFAULT-VALUE}).")
  List<String> on;

  @Option(
      names = "--encoding",
      paramLabel = "ENCODING",
      defaultValue = "raw",
      description =
          "What is done to both networks' representations first: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).")
  Encoded encoding;

  @Option(
      names = "--condition",
      paramLabel = "CONDITION",
      defaultValue = "none",
      description =
          "What a discriminator knows of each image: none, label-projection, label-concatenation"
              + " or pair, the teacher's representation of another view (default:"
              + " ${DEFAULT-VALUE}).")
  Told condition;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of images, folds and discriminators (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--no-before",
      description =
          "Leave out the students' networks with random weights, which show what the training has"
              + " changed.")
  boolean withoutBefore;

  @Mixin ComputeOptions compute;

  @Mixin JsonOption json;

  /** The encodings by their names. */
  enum Encoded {
    RAW,
    CENTRED,
    STANDARDIZED,
    SOFTMAX;

    Encoding encoding() {
      return switch (this) {
        case RAW -> new Encoding.Raw();
        case CENTRED -> new Encoding.Centred();
        case STANDARDIZED -> new Encoding.Standardized();
        case SOFTMAX -> new Encoding.Softmax(1);
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The conditions by their names. */
  enum Told {
    NONE(Conditioning.NONE),
    LABEL_PROJECTION(Conditioning.LABEL_PROJECTION),
    LABEL_CONCATENATION(Conditioning.LABEL_CONCATENATION),
    PAIR(Conditioning.PAIR);

    private final Conditioning conditioning;

    Told(Conditioning conditioning) {
      this.conditioning = conditioning;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * One student.
   *
   * @param student as it was named, or the network's name for one that has not learnt
   * @param trained whether it has
   * @param representations what was found, by name
   */
  record Row(
      String student,
      String network,
      boolean trained,
      Map<String, Distinguishability> representations) {}

  /** What is printed as JSON. */
  record Result(String teacher, String data, String split, int images, List<Row> students) {}

  @Override
  public Integer call() {
    teacher.requireNetwork();
    students.forEach(ModelSource::requireNetwork);
    Device device = compute.start();
    Splits splits = options.open(data, measured());
    try (TensorScope scope = TensorScope.open()) {
      Probe.Settings settings =
          new Probe.Settings(
              on.stream().map(LayerPair::of).toList(),
              encoding.encoding(),
              condition.conditioning,
              images,
              seed);
      ExternalView.compareAndWarn(
          teacher, TeacherView.standard(), splits, Precision.FP32, device, null);
      Probe probe =
          new Probe(
              frozen(teacher.openFor(splits), splits, device), splits, split.of(splits), settings);
      List<Row> rows = new ArrayList<>();
      Set<String> before = new HashSet<>();
      for (ModelSource student : students) {
        try (TensorScope ofStudent = TensorScope.open()) {
          LoadedModel model = student.openFor(splits);
          ExternalView.compareAndWarn(
              student, TeacherView.standard(), splits, Precision.FP32, device, null);
          String network = model.network().name();
          if (!withoutBefore && before.add(network)) {
            rows.add(row(network, false, untrained(model, splits), probe, splits, device));
          }
          rows.add(row(student.toString(), true, model, probe, splits, device));
        }
      }
      Result result =
          new Result(teacher.toString(), data.toString(), split.toString(), probe.images(), rows);
      if (json.asked) {
        print(Json.of(result));
      } else {
        print(result);
      }
    }
    return ExitCode.DONE;
  }

  /**
   * A network whose file records what pictures are scaled to before the middle is cut out, or else
   * one that records what it reads, or else the teacher.
   *
   * @throws IllegalArgumentException if they record several lengths, and no option decides
   */
  private ModelSource measured() {
    Map<Integer, ModelSource> lengths = new TreeMap<>();
    ModelSource first = null;
    for (ModelSource source : Stream.concat(Stream.of(teacher), students.stream()).toList()) {
      ImageShape input = source.input();
      if (input != null) {
        first = first == null ? source : first;
        Integer length = source.resize(input.height());
        if (length != null) {
          lengths.putIfAbsent(length, source);
        }
      }
    }
    if (lengths.size() > 1 && options.pictures.resize == null) {
      throw new IllegalArgumentException(
          "the models saw pictures that were scaled to different lengths before the middle was cut out (%s): choose one with --resize"
              .formatted(
                  lengths.entrySet().stream()
                      .map(length -> length.getKey() + " for " + length.getValue())
                      .collect(Collectors.joining(", "))));
    }
    return lengths.values().stream().findFirst().orElse(first == null ? teacher : first);
  }

  private static NetworkTeacher frozen(LoadedModel model, Splits data, Device device) {
    return new NetworkTeacher(model, data.statistics(), Precision.FP32, device);
  }

  /** The student's network as a run of its seed begins, where the file says which that was. */
  private static LoadedModel untrained(LoadedModel student, Splits data) {
    String seed = student.info().provenance().getOrDefault("seed", "0");
    long number = seed.matches("-?\\d{1,18}") ? Long.parseLong(seed) : 0;
    Network network =
        StudentInitialization.random(student.network().name(), data, Precision.FP32, number);
    return new LoadedModel(network, new ModelInfo(data.classes(), data.statistics(), Map.of()));
  }

  private static Row row(
      String student, boolean trained, LoadedModel model, Probe probe, Splits data, Device device) {
    return new Row(student, model.network().name(), trained, probe.of(frozen(model, data, device)));
  }

  private void print(Result result) {
    if (on.equals(List.of(WEIGHTS))) {
      printf("%s and its students by their kernels alone, without images", result.teacher());
    } else {
      printf(
          "%s and its students on %,d %s images of %s",
          result.teacher(), result.images(), result.split(), result.data());
    }
    Set<String> representations = new LinkedHashSet<>();
    result.students().forEach(row -> representations.addAll(row.representations().keySet()));
    for (String representation : representations) {
      print("");
      Table table =
          new Table(
              representation, "AUC", "95 %", "JSD bound, nats", "95 %", "D(teacher)", "D(student)");
      List<Row> rows =
          result.students().stream()
              .filter(row -> row.representations().containsKey(representation))
              .sorted(Comparator.comparingDouble(row -> of(row, representation).jsdLowerBound()))
              .toList();
      for (Row row : rows) {
        Distinguishability found = of(row, representation);
        table.row(
            row.trained() ? row.student() : row.student() + ", untrained",
            number(found.auc()),
            interval(found.auc95()),
            number(found.jsdLowerBound()),
            interval(found.jsdLowerBound95()),
            number(found.pTeacher()),
            number(found.pStudent()));
      }
      print(table);
    }
  }

  private static Distinguishability of(Row row, String representation) {
    return Objects.requireNonNull(row.representations().get(representation));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static String interval(List<Double> ends) {
    return number(ends.get(0)) + " – " + number(ends.get(1));
  }
}
