package dev.retort.report;

import dev.retort.study.ResultNumbers;
import dev.retort.study.ServingRecord;
import dev.retort.study.ServingRecord.Model;
import dev.retort.study.ServingTable;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Paint;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.io.Serial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * What a model's speed costs: accuracy against the median time of one image on a logarithmic axis.
 * A dot's area is the file's size; fp32 and int8 of one model are joined; a dashed line is the
 * Pareto front.
 */
final class ServingFigure {
  static final String NAME = "serving";

  private static final int WIDTH = 900;
  private static final int HEIGHT = 560;

  /** About what axes, title and note leave for the dots: labels are placed by it. */
  private static final double PLOT_WIDTH = 790;

  private static final double PLOT_HEIGHT = 400;
  private static final double LARGEST_RADIUS = 16;
  private static final double LEAST_RADIUS = 4;
  private static final double LEAST_AREA = Math.pow(LEAST_RADIUS / LARGEST_RADIUS, 2);
  private static final double LETTER_WIDTH = 6.8;
  private static final int LABEL_LETTERS = 34;
  private static final double LABEL_HEIGHT = 15;
  private static final double LABEL_GAP = 6;
  private static final int LINE_PARTS = 8;

  private final List<List<Model>> models;
  private final List<Model> front;
  private final String measuredOn;
  private final StudyResults study;
  private final String note;
  private final long largest;
  private final double fastest;
  private final double slowest;
  private final double worst;
  private final double best;

  private ServingFigure(StudyResults study, ServingRecord serving, List<Model> drawn, String note) {
    this.study = study;
    this.models =
        List.copyOf(
            drawn.stream()
                .collect(
                    Collectors.groupingBy(Model::name, LinkedHashMap::new, Collectors.toList()))
                .values());
    this.front = serving.paretoFront();
    this.measuredOn = serving.measuredOn();
    this.note = note;
    this.largest = drawn.stream().mapToLong(Model::bytes).max().orElseThrow();
    this.fastest = drawn.stream().mapToDouble(ServingFigure::p50).min().orElseThrow();
    this.slowest = drawn.stream().mapToDouble(ServingFigure::p50).max().orElseThrow();
    this.worst = drawn.stream().mapToDouble(ServingFigure::accuracy).min().orElseThrow();
    this.best = drawn.stream().mapToDouble(ServingFigure::accuracy).max().orElseThrow();
  }

  /** The figure; none where nothing was measured. */
  static List<Figure> of(StudyResults study) {
    ServingRecord serving = study.serving();
    List<Model> drawn =
        serving == null
            ? List.of()
            : serving.models().stream()
                .filter(model -> model.accuracy() != null && model.p50Milliseconds() != null)
                .toList();
    if (serving == null || drawn.isEmpty()) {
      return List.of();
    }
    long largest = drawn.stream().mapToLong(Model::bytes).max().orElseThrow();
    String threads = serving.threads() == 1 ? "one thread" : serving.threads() + " threads";
    String disturbance = ServingTable.disturbance(serving.otherProcesses());
    String note =
        "Filled: fp32 (or as given); hollow: int8 of the same weights. Area: file size, up to %s MB%s. Dashed: Pareto front. One seed a method. ONNX Runtime %s, %s.%s"
            .formatted(
                ServingTable.megabytes(largest),
                isAnySmall(drawn, largest)
                    ? ", and at least that of %s MB"
                        .formatted(ServingTable.megabytes(Math.round(largest * LEAST_AREA)))
                    : "",
                serving.onnxRuntime(),
                threads,
                disturbance == null ? "" : " " + disturbance);
    ServingFigure figure = new ServingFigure(study, serving, drawn, note);
    return List.of(
        new Figure(
            NAME,
            "Accuracy on the %s images against the median time of one image. %s"
                .formatted(serving.measuredOn(), note),
            drawn.stream()
                .map(
                    model ->
                        "%s %s: %s per cent in %s ms"
                            .formatted(
                                model.name(),
                                model.numbers(),
                                ResultNumbers.percent(model.accuracy()),
                                ServingTable.milliseconds(model.p50Milliseconds())))
                .collect(Collectors.joining(", ", "Scatter plot of accuracy by time. ", ".")),
            WIDTH,
            HEIGHT,
            figure::chart));
  }

