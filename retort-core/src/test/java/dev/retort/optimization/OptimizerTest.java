package dev.retort.optimization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.List;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps of both rules, worked out by hand: a kernel w = 1 and a bias b = 2. */
class OptimizerTest {
  private static final Offset<Double> CLOSE = within(1e-12);

  private TensorScope scope;
  private FlatParameters parameters;

  @BeforeEach
  void makeParameters() {
    scope = TensorScope.open();
    Tensor kernel = Tensors.of(new double[] {1}, 1, 1).set_requires_grad(true);
    Tensor bias = Tensors.of(new double[] {2}, 1).set_requires_grad(true);
    parameters = new FlatParameters(List.of(kernel, bias));
  }

  @AfterEach
  void forget() {
    scope.close();
  }

  private static Tensor gradient(double ofKernel, double ofBias) {
    return Tensors.of(new double[] {ofKernel, ofBias}, 2);
  }

  /**
   * η 0.1, μ ½, λ 0.1 on the kernel alone, four times the rate for the bias. First g = (1.1, 3), m
   * = g, g + μm = (1.65, 4.5); then g = (1.0835, 3), m = (1.6335, 4.5), g + μm = (1.90025, 5.25).
   */
  @Test
  void nesterovsMomentumLooksAheadAndTheBiasHasItsOwnRate() {
    Sgd sgd = new Sgd(parameters, new Sgd.Settings(0.5, true, 0.1, false, false, 4));
    sgd.step(gradient(1, 3), 0.1);
    assertThat(Tensors.toDoubles(parameters.values()))
        .containsExactly(new double[] {0.835, 0.2}, CLOSE);
    sgd.step(gradient(1, 3), 0.1);
    assertThat(Tensors.toDoubles(parameters.values()))
        .containsExactly(new double[] {0.644975, -1.9}, CLOSE);
  }

  /** The same without looking ahead: w ← w − η m, with m = (1.1, 3) and then (1.639, 4.5). */
  @Test
  void plainMomentumGoesWhereItHasComeTo() {
    Sgd sgd = new Sgd(parameters, new Sgd.Settings(0.5, false, 0.1, false, false, 4));
    sgd.step(gradient(1, 3), 0.1);
    assertThat(Tensors.toDoubles(parameters.values()))
        .containsExactly(new double[] {0.89, 0.8}, CLOSE);
    sgd.step(gradient(1, 3), 0.1);
    assertThat(Tensors.toDoubles(parameters.values()))
        .containsExactly(new double[] {0.7261, -1.0}, CLOSE);
  }

  /**
   * η 0.1, λ ½, four times the rate for the bias. Of a first step Nesterov's momentum ½ makes g +
   * μg = 1.5 g, so w = 1 − 0.1 · 1.5 · (1 + ½ · 1) where decay goes through it, and (1 − 0.05) · 1
   * − 0.1 · 1.5 · 1 beside it. The bias, 2 − 0.4 · 1.5 · 3 without decay, is 2 − 0.4 · 1.5 · (3 + ½
   * · 2) with it, or, by its own rate, (1 − 0.2) · 2 − 0.4 · 1.5 · 3.
   */
  @ParameterizedTest
  @CsvSource({
    "false, false, 0.775,  0.2",
    "false, true,  0.775, -0.4",
    "true,  false, 0.8,    0.2",
    "true,  true,  0.8,   -0.2"
  })
  void decayGoesThroughTheMomentumOrBesideItByTheParametersOwnRate(
      boolean decoupled, boolean vectors, double kernel, double bias) {
    Sgd sgd = new Sgd(parameters, new Sgd.Settings(0.5, true, 0.5, decoupled, vectors, 4));
    sgd.step(gradient(1, 3), 0.1);
    assertThat(Tensors.toDoubles(parameters.values()))
        .containsExactly(new double[] {kernel, bias}, CLOSE);
  }

  /**
   * β₁ ½, β₂ ¾, gradients 1 and 3 of the kernel: m̂ = 1 and v̂ = 1, then m̂ = 1.75 / 0.75 and v̂ =
   * 2.4375 / 0.4375. The bias, whose gradient is −1 twice, goes one rate up each time.
   */
  @Test
  void adamCorrectsItsMoments() {
    Adam adam = new Adam(parameters, new Adam.Settings(0.5, 0.75, 1e-15));
    adam.step(gradient(1, -1), 0.1);
    assertThat(Tensors.toDoubles(parameters.values()))
        .containsExactly(new double[] {0.9, 2.1}, CLOSE);
    adam.step(gradient(3, -1), 0.1);
    assertThat(Tensors.toDoubles(parameters.values()))
        .containsExactly(new double[] {0.9 - 0.1 * (7.0 / 3) / Math.sqrt(39.0 / 7), 2.2}, CLOSE);
  }
}
