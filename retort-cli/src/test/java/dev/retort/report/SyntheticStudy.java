package dev.retort.report;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.retort.study.Environment;
import dev.retort.study.StudyFolder;
import dev.retort.study.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A study's folder whose numbers are known in closed form. With seeds 1, 2, 3 every accuracy is c −
 * d, c, c + d for the method's own centre c and d = {@link #SPREAD}: the mean is c, the standard
 * deviation (n − 1) is d.
 */
final class SyntheticStudy {
  static final double SPREAD = 0.01;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A method.
   *
   * @param discriminators the names of its discriminators or observers
   * @param accuracy the mean of its test accuracies
   */
  record Method(String name, List<String> discriminators, double accuracy) {}

  static final List<Method> DEMO =
      List.of(
          new Method("cross-entropy", List.of("observer:logits"), 0.58),
          new Method("hinton", List.of("observer:logits"), 0.625),
          new Method("adversarial", List.of("logits", "embedding"), 0.602),
          new Method("adversarial-hinton", List.of("logits", "embedding"), 0.64));

  private final Path folder;
  private final List<String> students;
  private final List<Method> methods;
  private final int seeds;
  private final int epochs;

  SyntheticStudy(Path folder, List<String> students, List<Method> methods, int seeds, int epochs) {
    this.folder = folder;
    this.students = students;
    this.methods = methods;
    this.seeds = seeds;
    this.epochs = epochs;
  }

  /** The demo's shape: resnet8, four methods, seeds 1 to 3, 12 epochs. */
  static Path demo(Path folder) throws IOException {
    new SyntheticStudy(folder, List.of("resnet8"), DEMO, 3, 12).write();
    return folder;
  }

  /** Where seed k of 1 … n lies around the centre: −1, 0, 1 for three. */
  private double offset(int seed) {
    return seed - (seeds + 1) / 2.0;
  }

  /** Validation accuracy at an epoch, 1 … epochs. */
  static double validation(double accuracy, int epoch) {
    return accuracy - 0.4 * Math.exp(-epoch / 3.0);
  }

  /** D's mean output on the teacher: an adversary is held near 1/2, an observer parts the two. */
  static double onTeacher(String discriminator, int epoch) {
    return discriminator.startsWith("observer:")
        ? 0.5 + 0.42 * (1 - Math.exp(-epoch / 2.0))
        : 0.5 + 0.3 * Math.exp(-epoch / 4.0);
  }

  void write() throws IOException {
    for (String student : students) {
      for (Method method : methods) {
        for (int seed = 1; seed <= seeds; seed++) {
          writeRun(student, method, seed);
        }
      }
    }
    Files.writeString(
        folder.resolve("inputs.json"),
        """
        {"dataset": {"name": "cifar10-mini", "train": 4000, "validation": 1000, "test": 2000},
         "data": "d1", "teacher": "t1", "precision": "fp32", "configuration": "c1", "source": "s1"}
        """);
    Files.writeString(folder.resolve("teacher.json"), pretty(teacher()));
    writeEnvironment(folder.resolve("environment.json"), 2, List.of("avx2"));
    Files.writeString(folder.resolve("resolved.yaml"), configuration());
  }

  static void writeEnvironment(Path file, int threads, List<String> features) throws IOException {
    Environment environment =
        new Environment(
            "0.1.0",
            null,
            "17.0.12",
            "Linux",
            "a <processor> & more",
            features,
            2,
            threads,
            8L << 30,
            "2.10.0",
            "1.5.13",
            "linux-x86_64",
            "AVX512",
            List.of("cpu"),
            null,
            null);
    Files.writeString(file, pretty(JSON.valueToTree(environment)));
  }

  static void setTestAccuracy(Path folder, String run, double accuracy) throws IOException {
    Path file = folder.resolve("runs").resolve(run).resolve("result.json");
    Files.writeString(
        file,
        Files.readString(file)
            .replaceFirst("\"testAccuracy\" : [^,]*", "\"testAccuracy\" : " + accuracy));
  }

