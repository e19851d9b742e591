package dev.retort.report;

import dev.retort.distill.Opponent;
import dev.retort.report.CurveFigure.LegendEntry;
import dev.retort.report.CurveFigure.Panel;
import dev.retort.report.CurvePlot.Line;
import dev.retort.report.CurvePlot.Look;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What discriminators say over training, one figure for each representation that they read. A
 * method without an adversary has its observer's numbers.
 */
final class DiscriminatorFigures {
  /** More lines than these have a panel each. */
  private static final int MOST_LINES = 5;

  /** Always solid: here dashes mean the teacher. */
  private static final Look STUDENT = look(theme -> theme.text, new MethodStyle(0));

  private static final Look TEACHER =
      new Look(
          theme -> theme.mutedText,
          MethodStyle.dashed(2.4f, 7, 4),
          new MethodStyle(0).marker(),
          false);

  private final StudyResults study;
  private final String student;
  private final List<Watched> all = new ArrayList<>();

  /** What one discriminator says in the runs of one method. */
  private record Watched(
      String method,
      String discriminator,
      SeedCurve onTeacher,
      SeedCurve onStudent,
      SeedCurve divergence,
      SeedCurve ranking) {
    /** What the discriminator reads: its name, without the mark of an observer. */
    String representation() {
      return isObserved() ? discriminator.substring(Opponent.OBSERVER.length()) : discriminator;
    }

    boolean isObserved() {
      return StudyResults.isObserver(discriminator);
    }

    /** The method's name, cut to so many letters, and whether D only watches. */
    String label(int letters) {
      return ChartStyle.shortened(method, letters) + (isObserved() ? " (observer)" : "");
    }

    String title() {
      return label(isObserved() ? 23 : 34);
    }
  }

  DiscriminatorFigures(StudyResults study, String student) {
    this.study = study;
    this.student = student;
    for (String method : study.plan().methods()) {
      for (String name : study.discriminators(student, method)) {
        all.add(
            new Watched(
                method,
                name,
                curve(method, name, "pTeacher"),
                curve(method, name, "pStudent"),
                curve(method, name, "jsdLowerBound"),
                curve(method, name, "auc")));
      }
    }
  }

  /** A figure of a discriminator by its name in {@code metrics.jsonl}. */
  private SeedCurve curve(String method, String name, String figure) {
    return study.curve(
        student, method, metrics -> metrics.adversaries().getOrDefault(name, Map.of()).get(figure));
  }

  /**
   * The talk's first figure: D's mean output on the teacher's and on the student's representations,
   * one panel a method.
   */
  List<Figure> probabilities() {
    return figures(w -> !w.onTeacher().isEmpty() && !w.onStudent().isEmpty(), this::probability);
  }

  /**
   * The lower bound of the Jensen–Shannon divergence between teacher and student: how far the two
   * networks are apart.
   */
  List<Figure> divergences() {
    return figures(w -> !w.divergence().isEmpty(), this::divergence);
  }

  /**
   * How often D ranks a teacher's representation above a student's (AUC): what can be said of a
   * discriminator whose output is no probability.
   */
  List<Figure> rankings() {
    return figures(w -> w.divergence().isEmpty() && !w.ranking().isEmpty(), this::ranking);
  }

  private List<Figure> figures(
      Predicate<Watched> drawn, BiFunction<String, List<Watched>, CurveFigure> kind) {
    Map<String, List<Watched>> byRepresentation =
        all.stream()
            .filter(drawn)
            .collect(
                Collectors.groupingBy(
                    Watched::representation, LinkedHashMap::new, Collectors.toList()));
    List<Figure> figures = new ArrayList<>();
    byRepresentation.forEach(
        (representation, watched) ->
            figures.add(kind.apply(representation, watched).of(study, student)));
    return figures;
  }

  /** The talk's figures are of logits and have the plain name. */
  private static String fileName(String stem, String representation) {
    return representation.equals("logits") ? stem : stem + "-" + representation;
  }

  private static Look look(Function<Theme, Color> color, MethodStyle style) {
    return new Look(color, new MethodStyle(0).stroke(), style.marker(), false);
  }

  private Line line(Watched watched, SeedCurve curve, int letters) {
    Look look = Look.of(study.style(watched.method()));
    return new Line(watched.label(letters), curve, isBesideItsOwn(watched) ? dashed(look) : look);
  }

  /** Whether a method has both an adversary and an observer of one representation. */
  private boolean isBesideItsOwn(Watched observer) {
    return observer.isObserved()
        && all.stream()
            .anyMatch(
                w ->
                    !w.isObserved()
                        && w.method().equals(observer.method())
                        && w.representation().equals(observer.representation()));
  }

