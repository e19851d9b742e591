package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.study.StudyFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jfree.chart.annotations.XYPointerAnnotation;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.IntervalXYDataset;
import org.jfree.data.xy.XYDataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FigureSetTest {
  @TempDir Path folder;

  private List<Figure> demoFigures() throws IOException {
    return FigureSet.of(SyntheticStudy.read(SyntheticStudy.demo(folder)));
  }

  private static Figure named(List<Figure> figures, String name) {
    return figures.stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
  }

  private static IntervalXYDataset dataset(XYPlot plot, int index) {
    return (IntervalXYDataset) plot.getDataset(index);
  }

  @Test
  void theDemosFiguresAreTheTalksThreeFirstUnderStableNames() throws IOException {
    assertThat(demoFigures())
        .extracting(Figure::name)
        .containsExactly(
            "probability",
            "validation-adversarial-cross-entropy",
            "validation-hinton-adversarial",
            "test-accuracy",
            "probability-embedding",
            "divergence",
            "divergence-embedding");
  }

  /** Discriminators that only watch are no part of what such a study is about. */
  @Test
  void withoutAnAdversaryTheAccuraciesComeBeforeWhatObserversSay() throws IOException {
    new SyntheticStudy(folder, List.of("resnet8"), SyntheticStudy.DEMO.subList(0, 2), 3, 12)
        .write();
    assertThat(FigureSet.of(SyntheticStudy.read(folder)))
        .extracting(Figure::name)
        .containsExactly("validation", "test-accuracy", "probability", "divergence");
  }

  /**
   * A series a model, fp32 before int8, and the front through all three: each is the best so far.
   */
  @Test
  void whatModelsCostToServeIsAFigureOfItsOwn() throws IOException {
    SyntheticStudy.demo(folder);
    SyntheticStudy.writeServing(folder);
    List<Figure> figures = FigureSet.of(SyntheticStudy.read(folder));
    assertThat(figures).hasSize(8).first().extracting(Figure::name).isEqualTo("serving");
    XYPlot plot = figures.get(0).chart().apply(Theme.DARK).getXYPlot();
    XYDataset models = plot.getDataset(0);
    assertThat(models.getSeriesCount()).isEqualTo(2);
    assertThat(models.getItemCount(1)).isEqualTo(2);
    assertThat(models.getXValue(1, 0)).isEqualTo(1.0);
    assertThat(models.getYValue(1, 1)).isEqualTo(0.61);
    XYDataset front = plot.getDataset(1);
    assertThat(
            IntStream.range(0, front.getItemCount(0)).mapToObj(i -> front.getXValue(0, i)).toList())
        .containsExactly(0.5, 1.0, 10.0);
    assertThat(plot.getDomainAxis()).isInstanceOf(LogAxis.class);
    assertThat(figures.get(0).description())
        .contains("resnet8-hinton-seed1 int8: 61.00 per cent in 0.500 ms");
  }

  @Test
  void theBandOfACurveIsOneStandardDeviationToEitherSideOfTheMean() throws IOException {
    XYPlot plot =
        named(demoFigures(), "validation-adversarial-cross-entropy")
            .chart()
            .apply(Theme.LIGHT)
            .getXYPlot();
    IntervalXYDataset lines = dataset(plot, 0);
    assertThat(lines.getSeriesCount()).isEqualTo(2);
    assertThat(lines.getSeriesKey(0).toString()).isEqualTo("cross-entropy");
    assertThat(lines.getSeriesKey(1).toString()).isEqualTo("adversarial");
    for (int epoch = 1; epoch <= 12; epoch++) {
      double mean = SyntheticStudy.validation(0.602, epoch);
      assertThat(lines.getXValue(1, epoch - 1)).isEqualTo(epoch);
      assertThat(lines.getYValue(1, epoch - 1)).isCloseTo(mean, within(1e-9));
      assertThat(lines.getStartYValue(1, epoch - 1))
          .isCloseTo(mean - SyntheticStudy.SPREAD, within(1e-9));
      assertThat(lines.getEndYValue(1, epoch - 1))
          .isCloseTo(mean + SyntheticStudy.SPREAD, within(1e-9));
    }
    assertThat(plot.getRangeAxis().getLabel()).isEqualTo("validation accuracy (%)");
    assertThat(plot.getDomainAxis().getLabel()).isEqualTo("epoch");
  }

  /** After 12 epochs an accuracy c is 100 · (c − 0.4 / e⁴) = 100 c − 0.7326 per cent. */
  @Test
  void theDescriptionSaysWhereEveryCurveEnds() throws IOException {
    assertThat(named(demoFigures(), "validation-hinton-adversarial").description())
        .endsWith(
            "hinton ends at 61.77 per cent, adversarial ends at 59.47 per cent,"
                + " adversarial-hinton ends at 63.27 per cent.");
  }

  @Test
  void theProbabilityFigureHasAPanelAMethodWithTeacherAndStudent() throws IOException {
    PanelPlot plot =
        (PanelPlot) named(demoFigures(), "probability").chart().apply(Theme.LIGHT).getPlot();
    assertThat(plot.panels())
        .extracting(PanelPlot.Panel::title)
        .containsExactly(
            "cross-entropy (observer)", "hinton (observer)", "adversarial", "adversarial-hinton");
    IntervalXYDataset adversarial = dataset(plot.panels().get(2).plot(), 0);
    double onTeacher = 0.5 + 0.3 * Math.exp(-12 / 4.0);
    assertThat(adversarial.getSeriesKey(0).toString()).isEqualTo("teacher");
    assertThat(adversarial.getYValue(0, 11)).isCloseTo(onTeacher, within(1e-9));
    assertThat(adversarial.getYValue(1, 11)).isCloseTo(1 - onTeacher, within(1e-9));
    assertThat(adversarial.getEndYValue(1, 11)).isCloseTo(1 - onTeacher + 0.02, within(1e-9));
  }

  /** A relativistic discriminator's entries: an AUC of ½ + epoch/40, and no probability. */
  private static void writeRanking(Path study, String method) throws IOException {
    for (int seed = 1; seed <= 3; seed++) {
      StringBuilder lines = new StringBuilder();
      for (int epoch = 1; epoch <= 12; epoch++) {
        lines.append(
            """
            {"epoch": %d, "step": %d, "seconds": 1, "learningRate": 0.1, "trainLoss": 1, "validationAccuracy": 0.5, \
            "adversaries": {"logits": {"pTeacher": null, "pStudent": null, "jsdLowerBound": null, "auc": %s}}}
            """
                .formatted(epoch, epoch, 0.5 + epoch / 40.0));
      }
      Files.writeString(
          study.resolve("runs/resnet8-%s-seed%d/metrics.jsonl".formatted(method, seed)), lines);
    }
  }

  @Test
  void aDiscriminatorWithoutProbabilitiesIsShownByItsRanking() throws IOException {
    Path study = SyntheticStudy.demo(folder);
    writeRanking(study, "adversarial");

    List<Figure> figures = FigureSet.of(SyntheticStudy.read(study));

    XYPlot plot = named(figures, "ranking").chart().apply(Theme.LIGHT).getXYPlot();
    IntervalXYDataset lines = dataset(plot, 0);
    assertThat(lines.getSeriesCount()).isEqualTo(1);
    assertThat(lines.getSeriesKey(0).toString()).isEqualTo("adversarial");
    assertThat(lines.getYValue(0, 11)).isCloseTo(0.8, within(1e-12));
    assertThat(plot.getRangeAxis().getLabel()).isEqualTo("AUC");
  }

  /** In one plot their legend would leave no room for them. */
  @Test
  void rankingsOfManyMethodsHaveAPanelEach() throws IOException {
    List<SyntheticStudy.Method> methods = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      methods.add(new SyntheticStudy.Method("pair-" + i, List.of("logits"), 0.5));
    }
    new SyntheticStudy(folder, List.of("resnet8"), methods, 3, 12).write();
    for (SyntheticStudy.Method method : methods) {
      writeRanking(folder, method.name());
    }
    PanelPlot plot =
        (PanelPlot)
            named(FigureSet.of(SyntheticStudy.read(folder)), "ranking")
                .chart()
                .apply(Theme.LIGHT)
                .getPlot();
    assertThat(plot.panels()).hasSize(6);
    assertThat(dataset(plot.panels().get(5).plot(), 0).getYValue(0, 11))
        .isCloseTo(0.8, within(1e-12));
  }

  @Test
  void theDivergenceFigureIsInNatsWithLogTwoInView() throws IOException {
    XYPlot plot = named(demoFigures(), "divergence").chart().apply(Theme.DARK).getXYPlot();
    double onTeacher = 0.5 + 0.42 * (1 - Math.exp(-6.0));
    assertThat(dataset(plot, 0).getYValue(0, 11))
        .isCloseTo(2.4 * (onTeacher - 0.5) * (onTeacher - 0.5), within(1e-9));
    assertThat(plot.getRangeAxis().getUpperBound()).isGreaterThan(Math.log(2));
    assertThat(plot.getRangeAxis().getLabel()).contains("nats");
  }

  @Test
  void theAccuracyFigureHasADotASeedAndTheStudentTIntervalOfTheMean() throws IOException {
    XYPlot plot = named(demoFigures(), "test-accuracy").chart().apply(Theme.LIGHT).getXYPlot();
    assertThat(plot.getDataset(0).getItemCount(3)).isEqualTo(3);
    assertThat(plot.getDataset(0).getXValue(3, 0)).isCloseTo(0.63, within(1e-12));
    // t(0.975, 2) = 4.302652729696142, from tables of Student's distribution.
    double half = 4.302652729696142 * SyntheticStudy.SPREAD / Math.sqrt(3);
    IntervalXYDataset intervals = dataset(plot, 1);
    assertThat(intervals.getXValue(3, 0)).isCloseTo(0.64, within(1e-12));
    assertThat(intervals.getStartXValue(3, 0)).isCloseTo(0.64 - half, within(1e-9));
    assertThat(intervals.getEndXValue(3, 0)).isCloseTo(0.64 + half, within(1e-9));
  }

  /** One method at chance must not press the others together. */
  @Test
  void aMethodFarBelowTheOthersIsAnArrowAtTheEdgeOfTheAccuracyAxis() throws IOException {
    List<SyntheticStudy.Method> methods = new ArrayList<>(SyntheticStudy.DEMO);
    methods.add(new SyntheticStudy.Method("random-discriminator", List.of("observer:logits"), 0.1));
    new SyntheticStudy(folder, List.of("resnet8"), methods, 3, 3).write();
    Figure figure = named(FigureSet.of(SyntheticStudy.read(folder)), "test-accuracy");
    XYPlot plot = figure.chart().apply(Theme.LIGHT).getXYPlot();
    assertThat(plot.getDomainAxis().getLowerBound()).isGreaterThan(0.4);
    assertThat(plot.getAnnotations())
        .singleElement()
        .extracting(arrow -> ((XYPointerAnnotation) arrow).getY())
        .isEqualTo((double) methods.size() - 1);
    assertThat(figure.caption()).contains("Arrow: far below the axis");
  }

  /** Means that lie close, and intervals that do not: the axis for the others has room for it. */
  @Test
  void aMethodThatTheAxisShowsIsNoArrow() throws IOException {
    List<SyntheticStudy.Method> methods = new ArrayList<>();
    for (double accuracy : new double[] {0.885, 0.9, 0.901, 0.901, 0.902}) {
      methods.add(new SyntheticStudy.Method("m" + methods.size(), List.of(), accuracy));
    }
    new SyntheticStudy(folder, List.of("resnet8"), methods, 3, 3).write();
    Figure figure = named(FigureSet.of(SyntheticStudy.read(folder)), "test-accuracy");
    XYPlot plot = figure.chart().apply(Theme.LIGHT).getXYPlot();
    assertThat(plot.getDomainAxis().getLowerBound()).isLessThanOrEqualTo(0.875);
    assertThat(plot.getAnnotations()).isEmpty();
    assertThat(figure.caption()).doesNotContain("Arrow");
  }

  @Test
  void everyCaptionAndEveryFigureSaysN() throws IOException {
    for (Figure figure : demoFigures()) {
      assertThat(figure.caption()).as(figure.name()).contains("n = 3 seeds");
      assertThat(SvgImage.of(figure, Theme.LIGHT)).as(figure.name()).contains("n = 3");
    }
  }

  @Test
  void oneSeedHasNoBandNoIntervalAndSaysSo() throws IOException {
    new SyntheticStudy(folder, List.of("resnet8"), SyntheticStudy.DEMO, 1, 3).write();
    List<Figure> figures = FigureSet.of(SyntheticStudy.read(folder));
    assertThat(named(figures, "probability").caption()).contains("n = 1 seed, so there is no band");
    XYPlot plot = named(figures, "test-accuracy").chart().apply(Theme.LIGHT).getXYPlot();
    assertThat(dataset(plot, 1).getItemCount(0)).isZero();
    assertThat(plot.getDataset(0).getItemCount(0)).isEqualTo(1);
  }

  /** A line of one point is none: its marker shows it. */
  @Test
  void oneEpochIsADot() throws IOException {
    new SyntheticStudy(folder, List.of("resnet8"), SyntheticStudy.DEMO, 2, 1).write();
    PanelPlot panels =
        (PanelPlot)
            named(FigureSet.of(SyntheticStudy.read(folder)), "probability")
                .chart()
                .apply(Theme.LIGHT)
                .getPlot();
    for (PanelPlot.Panel panel : panels.panels()) {
      XYLineAndShapeRenderer renderer = (XYLineAndShapeRenderer) panel.plot().getRenderer();
      for (int series = 0; series < 2; series++) {
        assertThat(renderer.getItemShapeVisible(series, 0)).isTrue();
        assertThat(renderer.getSeriesShape(series).getBounds2D().getWidth()).isPositive();
      }
    }
  }

  private StudyFolder ofLength(String name, int epochs, int seeds, double accuracy)
      throws IOException {
    Path path = folder.resolve(name);
    List<SyntheticStudy.Method> methods =
        List.of(new SyntheticStudy.Method("hinton", List.of(), accuracy));
    new SyntheticStudy(path, List.of("resnet8"), methods, seeds, epochs).write();
    return StudyFolder.open(path);
  }

  private static StudyResults withLengths(StudyFolder study, StudyFolder... others) {
    return StudyResults.read(study, study.summarize(), List.of(others));
  }

  /**
   * The longer one has the seeds 1 and 2 alone. Theirs lie half a spread, 0.005, to either side of
   * its mean, and of the shorter one's three one spread and none below.
   */
  @Test
  void aStudyOfSeveralLengthsIsDrawnFromTheSeedsOfAll() throws IOException {
    StudyFolder shorter = ofLength("12", 12, 3, 0.6);
    StudyFolder longer = ofLength("48", 48, 2, 0.7);
    Figure figure = named(FigureSet.of(withLengths(shorter, longer)), "length");
    XYPlot plot = figure.chart().apply(Theme.LIGHT).getXYPlot();
    assertThat(plot.getDomainAxis().getLabel()).isEqualTo("epochs of the training");
    assertThat(dataset(plot, 0).getSeriesCount()).isEqualTo(1);
    assertThat(dataset(plot, 0).getItemCount(0)).isEqualTo(2);
    assertThat(dataset(plot, 0).getXValue(0, 0)).isEqualTo(12);
    assertThat(dataset(plot, 0).getYValue(0, 0)).isCloseTo(0.595, within(1e-9));
    assertThat(dataset(plot, 0).getXValue(0, 1)).isEqualTo(48);
    assertThat(dataset(plot, 0).getYValue(0, 1)).isCloseTo(0.7, within(1e-9));
    assertThat(figure.caption()).contains("n = 2 seeds");
    assertThat(figure.description())
        .endsWith("hinton: 59.50 per cent after 12, 70.00 per cent after 48.");
    assertThat(FigureSet.of(SyntheticStudy.read(folder.resolve("12"))))
        .extracting(Figure::name)
        .doesNotContain("length");
  }

  @Test
  void whatIsNotTheSameStudyOfAnotherLengthIsRefused() throws IOException {
    StudyFolder study = ofLength("12", 12, 2, 0.6);
    StudyFolder same = ofLength("12-again", 12, 2, 0.6);
    assertThatThrownBy(() -> FigureSet.of(withLengths(study, same)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two of the folders have trainings of 12 epochs; name a folder a length");
    StudyFolder other = ofLength("48", 48, 2, 0.6);
    Path inputs = other.path().resolve("inputs.json");
    String begun = Files.readString(inputs);
    Map<String, String> others =
        Map.of(
            begun.replace("d1", "d2"), "its data are others",
            begun.replace("t1", "t2"), "its teacher is another",
            begun.replace("fp32", "bf16"), "it computes in bf16, not in fp32");
    for (Map.Entry<String, String> each : others.entrySet()) {
      Files.writeString(inputs, each.getKey());
      assertThatThrownBy(() -> withLengths(study, other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "%s is not the study of %s with another length: %s",
              other.path(), study.path(), each.getValue());
    }
    Path resolved = other.path().resolve("resolved.yaml");
    Files.writeString(resolved, Files.readString(resolved).replace("128", "64"));
    assertThatThrownBy(() -> withLengths(study, other))
        .hasMessageEndingWith("with another length: training.batchSize was 128 and is 64");
  }

  @Test
  void aLargeStudyDrawsEveryMethodAndEveryStudent() throws IOException {
    List<SyntheticStudy.Method> methods = new ArrayList<>(SyntheticStudy.DEMO);
    methods.add(new SyntheticStudy.Method("dkd", List.of("observer:logits"), 0.63));
    methods.add(new SyntheticStudy.Method("weights", List.of("weights:3x3"), 0.6));
    new SyntheticStudy(folder, List.of("resnet8", "resnet20"), methods, 2, 3).write();
    List<Figure> figures = FigureSet.of(SyntheticStudy.read(folder));
    assertThat(figures)
        .extracting(Figure::name)
        .doesNotHaveDuplicates()
        .contains(
            "probability-resnet8",
            "validation-resnet8",
            "probability-weights-3x3-resnet20",
            "test-accuracy-resnet20");
    PanelPlot plot =
        (PanelPlot) named(figures, "validation-resnet20").chart().apply(Theme.LIGHT).getPlot();
    assertThat(plot.panels()).hasSize(6);
  }

  @Test
  void methodsKeepTheirOwnColourAndTheTalksFourAlwaysTheSame() {
    List<String> all =
        List.of("dkd", "adversarial", "cross-entropy", "crd", "hinton", "a", "b", "c", "d");
    assertThat(all.stream().map(m -> MethodStyle.of(m, all).slot())).doesNotHaveDuplicates();
    assertThat(MethodStyle.of("cross-entropy", all).slot()).isZero();
    assertThat(MethodStyle.of("hinton", all)).isEqualTo(new MethodStyle(1));
    assertThat(MethodStyle.of("adversarial", List.of("adversarial")))
        .isEqualTo(MethodStyle.of("adversarial", all));
  }
}
