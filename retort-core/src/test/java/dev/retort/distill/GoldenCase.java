package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.DynamicTest;

/**
 * A loss and its gradients that were computed outside this library, in float64, by a script under
 * {@code src/test/python}. The files lie in {@code src/test/resources/dev/retort/distill/golden},
 * one a loss, each a list of
 *
 * <pre>{@code
 * {"name": "equal teacher and student",
 *  "options": {"temperature": 4},
 *  "inputs": {"student": {"shape": [2, 3], "values": […]},
 *             "labels": {"shape": [2], "integers": […]}},
 *  "loss": 0.25,
 *  "gradients": {"student": {"shape": [2, 3], "values": […]}}}
 * }</pre>
 *
 * <p>A test is one line: {@code @TestFactory Stream<DynamicTest> golden() { return
 * GoldenCase.tests("hinton", golden -> Hinton.loss(golden.tensor("student"), …,
 * golden.number("temperature"))); }}
 */
public final class GoldenCase {
  /** Of the norm of what is expected. */
  private static final double RELATIVE = 1e-9;

  /** For values that are 0 but for rounding. */
  private static final double ABSOLUTE = 1e-14;

  private record Values(long[] shape, double[] values, long[] integers) {
    Tensor toTensor() {
      return integers == null ? Tensors.of(values, shape) : Tensors.of(integers, shape);
    }
  }

  private record Content(
      String name,
      Map<String, Double> options,
      Map<String, Values> inputs,
      double loss,
      Map<String, Values> gradients) {}

  private final Content content;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private GoldenCase(Content content) {
    this.content = content;
    content.inputs.forEach(
        (name, values) -> {
          Tensor tensor = values.toTensor();
          tensors.put(
              name, content.gradients.containsKey(name) ? tensor.set_requires_grad(true) : tensor);
        });
  }

  /** One test a case of {@code golden/NAME.json}. */
  public static Stream<DynamicTest> tests(String name, Function<GoldenCase, Tensor> loss) {
    return read(name).stream()
        .map(content -> DynamicTest.dynamicTest(content.name, () -> check(content, loss)));
  }

  /** What the case is called. */
  public String name() {
    return content.name;
  }

  /** An input; it asks for a gradient if the file has one for it. */
  public Tensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), () -> "no input " + name);
  }

  /** An option of the loss. */
  public double number(String name) {
    return Objects.requireNonNull(content.options.get(name), () -> "no option " + name);
  }

  private static List<Content> read(String name) {
    String path = "golden/" + name + ".json";
    try (InputStream in = GoldenCase.class.getResourceAsStream(path)) {
      return new ObjectMapper()
          .readValue(Objects.requireNonNull(in, path), new TypeReference<List<Content>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }

  private static void check(Content content, Function<GoldenCase, Tensor> function) {
    try (TensorScope scope = TensorScope.open()) {
      GoldenCase golden = new GoldenCase(content);
      Tensor loss = function.apply(golden);
      assertThat(loss.dim()).as("the loss is a scalar").isZero();
      assertClose("loss", Tensors.toDoubles(loss), new double[] {content.loss});

      List<String> names = new ArrayList<>(content.gradients.keySet());
      TensorVector gradients =
          Tensors.gradients(
              loss,
              new TensorVector(names.stream().map(golden::tensor).toArray(Tensor[]::new)),
              false);
      for (int i = 0; i < names.size(); i++) {
        assertClose(
            "gradient of " + names.get(i),
            Tensors.toDoubles(gradients.get(i)),
            Objects.requireNonNull(content.gradients.get(names.get(i))).values);
      }
    }
  }

  private static void assertClose(String what, double[] actual, double[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.hypot(difference, actual[i] - expected[i]);
      norm = Math.hypot(norm, expected[i]);
    }
    assertThat(difference)
        .as("%s: norm of the difference from the expected, whose norm is %s", what, norm)
        .isLessThanOrEqualTo(RELATIVE * norm + ABSOLUTE);
  }
}
