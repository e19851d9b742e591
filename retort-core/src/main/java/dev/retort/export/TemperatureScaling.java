package dev.retort.export;

import dev.retort.data.Dataset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.training.CalibrationError;
import dev.retort.weights.LoadedModel;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.hipparchus.analysis.solvers.BrentSolver;

/**
 * Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks", section 4.2):
 * probabilities are softmax(z / T), and T is the temperature with the least cross-entropy on
 * validation images. No decision changes, since T is positive. A student of smoothed probabilities
 * needs it: it is far less sure than it is right.
 *
 * @param temperature T
 * @param fittedOn how many labelled validation images it was fitted on
 * @param measuredOn how many labelled images the errors are of
 * @param errorBefore the {@link CalibrationError} of softmax(z) on these; NaN without a label
 * @param error that of softmax(z / T)
 */
public record TemperatureScaling(
    double temperature, int fittedOn, int measuredOn, double errorBefore, double error) {
  private static final int BATCH_SIZE = 50;

  /** What T is looked for in: 1 / {@value} … {@value}. */
  private static final double WIDEST = 1e4;

  /** Of log T. */
  private static final double ACCURACY = 1e-10;

  private static final int MAX_EVALUATIONS = 1000;

  /** Of labelled images: logits {@code [N, classes]} in float64, labels {@code [N]} in int64. */
  private record Labelled(Tensor logits, Tensor labels) {
    double error(double temperature) {
      CalibrationError error = new CalibrationError();
      error.add(Tensors.scaled(logits, 1 / temperature), labels);
      return error.value();
    }

    int size() {
      return (int) labels.numel();
    }
  }

  /**
   * Fits the temperature of a network.
   *
   * @param validation the images that it is fitted on
   * @param measured the images on which the error is measured with and without it
   * @throws ExportException if no temperature is best: no image has a label, every decision is
   *     right, or they are right no more often than by chance
   */
  public static TemperatureScaling fit(LoadedModel model, Dataset validation, Dataset measured) {
    try (TensorScope scope = TensorScope.open()) {
      Labelled fitted = labelled(model, validation);
      double temperature =
          temperature(fitted.logits(), fitted.labels())
              .orElseThrow(
                  () ->
                      new ExportException(
                          "no temperature suits the probabilities: of the %,d labelled images of %s all are decided right, or no more than by chance"
                              .formatted(fitted.size(), validation.name())));
      Labelled others = measured == validation ? fitted : labelled(model, measured);
      return new TemperatureScaling(
          temperature, fitted.size(), others.size(), others.error(1), others.error(temperature));
    }
  }

  /**
   * The temperature with the least cross-entropy. That is convex in 1 / T, with the derivative
   * mean(Σ_c softmax(z / T)_c z_c − z_y), whose zero is found.
   *
   * @param logits {@code [N, classes]}
   * @param labels {@code [N]} int64
   * @return nothing where there is none within 10⁻⁴ … 10⁴
   */
  static OptionalDouble temperature(Tensor logits, Tensor labels) {
    double low = -Math.log(WIDEST);
    double high = Math.log(WIDEST);
    if (labels.numel() == 0
        || !(slope(logits, labels, Math.exp(low)) > 0)
        || !(slope(logits, labels, Math.exp(high)) < 0)) {
      return OptionalDouble.empty();
    }
    double best =
        new BrentSolver(ACCURACY)
            .solve(MAX_EVALUATIONS, guess -> slope(logits, labels, Math.exp(guess)), low, high);
    return OptionalDouble.of(Math.exp(best));
  }

  /** The derivative of the cross-entropy by 1 / T. */
  private static double slope(Tensor logits, Tensor labels, double temperature) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor exact = logits.to(ScalarType.Double);
      Tensor expected = Tensors.scaled(exact, 1 / temperature).softmax(1).mul(exact).sum(1);
      Tensor ofLabel = exact.gather(1, labels.unsqueeze(1)).squeeze(1);
      return Tensors.toDouble(expected.sub(ofLabel).mean());
    }
  }

  private static Labelled labelled(LoadedModel model, Dataset images) {
    Network network = model.network();
    int classes = network.classes();
    double[] logits = new double[Math.multiplyExact(images.size(), classes)];
    long[] labels = new long[images.size()];
    int size = 0;
    try (BatchStream stream =
        BatchStream.evaluation(
            images, network.input(), model.info().statistics(), BATCH_SIZE, Precision.FP32)) {
      for (Batch batch : stream.all()) {
        try (TensorScope scope = TensorScope.open();
            NoGrad noGrad = NoGrad.open()) {
          double[] found =
              Tensors.toDoubles(
                  ForwardPass.run(
                          network, batch.images(), false, Set.of(), Precision.FP32, Device.CPU)
                      .logits());
          long[] truth = Tensors.toLongs(batch.labels());
          for (int i = 0; i < truth.length; i++) {
            if (truth[i] != Dataset.UNLABELLED) {
              System.arraycopy(found, i * classes, logits, size * classes, classes);
              labels[size++] = truth[i];
            }
          }
        }
      }
    }
    return new Labelled(
        Tensors.of(Arrays.copyOf(logits, size * classes), size, classes),
        Tensors.of(Arrays.copyOf(labels, size), size));
  }

  /** The sentence for the user. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "temperature %.3g, fitted on %,d validation images: calibration error %.4f of %,d images, %.4f without it",
        temperature,
        fittedOn,
        error,
        measuredOn,
        errorBefore);
  }
}
