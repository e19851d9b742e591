package dev.retort.teacher;

import static dev.retort.teacher.GoldenOutputs.centred;
import static dev.retort.teacher.GoldenOutputs.data;
import static dev.retort.teacher.GoldenOutputs.golden;
import static dev.retort.teacher.GoldenOutputs.logits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.LogLines;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.weights.SafeTensors;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What recorded outputs are taken for; {@link ExternalOutputsTest} has why they are centred. */
class RecordedOutputsTest {
  @TempDir Path folder;

  private Path record(Map<String, Tensor> arrays) {
    Path file = folder.resolve("outputs.safetensors");
    SafeTensors.write(file, arrays, Map.of());
    return file;
  }

  private static RecordedTeacher recorded(Path file, @Nullable Outputs declared) {
    return new RecordedTeacher(file, null, declared, data());
  }

  @ParameterizedTest
  @CsvSource({"Double, 1e-6", "Float, 1e-5", "Half, 2e-3", "BFloat16, 2e-2"})
  void recordedProbabilitiesBecomeTheLogitsThatTheyAreOf(String type, double precision)
      throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Tensor logits = Tensors.of(golden(), 4, 5);
      Path file = record(Map.of("logits", logits.softmax(1).to(ScalarType.valueOf(type))));
      assertThat(logits(recorded(file, null), data()))
          .containsExactly(centred(golden(), 5), within(precision));
      Path logarithms = record(Map.of("logits", logits.log_softmax(1)));
      assertThat(logits(recorded(logarithms, null), data()))
          .containsExactly(centred(golden(), 5), within(1e-6));
      assertThat(recorded(logarithms, null).digest())
          .isNotEqualTo(recorded(logarithms, Outputs.LOGITS).digest());
    }
  }

  /**
   * log 2⁻¹⁴⁹ = −103.2789, log 2⁻²⁴ = −16.6355, log 2⁻¹³³ = −92.1886, log 2⁻¹⁰⁷⁴ = −744.4401; one
   * of five is 1, so that the row's mean is 4/5 of that.
   */
  @ParameterizedTest
  @CsvSource({"Float, -103.2789", "Half, -16.6355", "BFloat16, -92.1886", "Double, -744.4401"})
  void aProbabilityOfZeroIsTheSmallestPositiveNumberOfItsType(String type, double logarithm) {
    try (TensorScope scope = TensorScope.open()) {
      double[] certain = new double[20];
      for (int n = 0; n < 4; n++) {
        certain[5 * n + n] = 1;
      }
      Path file = record(Map.of("logits", Tensors.of(certain, 4, 5).to(ScalarType.valueOf(type))));
      List<RecordedTeacher> teachers = new ArrayList<>();
      List<String> lines = LogLines.of(Outputs.class, () -> teachers.add(recorded(file, null)));

      double[] found = logits(teachers.get(0), data());
      for (int i = 0; i < 20; i++) {
        double expected = (certain[i] == 1 ? 0 : logarithm) - 0.8 * logarithm;
        assertThat(found[i]).isCloseTo(expected, within(1e-3));
      }
      assertThat(lines).hasSize(2);
      assertThat(lines.get(1)).contains("some of its probabilities are 0");
    }
  }

  @Test
  void partsOfWhichSomeAreLogitsAreRefused() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Tensor logits = Tensors.of(golden(), 4, 5);
      Path file = record(Map.of("logits", logits.softmax(1), "test.logits", logits));
      assertThatThrownBy(() -> recorded(file, null))
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith(file + ": '")
          .hasMessageMatching("(?s).*holds (logits|probabilities), and other arrays hold .*");
      assertThat(recorded(file, Outputs.LOGITS).digest())
          .isNotEmpty(); // they are taken as they are
      assertThatThrownBy(() -> recorded(record(Map.of("logits", logits.sigmoid())), null))
          .hasMessageContaining("as those of sigmoids do");
    }
  }
}