  private static Look dashed(Look look) {
    return new Look(look.color(), TEACHER.stroke(), look.marker(), look.marked());
  }

  private CurveFigure probability(String representation, List<Watched> watched) {
    List<Panel> panels = new ArrayList<>();
    for (Watched w : watched) {
      MethodStyle style = study.style(w.method());
      panels.add(
          new Panel(
              w.title(),
              List.of(
                  new Line("teacher", w.onTeacher(), TEACHER),
                  new Line(w.method(), w.onStudent(), look(style::color, style)))));
    }
    return new CurveFigure(
        fileName("probability", representation),
        "Mean output of the discriminator: " + ChartStyle.shortened(representation, 24),
        "The discriminator's mean output, P(teacher), on the %s of the teacher and of %s for the validation images. At 0.5 it cannot tell them apart. "
                .formatted(representation, student)
            + (watched.stream().anyMatch(Watched::isObserved)
                ? "An observer only watches: it learns beside a method that has no adversary of"
                    + " that kind, and has no influence on the student. "
                : ""),
        "Line charts of the discriminator's mean output over epochs, one panel a method. "
            + watched.stream()
                .map(
                    w ->
                        "%s ends at %s on the teacher and %s on the student."
                            .formatted(
                                w.title(),
                                Numbers.decimal(w.onTeacher().last(), 2),
                                Numbers.decimal(w.onStudent().last(), 2)))
                .collect(Collectors.joining(" ")),
        Ordinate.decision("mean P(teacher)", "Dotted: D cannot tell them apart."),
        panels,
        List.of(
            new LegendEntry("on the teacher", TEACHER),
            new LegendEntry("on the student (each method in its own colour)", STUDENT)));
  }

  private CurveFigure divergence(String representation, List<Watched> watched) {
    List<Line> lines = watched.stream().map(w -> line(w, w.divergence(), 30)).toList();
    return new CurveFigure(
        fileName("divergence", representation),
        "How far student and teacher are apart: " + ChartStyle.shortened(representation, 18),
        ("Lower bound of the Jensen–Shannon divergence between the %s of the teacher and of %s for the"
                + " validation images (together with the label or the other view, where D knows it),"
                + " log 2 − BCE(D). At 0 nats D sees no difference, at log 2 = 0.693"
                + " nats it tells them apart without error; below 0 D is worse than no D. ")
            .formatted(representation, student),
        "Line chart of the lower bound of the divergence over epochs. "
            + lines.stream()
                .map(l -> l.label() + " ends at " + Numbers.decimal(l.curve().last(), 3) + " nats")
                .collect(Collectors.joining(", ", "", ".")),
        Ordinate.divergence(lines.size() <= MOST_LINES ? "JSD lower bound (nats)" : "JSD (nats)"),
        panels(lines),
        List.of());
  }

  /** One plot, or one a line where there are too many to tell apart. */
  private static List<Panel> panels(List<Line> lines) {
    return lines.size() <= MOST_LINES
        ? List.of(new Panel("", lines))
        : lines.stream().map(l -> new Panel(l.label(), List.of(l.unmarked()))).toList();
  }

  /** Kernels are judged by slices that D learns from: there are no others. */
  private static String ranked(String representation, String student) {
    return representation.startsWith("weights")
        ? "slices of the teacher's kernels above those of %s, of slices that it learns from"
            .formatted(student)
        : "the %s of the teacher above that of %s for the validation images"
            .formatted(representation, student);
  }

  private CurveFigure ranking(String representation, List<Watched> watched) {
    return new CurveFigure(
        fileName("ranking", representation),
        "How often D ranks the teacher higher: " + ChartStyle.shortened(representation, 18),
        ("How often the discriminator ranks %s (AUC, over all of them together). At 0.5 the ranking is"
                + " that of chance, at 1 it never errs. Its output is no probability; one that compares"
                + " teacher and student image by image may be surer of each than its AUC shows. ")
            .formatted(ranked(representation, student)),
        "Line chart of the discriminator's AUC over epochs. "
            + watched.stream()
                .map(w -> w.method() + " ends at " + Numbers.decimal(w.ranking().last(), 2))
                .collect(Collectors.joining(", ", "", ".")),
        Ordinate.decision("AUC", "Dotted: chance."),
        panels(watched.stream().map(w -> line(w, w.ranking(), ChartStyle.NAME_LETTERS)).toList()),
        List.of());
  }
}
