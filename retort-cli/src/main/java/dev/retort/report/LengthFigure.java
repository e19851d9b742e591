package dev.retort.report;

import dev.retort.report.CurvePlot.Line;
import dev.retort.report.CurvePlot.Look;
import dev.retort.study.EpochMetrics;
import dev.retort.study.ResultNumbers;
import dev.retort.study.Summary;
import dev.retort.study.config.RunName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jfree.chart.JFreeChart;

/**
 * Whether a student would just need longer: accuracy after the last epoch against the number of
 * epochs, from studies that differ in it alone. Each point is that of trainings of its length, over
 * the seeds that all lengths have.
 */
final class LengthFigure {
  private LengthFigure() {}

  /**
   * The figure; none where the study has no other length, or no method has run at two.
   *
   * @throws IllegalArgumentException if two of the lengths are the same
   */
  static List<Figure> of(StudyResults study, String student) {
    if (study.otherLengths().isEmpty()) {
      return List.of();
    }
    List<StudyResults> lengths =
        Stream.concat(Stream.of(study), study.otherLengths().stream()).toList();
    List<Line> lines = new ArrayList<>();
    for (String method : study.plan().methods()) {
      SeedCurve curve = SeedCurve.ofValues(accuracies(lengths, student, method));
      if (curve.points().size() > 1) {
        lines.add(
            new Line(
                ChartStyle.shortened(method, ChartStyle.NAME_LETTERS),
                curve,
                Look.of(study.style(method))));
      }
    }
    return lines.isEmpty() ? List.of() : List.of(figure(study, student, lines));
  }

  /** By length, the accuracies of one method from the seeds that all lengths have. */
  private static SortedMap<Integer, List<Double>> accuracies(
      List<StudyResults> studies, String student, String method) {
    SortedMap<Integer, SortedMap<Long, Double>> byLength = new TreeMap<>();
    for (StudyResults study : studies) {
      Optional<Summary.MethodResult> row =
          study.measured(student).stream().filter(m -> m.name().equals(method)).findFirst();
      if (row.isPresent()) {
        int length = length(study, student, method);
        if (byLength.put(length, row.get().counted(study.accuracies(row.get()))) != null) {
          throw new IllegalArgumentException(
              "two of the folders have trainings of %d epochs; name a folder a length"
                  .formatted(length));
        }
      }
    }
    Set<Long> common = new TreeSet<>();
    byLength.values().forEach(seeds -> common.addAll(seeds.keySet()));
    byLength.values().forEach(seeds -> common.retainAll(seeds.keySet()));
    SortedMap<Integer, List<Double>> values = new TreeMap<>();
    byLength.forEach(
        (length, seeds) -> {
          seeds.keySet().retainAll(common);
          if (!seeds.isEmpty()) {
            values.put(length, List.copyOf(seeds.values()));
          }
        });
    return values;
  }

  /** The last epoch of a method's runs that are done. */
  private static int length(StudyResults study, String student, String method) {
    Set<RunName> finished = study.finished();
    return study.runs(student, method).stream()
        .filter(run -> finished.contains(run.name()))
        .flatMap(run -> run.epochs().stream())
        .mapToInt(EpochMetrics::epoch)
        .max()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s has no metrics.jsonl of %s, so the length of its training is not known"
                        .formatted(study.folder(), method)));
  }

  private static Figure figure(StudyResults study, String student, List<Line> lines) {
    String split = study.split();
    Figure figure =
        new CurveFigure(
                "length",
                Character.toUpperCase(split.charAt(0))
                    + split.substring(1)
                    + " accuracy by the length of the training",
                "Accuracy of %s on the %s images after the last epoch, against the number of epochs. Each point is of trainings of that length, from the seeds that all lengths have. "
                    .formatted(student, split),
                lines.stream()
                    .map(LengthFigure::described)
                    .collect(
                        Collectors.joining(
                            "; ",
                            "Line chart of %s accuracy against the number of epochs. "
                                .formatted(split),
                            ".")),
                Ordinate.accuracy(split + " accuracy"),
                lines)
            .of(study, student);
    return new Figure(
        figure.name(),
        figure.caption(),
        figure.description(),
        figure.width(),
        figure.height(),
        theme -> {
          JFreeChart chart = figure.chart().apply(theme);
          chart.getXYPlot().getDomainAxis().setLabel("epochs of the training");
          return chart;
        });
  }

  private static String described(Line line) {
    return line.curve().points().stream()
        .map(
            point ->
                "%s per cent after %d"
                    .formatted(ResultNumbers.percent(point.mean()), point.epoch()))
        .collect(Collectors.joining(", ", line.label() + ": ", ""));
  }
}
