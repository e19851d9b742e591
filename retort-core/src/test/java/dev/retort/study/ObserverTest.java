package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.data.Splits;
import dev.retort.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The logits are watched wherever no discriminator of them says a probability. */
@NullUnmarked
class ObserverTest {
  private static final List<String> CLASSES = List.of("a", "b", "c");
  private static final List<String> PROBABILITIES = List.of("talk", "told", "softened");
  private static final Splits DATA = NoiseImages.splits(CLASSES, 12);

  @TempDir Path folder;

  @Test
  void everyMethodHasProbabilitiesOfTheLogitsAndNoneLearnsFromTheObserver() throws IOException {
    Path watched = study("watched", true);
    Path unwatched = study("unwatched", false);

    assertThat(discriminators(watched, "cross-entropy")).containsExactly("observer:logits");
    assertThat(discriminators(watched, "talk")).containsExactly("logits");
    assertThat(discriminators(watched, "hinge")).containsExactly("logits", "observer:logits");
    assertThat(discriminators(watched, "smoothed")).containsExactly("logits", "observer:logits");
    assertThat(discriminators(watched, "random")).containsExactly("logits", "observer:logits");
    assertThat(discriminators(watched, "told")).containsExactly("logits", "observer:logits");
    assertThat(discriminators(watched, "softened")).containsExactly("logits", "observer:logits");
    assertThat(discriminators(watched, "hidden")).containsExactly("embedding", "observer:logits");

    assertThat(discriminators(unwatched, "cross-entropy")).isEmpty();
    assertThat(discriminators(unwatched, "hinge")).containsExactly("logits");
    for (String method : List.of("cross-entropy", "hinge", "hidden")) {
      assertThat(conv1(watched, method)).isEqualTo(conv1(unwatched, method));
    }
  }

  private static Set<String> discriminators(Path out, String method) throws IOException {
    List<String> epochs = Files.readAllLines(run(out, method).resolve("metrics.jsonl"));
    JsonNode adversaries = new JsonMapper().readTree(epochs.get(0)).get("adversaries");
    Set<String> names = new TreeSet<>();
    for (Map.Entry<String, JsonNode> each : adversaries.properties()) {
      String name = each.getKey();
      names.add(name);
      assertThat(each.getValue().get("pTeacher").isNumber())
          .as("%s of %s answers with a probability", name, method)
          .isEqualTo(!name.equals("logits") || PROBABILITIES.contains(method));
    }
    return names;
  }

  private static byte[] conv1(Path out, String method) {
    return SafeTensors.bytes(run(out, method).resolve("student.safetensors"), "conv1.weight");
  }

  private static Path run(Path out, String method) {
    return out.resolve("runs/resnet8-" + method + "-seed1");
  }

  private Path study(String out, boolean observer) throws IOException {
    NoiseImages.untrained(folder.resolve("teacher.safetensors"), DATA);
    Path file = folder.resolve(out + ".yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        teacher: teacher.safetensors
        student: resnet8
        training: {epochs: 1, batchSize: 8, precision: fp32, threads: 1}
        seeds: [1]
        cache: {gigabytes: 0}
        observer: OBSERVER
        test: false
        methods:
          - cross-entropy
          - {name: talk, objectives: [cross-entropy, adversary: {on: [logits]}]}
          - {name: hinge, objectives: [cross-entropy, adversary: {on: [logits], loss: hinge}]}
          - {name: smoothed, objectives: [cross-entropy, adversary: {on: [logits], realTarget: 0.9}]}
          - {name: random, objectives: [cross-entropy, adversary: {on: [logits], steps: 0}]}
          - {name: told, objectives: [cross-entropy, adversary: {on: [logits], discriminator: {condition: label-projection}}]}
          - {name: softened, objectives: [cross-entropy, adversary: {on: [logits], encoding: softmax}]}
          - {name: hidden, objectives: [cross-entropy, adversary: {on: [embedding]}]}
        """
            .replace("OBSERVER", Boolean.toString(observer)));
    Path target = folder.resolve(out);
    Study.read(file).data(DATA).run(target);
    return target;
  }
}
