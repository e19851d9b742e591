package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.data.Splits;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.shrink.UntrainedNetwork;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its interpreters are shell scripts")
class PeerTest {
  @TempDir Path folder;

  @Test
  void theFirstInterpreterOnThePathThatImportsTorchIsTaken() throws IOException {
    interpreter("without", "exit 1");
    Path with = interpreter("with", "exit 0");

    String path =
        folder.resolve("empty") + ":" + folder.resolve("without") + ":" + folder.resolve("with");

    assertThat(PythonInterpreter.find(null, path).executable()).isEqualTo(with);
    assertThat(PythonInterpreter.find(with, "").executable()).isEqualTo(with);
  }

  @Test
  void withoutAnInterpreterThereIsASentence() throws IOException {
    interpreter("without", "exit 1");

    assertThatThrownBy(() -> PythonInterpreter.find(null, folder.resolve("without").toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no python3 on the PATH imports torch");
    assertThatThrownBy(() -> PythonInterpreter.find(folder.resolve("none"), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not run, or does not import torch");
  }

  @Test
  void aPeerThatEndsSaysWhy() throws IOException {
    PythonInterpreter python =
        new PythonInterpreter(interpreter("ends", "read line; echo 'Error: no luck' >&2; exit 1"));

    try (Peer peer = new Peer(python, folder.resolve("plain.py"), folder)) {
      assertThatThrownBy(() -> peer.ask(Map.of("work", "nothing")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the peer plain ended: Error: no luck");
    }
  }

  private Path interpreter(String name, String body) throws IOException {
    Path file = Files.createDirectories(folder.resolve(name)).resolve("python3");
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static PythonInterpreter installed() {
    try {
      return PythonInterpreter.find(null, System.getenv().getOrDefault("PATH", ""));
    } catch (IllegalArgumentException none) {
      throw new TestAbortedException(none.getMessage(), none);
    }
  }

  /** Without a Python that has PyTorch, this is skipped; the comparison itself checks the same. */
  @ParameterizedTest
  @ValueSource(strings = {"plain", "tuned"})
  void aPeerHasOurNetworksAndOurMethods(String name) {
    PythonInterpreter python = installed();
    Path script = Path.of("peers", name + ".py");
    Splits data = BenchmarkData.few(BenchmarkData.whole());
    try (TensorScope scope = TensorScope.open();
        Peer peer = new Peer(python, script, folder)) {
      LoadedModel resnet = UntrainedNetwork.of("resnet8", data);
      LoadedModel airnet = UntrainedNetwork.of("airnet94", data);
      JsonNode introduction =
          peer.ask(new PeerInputs(folder).write(data, List.of(resnet, airnet), Precision.BF16));

      assertThat(introduction.get("name").asText()).isEqualTo(name);
      assertThat(SameWork.logitsDifference(peer, resnet.network(), data)).isLessThan(1e-4);
      assertThat(SameWork.logitsDifference(peer, airnet.network(), data)).isLessThan(1e-4);
      assertThat(SameWork.lossDifference(peer)).isLessThan(1e-5);
      PeerSteps steps =
          new PeerSteps(
              peer,
              "adversarial-hinton",
              Map.of(
                  "work",
                  "steps",
                  "method",
                  "adversarial-hinton",
                  "teacher",
                  "airnet94",
                  "student",
                  "resnet8",
                  "images",
                  640));
      assertThat(steps.secondsAStep(4)).isPositive();
    }
  }

  /**
   * It shows that the comparison sees what it is there to see, in minutes: only where asked for.
   */
  @ParameterizedTest
  @ValueSource(strings = {"plain", "tuned"})
  @EnabledIfSystemProperty(
      named = "retort.trajectories",
      matches = "true",
      disabledReason = "minutes of training; -Dretort.trajectories=true runs it")
  void aPeerTrainsAsWeDoAndAnotherRateOrMomentumIsSeen(String name) {
    PythonInterpreter python = installed();
    Path script = Path.of("peers", name + ".py");
    Splits data = BenchmarkData.few(BenchmarkData.whole());
    try (TensorScope scope = TensorScope.open();
        Peer peer = new Peer(python, script, folder)) {
      LoadedModel teacher = ModelSource.parse("bundled:cifar10", Path.of("")).open(null);
      PairedTraining paired = new PairedTraining(data, teacher, folder);
      peer.ask(new PeerInputs(folder).write(data, List.of(teacher), Precision.BF16));

      double honest = paired.of(peer).difference(paired.ours());
      double faster =
          paired
              .of(peer, Map.of("learningRate", 1.1 * PairedTraining.LEARNING_RATE))
              .difference(paired.ours());
      double withoutNesterov = paired.of(peer, Map.of("nesterov", false)).difference(paired.ours());

      assertThat(reasons(honest, paired)).isEmpty();
      assertThat(reasons(faster, paired)).hasSize(1);
      assertThat(reasons(withoutNesterov, paired)).hasSize(1);
    }
  }

  private static List<String> reasons(double difference, PairedTraining paired) {
    return new PeerVerdict(0, 0, 1, difference, paired.ours().falls(), 1, 1).reasons("it");
  }
}