  private void writeRun(String student, Method method, int seed) throws IOException {
    String name = student + "-" + method.name() + "-seed" + seed;
    Path run = Files.createDirectories(folder.resolve("runs").resolve(name));
    List<String> lines = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      ObjectNode line = JSON.createObjectNode();
      line.put("epoch", epoch).put("step", epoch * 31).put("seconds", 1.5 * epoch);
      line.put("learningRate", 0.1).put("trainLoss", 2.0 / epoch);
      line.put("validationAccuracy", validation(method.accuracy(), epoch) + SPREAD * offset(seed));
      ObjectNode adversaries = line.putObject("adversaries");
      for (String discriminator : method.discriminators()) {
        double teacher = onTeacher(discriminator, epoch);
        adversaries
            .putObject(discriminator)
            .put("pTeacher", teacher + 0.02 * offset(seed))
            .put("pStudent", 1 - teacher + 0.02 * offset(seed))
            .put("jsdLowerBound", 2.4 * (teacher - 0.5) * (teacher - 0.5) + SPREAD * offset(seed));
      }
      if (method.name().equals("adversarial") && seed > 1 && epoch > 2 && epoch < 6) {
        line.putArray("alarms").add("logits: the discriminator is saturated (accuracy 0.998)");
      }
      lines.add(JSON.writeValueAsString(line));
    }
    Files.writeString(run.resolve("metrics.jsonl"), String.join("\n", lines) + "\n");
    ObjectNode result = JSON.createObjectNode();
    result.put("student", student).put("method", method.name()).put("seed", seed);
    result.put("testAccuracy", method.accuracy() + SPREAD * offset(seed));
    result.put("agreementWithTeacher", method.accuracy() + 0.02 + SPREAD * offset(seed));
    double validation = validation(method.accuracy(), epochs) + SPREAD * offset(seed);
    result.put("validationAccuracy", Math.max(0, validation));
    result.put("seconds", 20 + seed).put("imagesPerSecond", 2400.0);
    result.put("parameters", 78042).put("macs", 12491008);
    Files.writeString(run.resolve("result.json"), pretty(result));
  }

  /**
   * A measurement of the teacher, 10 ms and 93.7 %, and of resnet8 by Hinton's loss: 1 ms and 62 %
   * in fp32, 0.5 ms and 61 % in int8.
   */
  static void writeServing(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("serving.json"),
        """
        {"processor": "a processor", "os": "Linux", "java": "17", "onnxRuntime": "1.26.0", "threads": 1,
         "measuredOn": "test", "images": 2000, "otherProcesses": 0.01, "models": [
          {"name": "airnet", "student": null, "method": null, "numbers": "fp32", "accuracy": 0.937, "bytes": 16000000,
           "calls": 1000, "p50Milliseconds": 10.0, "p99Milliseconds": 12.0, "roundsMilliseconds": [10, 10, 10],
           "imagesPerSecond": 200.0, "residentBytes": 90000000},
          {"name": "resnet8-hinton-seed1", "student": "resnet8", "method": "hinton", "numbers": "fp32", "accuracy": 0.62,
           "bytes": 320000, "calls": 1000, "p50Milliseconds": 1.0, "p99Milliseconds": 1.5,
           "roundsMilliseconds": [1, 1, 1], "imagesPerSecond": 2000.0, "residentBytes": 70000000},
          {"name": "resnet8-hinton-seed1", "student": "resnet8", "method": "hinton", "numbers": "int8", "accuracy": 0.61,
           "bytes": 90000, "calls": 1000, "p50Milliseconds": 0.5, "p99Milliseconds": 0.6,
           "roundsMilliseconds": [0.5, 0.5, 0.5], "imagesPerSecond": 3000.0, "residentBytes": 70000000}]}
        """);
  }

  /** Makes these seeds the only ones that were registered. */
  static void register(Path folder, Integer... seeds) throws IOException {
    Path inputs = folder.resolve("inputs.json");
    ObjectNode json = (ObjectNode) JSON.readTree(inputs.toFile());
    Files.writeString(inputs, pretty(json.put("registered", true)));
    Path resolved = folder.resolve("resolved.yaml");
    Files.writeString(
        resolved,
        Files.readString(resolved)
            .replaceFirst(
                "(?s)\nseeds:\n.*\nmethods:", "\nseeds: " + List.of(seeds) + "\nmethods:"));
  }

  /**
   * Makes a run one that diverged; its result is moved to the study's folder.
   *
   * @return the run's folder
   */
  static Path diverge(Path folder, String name) throws IOException {
    Path run = folder.resolve("runs").resolve(name);
    Files.move(run.resolve("result.json"), folder.resolve("result.json"), REPLACE_EXISTING);
    String[] words = name.split("-seed|(?<=resnet8)-", -1);
    Files.writeString(
        run.resolve("diverged.json"),
        """
        {"student": "%s", "method": "%s", "seed": %s,
         "reason": "training diverged at step 7, before its update"}
        """
            .formatted((Object[]) words));
    return run;
  }

  /** The study as its folder has it now. */
  static StudyResults read(Path folder) {
    StudyFolder study = StudyFolder.open(folder);
    return StudyResults.read(study, study.summarize());
  }

  /**
   * The same with comparisons of made-up intervals: the seeds' differences have no spread of their
   * own.
   */
  static StudyResults readWithIntervals(Path folder) {
    StudyFolder study = StudyFolder.open(folder);
    Summary summary = study.summarize();
    return StudyResults.read(
        study,
        new Summary(
            summary.dataset(),
            summary.teacher(),
            summary.students(),
            summary.measuredOn(),
            summary.registration(),
            summary.methods(),
            summary.comparisons().stream().map(SyntheticStudy::withInterval).toList(),
            summary.diverged()));
  }

  private static Summary.ComparisonResult withInterval(Summary.ComparisonResult row) {
    double difference = Objects.requireNonNull(row.meanDifference());
    return new Summary.ComparisonResult(
        row.student(),
        row.method(),
        row.baseline(),
        row.n(),
        difference,
        List.of(difference - 0.013, difference + 0.013),
        0.0004,
        0.0124,
        0.017,
        row.unequalBudgets(),
        row.primary(),
        row.diverged(),
        row.missing(),
        row.acrossProcessors());
  }

  private static ObjectNode teacher() {
    ObjectNode teacher = JSON.createObjectNode();
    teacher.put("network", "airnet").put("sha256", "ab".repeat(32));
    teacher.put("validationAccuracy", 0.9402).put("testAccuracy", 0.937);
    return teacher.put("parameters", 3_927_242L).put("macs", 600_000_000L);
  }

  private String configuration() {
    StringBuilder yaml = new StringBuilder("data: cifar10-mini\nteacher: bundled:cifar10\n");
    yaml.append("students: [").append(String.join(", ", students)).append("]\n");
    yaml.append("training: {epochs: ").append(epochs).append(", batchSize: 128}\nseeds:\n");
    for (int seed = 1; seed <= seeds; seed++) {
      yaml.append("  - ").append(seed).append('\n');
    }
    yaml.append("methods:\n");
    methods.forEach(
        m -> yaml.append("  - name: '").append(m.name().replace("'", "''")).append("'\n"));
    return yaml.toString();
  }

  private static String pretty(ObjectNode node) throws IOException {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }
}