  /** Whether a dot is larger than its file's size makes it, so that it can be seen. */
  private static boolean isAnySmall(List<Model> drawn, long largest) {
    return drawn.stream().anyMatch(model -> model.bytes() < largest * LEAST_AREA);
  }

  private static double p50(Model model) {
    return Objects.requireNonNull(model.p50Milliseconds());
  }

  private static double accuracy(Model model) {
    return Objects.requireNonNull(model.accuracy());
  }

  /** A study of one method calls its students by their names alone. */
  private static List<String> labels(List<Model> models) {
    long methods = models.stream().map(Model::method).filter(Objects::nonNull).distinct().count();
    return models.stream()
        .map(
            model ->
                model.student() == null
                    ? "teacher: " + model.name()
                    : methods == 1 ? model.student() : model.student() + ", " + model.method())
        .map(label -> ChartStyle.shortened(label, LABEL_LETTERS))
        .toList();
  }

  private JFreeChart chart(Theme theme) {
    NumberAxis accuracy = ChartStyle.percentAxis(measuredOn + " accuracy", worst, best);
    double margin = 0.1 * (best - worst) + 0.01;
    accuracy.setRange(
        Math.max(-margin / 2, worst - margin), Math.min(1 + margin / 2, best + margin));
    LogAxis time = new StepAxis("median time of one image (ms, logarithmic)", 10, 20, 50);
    double room = Math.pow(slowest / fastest, 0.08) * 1.15;
    time.setRange(fastest / room, slowest * room);
    XYSeriesCollection dots = new XYSeriesCollection();
    for (int i = 0; i < models.size(); i++) {
      dots.addSeries(series(new CurvePlot.Key(i, models.get(i).get(0).name()), models.get(i)));
    }
    XYPlot plot = new XYPlot(dots, time, accuracy, new Dots(theme));
    plot.setDataset(1, new XYSeriesCollection(series(new CurvePlot.Key(0, "front"), front)));
    XYLineAndShapeRenderer line = new XYLineAndShapeRenderer(true, false);
    line.setSeriesPaint(0, theme.axis);
    line.setSeriesStroke(0, MethodStyle.dashed(1.4f, 6, 4));
    plot.setRenderer(1, line);
    plot.setDatasetRenderingOrder(DatasetRenderingOrder.REVERSE);
    ChartStyle.style(theme, plot);
    plot.setDomainGridlinesVisible(true);
    addLabels(theme, plot);
    return ChartStyle.chart(theme, "Accuracy against time", plot, false, note);
  }

  private static XYSeries series(Comparable<?> key, List<Model> points) {
    XYSeries series = new XYSeries(key, false);
    points.forEach(model -> series.add(p50(model), accuracy(model)));
    return series;
  }

  private double radius(Model model) {
    return Math.max(LEAST_RADIUS, LARGEST_RADIUS * Math.sqrt((double) model.bytes() / largest));
  }

  /**
   * The teacher's colour is the neutral one. A student's methods look as in the other figures; of
   * several students each run has its own colour.
   */
  private Color color(Theme theme, int series) {
    Model model = models.get(series).get(0);
    if (!model.ofTeacher() && study.plan().students().size() == 1) {
      return study.style(Objects.requireNonNull(model.method())).color(theme);
    }
    boolean teacherIsFirst = models.get(0).get(0).ofTeacher();
    return new MethodStyle(model.ofTeacher() ? 0 : series + (teacherIsFirst ? 0 : 1)).color(theme);
  }

