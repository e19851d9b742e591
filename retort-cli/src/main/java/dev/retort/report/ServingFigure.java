package dev.retort.report;

import dev.retort.study.ServingRecord;
import dev.retort.study.ServingRecord.Model;
import dev.retort.study.ServingTable;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.io.Serial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleEdge;
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
  private static final double LETTER_WIDTH = 7.2;
  private static final double LABEL_HEIGHT = 15;
  private static final double LABEL_GAP = 4;

  private final List<List<Model>> models;
  private final List<Model> front;
  private final String measuredOn;
  private final String note;
  private final long largest;
  private final double fastest;
  private final double slowest;
  private final double worst;
  private final double best;

  private ServingFigure(ServingRecord serving, List<Model> drawn, String note) {
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
    String threads = serving.threads() == 1 ? "one thread" : serving.threads() + " threads";
    String disturbance = ServingTable.disturbance(serving.otherProcesses());
    String note =
        "Filled: fp32 (or as given); hollow: int8 of the same weights. Area: file size, up to %s MB. Dashed: Pareto front. ONNX Runtime %s, %s.%s"
            .formatted(
                ServingTable.megabytes(drawn.stream().mapToLong(Model::bytes).max().orElseThrow()),
                serving.onnxRuntime(),
                threads,
                disturbance == null ? "" : " " + disturbance);
    ServingFigure figure = new ServingFigure(serving, drawn, note);
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
                                label(model),
                                model.numbers(),
                                Numbers.percent(model.accuracy()),
                                ServingTable.milliseconds(model.p50Milliseconds())))
                .collect(Collectors.joining(", ", "Scatter plot of accuracy by time. ", ".")),
            WIDTH,
            HEIGHT,
            figure::chart));
  }

  private static double p50(Model model) {
    return Objects.requireNonNull(model.p50Milliseconds());
  }

  private static double accuracy(Model model) {
    return Objects.requireNonNull(model.accuracy());
  }

  private static String label(Model model) {
    return ChartStyle.shortened(model.ofTeacher() ? "teacher: " + model.name() : model.name(), 30);
  }

  private JFreeChart chart(Theme theme) {
    NumberAxis accuracy = ChartStyle.percentAxis(measuredOn + " accuracy", worst, best);
    double margin = 0.1 * (best - worst) + 0.01;
    accuracy.setRange(Math.max(0, worst - margin), Math.min(1.002, best + margin));
    TimeAxis time = new TimeAxis("median time of one image (ms, logarithmic)");
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

  /** The teacher's colour is the neutral one, and each run has its own. */
  private Color color(Theme theme, int series) {
    boolean ofTeacher = models.get(series).get(0).ofTeacher();
    boolean teacherIsFirst = models.get(0).get(0).ofTeacher();
    return new MethodStyle(ofTeacher ? 0 : series + (teacherIsFirst ? 0 : 1)).color(theme);
  }

  /** A label beside the first dot of each model, where it covers nothing else if it can. */
  private void addLabels(Theme theme, XYPlot plot) {
    List<Rectangle2D> taken = new ArrayList<>();
    models.forEach(dots -> dots.forEach(model -> taken.add(box(plot, model))));
    for (int i = 0; i < models.size(); i++) {
      Model model = models.get(i).get(0);
      String text = label(model);
      Rectangle2D own = box(plot, model);
      double width = LETTER_WIDTH * text.length();
      List<Rectangle2D> places =
          List.of(
              label(own.getMaxX() + LABEL_GAP, own.getCenterY() - LABEL_HEIGHT / 2, width),
              label(own.getMinX() - LABEL_GAP - width, own.getCenterY() - LABEL_HEIGHT / 2, width),
              label(own.getCenterX() - width / 2, own.getMinY() - LABEL_GAP - LABEL_HEIGHT, width),
              label(own.getCenterX() - width / 2, own.getMaxY() + LABEL_GAP, width));
      Rectangle2D place =
          places.stream()
              .filter(box -> box.getMinX() > 0 && box.getMaxX() < PLOT_WIDTH)
              .filter(box -> taken.stream().noneMatch(box::intersects))
              .findFirst()
              .orElse(places.get(2));
      taken.add(place);
      XYTextAnnotation annotation =
          new XYTextAnnotation(
              text,
              valueAt(plot.getDomainAxis(), place.getCenterX() / PLOT_WIDTH),
              plot.getRangeAxis().getUpperBound()
                  - place.getCenterY() / PLOT_HEIGHT * plot.getRangeAxis().getRange().getLength());
      annotation.setFont(Typeface.plain(14));
      annotation.setPaint(theme.text);
      annotation.setTextAnchor(TextAnchor.CENTER);
      plot.addAnnotation(annotation);
    }
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

    Dots(Theme theme) {
      super(true, true);
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
    public boolean getItemShapeFilled(int series, int item) {
      return !model(series, item).numbers().equals(ServingRecord.INT8);
    }
  }

  /** A logarithmic axis with ticks at 1, 2 and 5 of each power of ten. */
  private static final class TimeAxis extends LogAxis {
    @Serial private static final long serialVersionUID = 1L;
    private static final int[] STEPS = {1, 2, 5};

    TimeAxis(String label) {
      super(label);
    }

    @Override
    protected List<NumberTick> refreshTicksHorizontal(
        Graphics2D graphics, Rectangle2D area, RectangleEdge edge) {
      List<NumberTick> ticks = new ArrayList<>();
      int first = (int) Math.floor(Math.log10(getLowerBound()));
      for (int power = first; Math.pow(10, power) <= getUpperBound(); power++) {
        for (int step : STEPS) {
          double value = step * Math.pow(10, power);
          if (value >= getLowerBound() && value <= getUpperBound()) {
            ticks.add(
                new NumberTick(
                    value,
                    Numbers.decimal(value, Math.max(0, -power)),
                    TextAnchor.TOP_CENTER,
                    TextAnchor.CENTER,
                    0));
          }
        }
      }
      return ticks;
    }
  }
}
