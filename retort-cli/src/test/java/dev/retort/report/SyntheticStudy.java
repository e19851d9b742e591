package dev.retort.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    Files.writeString(folder.resolve("summary.json"), pretty(summary()));
    Files.writeString(folder.resolve("teacher.json"), pretty(teacher()));
    ObjectNode environment = JSON.createObjectNode();
    environment.put("retort", "0.1.0").put("java", "17.0.12").put("threads", 2);
    environment.putObject("processor").put("name", "a <processor> & more").put("bf16", true);
    Files.writeString(folder.resolve("environment.json"), pretty(environment));
    Files.writeString(folder.resolve("resolved.yaml"), configuration());
  }

  private void writeRun(String student, Method method, int seed) throws IOException {
    String name = student + "-" + method.name().replace('/', '_') + "-seed" + seed;
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
      if (method.name().equals("adversarial") && seed == 2 && epoch > 2 && epoch < 6) {
        line.putArray("alarms").add("logits: the discriminator is saturated (accuracy 0.998)");
      }
      lines.add(JSON.writeValueAsString(line));
    }
    Files.writeString(run.resolve("metrics.jsonl"), String.join("\n", lines) + "\n");
    ObjectNode result = JSON.createObjectNode();
    result.put("student", student).put("method", method.name()).put("seed", seed);
    result.put("testAccuracy", method.accuracy() + SPREAD * offset(seed));
    result.put("agreementWithTeacher", method.accuracy() + 0.02 + SPREAD * offset(seed));
    result.put("seconds", 20 + seed).put("imagesPerSecond", 2400.0);
    result.put("parameters", 78042).put("macs", 12491008);
    Files.writeString(run.resolve("result.json"), pretty(result));
  }

  private ObjectNode summary() {
    ObjectNode summary = JSON.createObjectNode();
    summary
        .putObject("dataset")
        .put("name", "cifar10-mini")
        .put("train", 4000)
        .put("validation", 1000)
        .put("test", 2000);
    summary.set("teacher", teacher());
    ArrayNode studentNodes = summary.putArray("students");
    ArrayNode methodNodes = summary.putArray("methods");
    ArrayNode comparisons = summary.putArray("comparisons");
    for (String student : students) {
      studentNodes.addObject().put("name", student).put("parameters", 78042).put("macs", 12491008);
      for (Method method : methods) {
        ObjectNode node = methodNodes.addObject();
        node.put("student", student).put("name", method.name());
        ArrayNode seedNode = node.putArray("seeds");
        ArrayNode accuracies = node.putArray("testAccuracy");
        for (int seed = 1; seed <= seeds; seed++) {
          seedNode.add(seed);
          accuracies.add(method.accuracy() + SPREAD * offset(seed));
        }
        node.put("mean", method.accuracy()).put("sd", SPREAD);
      }
      for (Method method : methods.subList(1, methods.size())) {
        double difference = method.accuracy() - methods.get(0).accuracy();
        ObjectNode node = comparisons.addObject();
        node.put("student", student).put("method", method.name());
        node.put("baseline", methods.get(0).name()).put("n", seeds);
        node.put("meanDifference", difference);
        if (seeds > 1) {
          node.putArray("ci95").add(difference - 0.013).add(difference + 0.013);
          node.put("pValue", 0.0004).put("adjustedPValue", 0.0124).put("requiredSeeds", 17);
        } else {
          node.putNull("ci95").putNull("pValue").putNull("adjustedPValue");
        }
      }
    }
    return summary;
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