  /** A label beside the first dot of each model, where it covers nothing else if it can. */
  private void addLabels(Theme theme, XYPlot plot) {
    List<Rectangle2D> taken = new ArrayList<>();
    for (List<Model> dots : models) {
      List<Rectangle2D> boxes = dots.stream().map(model -> box(plot, model)).toList();
      taken.addAll(boxes);
      taken.addAll(between(boxes.get(0), boxes.get(boxes.size() - 1)));
    }
    List<String> labels = labels(models.stream().map(dots -> dots.get(0)).toList());
    for (int i = 0; i < models.size(); i++) {
      Model model = models.get(i).get(0);
      String text = labels.get(i);
      Rectangle2D own = box(plot, model);
      double width = LETTER_WIDTH * text.length();
      double right = own.getMaxX() + LABEL_GAP;
      double left = own.getMinX() - LABEL_GAP - width;
      double centre = own.getCenterX() - width / 2;
      double level = own.getCenterY() - LABEL_HEIGHT / 2;
      double above = own.getMinY() - LABEL_HEIGHT;
      double below = own.getMaxY();
      // To the right and to the left, the text begins and ends at the dot.
      List<Rectangle2D> places =
          List.of(
              label(right, level, width),
              label(left, level, width),
              label(centre, above, width),
              label(centre, below, width),
              label(right, below, width),
              label(left, above, width),
              label(right, above, width),
              label(left, below, width));
      Rectangle2D place =
          places.stream()
              .filter(box -> box.getMinX() > 0 && box.getMaxX() < PLOT_WIDTH)
              .filter(box -> taken.stream().noneMatch(box::intersects))
              .findFirst()
              .orElse(places.get(2));
      taken.add(place);
      boolean begins = place.getMinX() == right;
      boolean ends = place.getMinX() == left;
      double x = begins ? place.getMinX() : ends ? place.getMaxX() : place.getCenterX();
      XYTextAnnotation annotation =
          new XYTextAnnotation(
              text,
              valueAt(plot.getDomainAxis(), x / PLOT_WIDTH),
              plot.getRangeAxis().getUpperBound()
                  - place.getCenterY() / PLOT_HEIGHT * plot.getRangeAxis().getRange().getLength());
      annotation.setFont(Typeface.plain(14));
      annotation.setPaint(theme.text);
      annotation.setTextAnchor(
          begins ? TextAnchor.CENTER_LEFT : ends ? TextAnchor.CENTER_RIGHT : TextAnchor.CENTER);
      plot.addAnnotation(annotation);
    }
  }

  /** Small squares along the line that joins two dots. */
  private static List<Rectangle2D> between(Rectangle2D one, Rectangle2D other) {
    return IntStream.range(1, LINE_PARTS)
        .mapToObj(
            i -> {
              double share = (double) i / LINE_PARTS;
              double x = (1 - share) * one.getCenterX() + share * other.getCenterX();
              double y = (1 - share) * one.getCenterY() + share * other.getCenterY();
              return (Rectangle2D) new Rectangle2D.Double(x - 1, y - 1, 2, 2);
            })
        .toList();
  }

  private static Rectangle2D label(double x, double y, double width) {
    return new Rectangle2D.Double(x, y, width, LABEL_HEIGHT);
  }

  /** A dot's square in pixels from the plot's upper left. */
  private Rectangle2D box(XYPlot plot, Model model) {
    ValueAxis time = plot.getDomainAxis();
    double x =
        PLOT_WIDTH
            * Math.log(p50(model) / time.getLowerBound())
            / Math.log(time.getUpperBound() / time.getLowerBound());
    double y =
        PLOT_HEIGHT
            * (plot.getRangeAxis().getUpperBound() - accuracy(model))
            / plot.getRangeAxis().getRange().getLength();
    double radius = radius(model);
    return new Rectangle2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
  }

  private static double valueAt(ValueAxis axis, double share) {
    return axis.getLowerBound() * Math.pow(axis.getUpperBound() / axis.getLowerBound(), share);
  }

  /** Dots by file size: filled but for int8. */
  private final class Dots extends XYLineAndShapeRenderer {
    @Serial private static final long serialVersionUID = 1L;

    private final Color surface;

    Dots(Theme theme) {
      super(true, true);
      surface = theme.surface;
      setUseFillPaint(true);
      setDrawOutlines(true);
      for (int i = 0; i < models.size(); i++) {
        setSeriesPaint(i, color(theme, i));
        setSeriesFillPaint(i, color(theme, i));
        setSeriesStroke(i, new BasicStroke(1.6f));
        setSeriesOutlineStroke(i, new BasicStroke(2f));
      }
    }

    private Model model(int series, int item) {
      return models.get(series).get(item);
    }

    @Override
    public Shape getItemShape(int series, int item) {
      double radius = radius(model(series, item));
      return new Ellipse2D.Double(-radius, -radius, 2 * radius, 2 * radius);
    }

    @Override
    public Paint getItemFillPaint(int series, int item) {
      boolean hollow = model(series, item).numbers().equals(ServingRecord.INT8);
      return hollow ? surface : getSeriesFillPaint(series);
    }
  }
}
