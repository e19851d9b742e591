package dev.retort.export;

import dev.retort.data.Dataset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.training.CalibrationError;
import dev.retort.weights.LoadedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.hipparchus.analysis.solvers.BrentSolver;

/**
 * Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks", section 4.2):
 * probabilities are softmax(z / T), and T is the temperature with the least cross-entropy on
 * validation images. No decision changes, since T is positive. A student of smoothed probabilities
 * needs it: it is far less sure than it is right.
 *
 * <p>The targets are as Platt's (1999, "Probabilistic outputs for support vector machines", section
 * 2.2), with the number of all images in the place of each class's: of N images, (N + 1) / (N + 2)
 * is an image's own class, and the rest is spread over the others. So a temperature is best even
 * where every decision is right.
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
  private static final long SLICE = 1000;

  /** What T is looked for in: 1 / {@value} … {@value}. */
  private static final double WIDEST = 1000;

  /** Of log T. */
  private static final double ACCURACY = 1e-10;

  private static final int MAX_EVALUATIONS = 1000;

  /** Of labelled images: logits {@code [N, classes]} in float64, labels {@code [N]} in int64. */
  private record Labelled(Tensor logits, Tensor labels) {
    /** By slices: the error reads them in Java's memory, where all logits need not fit. */
    double error(double temperature) {
      CalibrationError error = new CalibrationError();
      for (long from = 0; from < size(); from += SLICE) {
        try (TensorScope scope = TensorScope.open()) {
          long rows = Math.min(SLICE, size() - from);
          error.add(
              Tensors.scaled(logits.narrow(0, from, rows), 1 / temperature),
              labels.narrow(0, from, rows));
        }
      }
      return error.value();
    }

    int size() {
      return (int) labels.numel();
    }
  }

  /**
   * Fits the temperature of a network, in fp32.
   *
   * @param validation the images that it is fitted on
   * @param measured the images on which the error is measured with and without it
   * @throws dev.retort.weights.WeightsException if their classes are not the model's, in its order
   * @throws ExportException if no validation image has a label, or no temperature within 1/1000 …
   *     1000 is best: most often the logits of the right classes are on average no larger than the
   *     others', or not finite
   */
  public static TemperatureScaling fit(LoadedModel model, Dataset validation, Dataset measured) {
    return fit(model, new ReferenceModel(model)::logits, validation, measured);
  }

  /**
   * The same of a program that was made of the network.
   *
   * @param program from normalised images to logits
   */
  static TemperatureScaling fit(
      LoadedModel model, UnaryOperator<Tensor> program, Dataset validation, Dataset measured) {
    model.requireClasses(model.network().name(), validation.classes());
    model.requireClasses(model.network().name(), measured.classes());
    try (TensorScope scope = TensorScope.open()) {
      Labelled fitted = labelled(model, program, validation);
      if (fitted.size() == 0) {
        throw new ExportException("no temperature was fitted: no validation image has a label");
      }
      double temperature =
          temperature(fitted.logits(), fitted.labels())
              .orElseThrow(
                  () ->
                      new ExportException(
                          String.format(
                              Locale.ROOT,
                              "no temperature was fitted: on the %,d validation images the logits of the right classes are on average no larger than the others', or not finite, or so small or large that it would lie outside 0.001 … 1000",
                              fitted.size())));
      Labelled others = measured == validation ? fitted : labelled(model, program, measured);
      return new TemperatureScaling(
          temperature, fitted.size(), others.size(), others.error(1), others.error(temperature));
    }
  }

  /**
   * The temperature with the least cross-entropy from the targets t. That is convex in 1 / T, with
   * the derivative mean(Σ_c softmax(z / T)_c z_c − Σ_c t_c z_c), whose zero is found.
   *
   * @param logits {@code [N, classes]}
   * @param labels {@code [N]} int64, N at least 1
   * @return nothing where there is none within 1/1000 … 1000
   */
  static OptionalDouble temperature(Tensor logits, Tensor labels) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor exact = logits.to(ScalarType.Double);
      // Differences of a row's logits are all that counts.
      Tensor z = exact.sub(exact.amax(new long[] {1}, true));
      double target = Tensors.toDouble(target(z, labels));
      double low = -Math.log(WIDEST);
      double high = Math.log(WIDEST);
      if (!(expected(z, low) > target) || !(expected(z, high) < target)) {
        return OptionalDouble.empty();
      }
      double best =
          new BrentSolver(ACCURACY)
              .solve(MAX_EVALUATIONS, guess -> expected(z, guess) - target, low, high);
      return OptionalDouble.of(Math.exp(best));
    }
  }

  /** mean(Σ_c t_c z_c). */
  private static Tensor target(Tensor z, Tensor labels) {
    double images = labels.numel();
    double own = (images + 1) / (images + 2);
    double other = (1 - own) / (z.size(1) - 1);
    Tensor ofLabel = z.gather(1, labels.unsqueeze(1)).squeeze(1);
    return Tensors.scaled(ofLabel, own - other).add(Tensors.scaled(z.sum(1), other)).mean();
  }

  /** mean(Σ_c softmax(z / T)_c z_c). */
  private static double expected(Tensor z, double logTemperature) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor probabilities = Tensors.scaled(z, Math.exp(-logTemperature)).softmax(1);
      return Tensors.toDouble(probabilities.mul(z).sum(1).mean());
    }
  }

  private static Labelled labelled(
      LoadedModel model, UnaryOperator<Tensor> program, Dataset images) {
    int classes = model.network().classes();
    List<Tensor> logits = new ArrayList<>(List.of(Tensors.of(new double[0], 0, classes)));
    List<Tensor> labels = new ArrayList<>(List.of(Tensors.of(new long[0], 0)));
    try (BatchStream stream = new ReferenceModel(model).batches(images, BATCH_SIZE)) {
      for (Batch batch : stream.all()) {
        try (TensorScope scope = TensorScope.open();
            NoGrad noGrad = NoGrad.open()) {
          Tensor known =
              batch.labels().ne(new Scalar((long) Dataset.UNLABELLED)).nonzero().squeeze(1);
          Tensor found = program.apply(batch.images()).to(ScalarType.Double);
          logits.add(scope.keep(found.index_select(0, known)));
          labels.add(scope.keep(batch.labels().index_select(0, known)));
        }
      }
    }
    return new Labelled(all(logits), all(labels));
  }

  private static Tensor all(List<Tensor> rows) {
    return torch.cat(new TensorVector(rows.toArray(new Tensor[0])));
  }

  /** The sentence for the user. */
  @Override
  public String toString() {
    String fitted =
        String.format(
            Locale.ROOT,
            "temperature %.3g, fitted on %,d validation images",
            temperature,
            fittedOn);
    return measuredOn == 0
        ? fitted
        : fitted
            + String.format(
                Locale.ROOT,
                ": calibration error %.4f on %,d images, %.4f without it",
                error,
                measuredOn,
                errorBefore);
  }
}
