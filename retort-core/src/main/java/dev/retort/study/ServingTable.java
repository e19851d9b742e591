package dev.retort.study;

import dev.retort.serving.Estimate;
import dev.retort.serving.OtherProcesses;
import dev.retort.serving.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What models cost to serve, as text: the same cells in every table of them. */
public final class ServingTable {
  private static final double MEGABYTE = 1e6;

  private ServingTable() {}

  /**
   * The columns' titles; all but the first two are of numbers.
   *
   * @param measuredOn the images that accuracies are of
   */
  public static List<String> titles(String measuredOn) {
    return List.of(
        "model",
        "numbers",
        measuredOn + " accuracy, %",
        "p50, ms",
        "p99, ms",
        "times as fast as the teacher",
        "images/s in batches of " + Timing.BATCH,
        "file, MB",
        "memory, MB");
  }

  /** A row a model. */
  public static List<List<String>> rows(ServingRecord serving) {
    return serving.models().stream().map(model -> row(serving, model)).toList();
  }

  private static List<String> row(ServingRecord serving, ServingRecord.Model model) {
    Double imagesPerSecond = model.imagesPerSecond();
    Long resident = model.residentBytes();
    return List.of(
        model.ofTeacher() ? "the teacher, " + model.name() : model.name(),
        model.numbers(),
        ResultNumbers.percent(model.accuracy()),
        milliseconds(model.p50Milliseconds()),
        milliseconds(model.p99Milliseconds()),
        model.ofTeacher() && !model.numbers().equals(ServingRecord.INT8)
            ? ResultNumbers.UNDEFINED
            : ratio(serving.speedup(model)),
        imagesPerSecond == null
            ? ResultNumbers.UNDEFINED
            : String.format(Locale.ROOT, "%.0f", imagesPerSecond),
        megabytes(model.bytes()),
        resident == null
            ? ResultNumbers.UNDEFINED
            : String.format(Locale.ROOT, "%.0f", resident / MEGABYTE));
  }

  /** A time with three significant digits or more. */
  public static String milliseconds(@Nullable Double value) {
    if (value == null) {
      return ResultNumbers.UNDEFINED;
    }
    return String.format(Locale.ROOT, value < 1 ? "%.3f" : value < 10 ? "%.2f" : "%.1f", value);
  }

  /** A file's size in megabytes of 10⁶ bytes. */
  public static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f", bytes / MEGABYTE);
  }

  private static String ratio(@Nullable Estimate estimate) {
    if (estimate == null) {
      return ResultNumbers.UNDEFINED;
    }
    String value = String.format(Locale.ROOT, "%.2f", estimate.value());
    return estimate.low() == null || estimate.high() == null
        ? value
        : String.format(Locale.ROOT, "%s (%.2f … %.2f)", value, estimate.low(), estimate.high());
  }

  /** Where and how the numbers were measured, and what disturbed them, in sentences. */
  public static String note(ServingRecord serving) {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "ONNX Runtime %s, %s, Java %s, %s, in a process without LibTorch."
            .formatted(
                serving.onnxRuntime(),
                serving.threads() == 1 ? "one thread" : serving.threads() + " threads",
                serving.java(),
                serving.processor()));
    sentences.add(
        "p50 and p99 are of single images, the models by turns in rounds; the ratios have 95 % intervals from the rounds.");
    sentences.add(
        String.format(
            Locale.ROOT,
            "Accuracy is that of the file in ONNX Runtime on %,d %s images; memory is that of a Java process with this model alone.",
            serving.images(),
            serving.measuredOn()));
    sentences.add("Each student is that of its method's first seed.");
    String disturbance = disturbance(serving.otherProcesses());
    if (disturbance != null) {
      sentences.add(disturbance);
    }
    return String.join(" ", sentences);
  }

  /**
   * What must be known beside a time, in a sentence; null where nothing disturbed it.
   *
   * @param otherProcesses the cores that they took; null where that is unknown
   */
  public static @Nullable String disturbance(@Nullable Double otherProcesses) {
    if (otherProcesses == null) {
      return "How much of the machine other processes took is unknown on this system.";
    }
    return otherProcesses > OtherProcesses.MOST_CORES
        ? String.format(
            Locale.ROOT,
            "Other processes took %.1f cores meanwhile: the times are longer than on a quiet machine.",
            otherProcesses)
        : null;
  }
}
