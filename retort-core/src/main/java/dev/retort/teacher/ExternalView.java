package dev.retort.teacher;

import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.teacher.ViewCandidates.Candidate;
import dev.retort.weights.WeightsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The view in which a model gets images, where its file does not say which: what was assumed of it,
 * and how the model does on validation images under the usual others.
 */
public final class ExternalView {
  private static final Logger LOG = LoggerFactory.getLogger(ExternalView.class);

  /** About 200, in whole chunks. */
  private static final int IMAGES = 192;

  /** So many at once, that something is known of a slow model too. */
  private static final int AT_ONCE = 16;

  /** Where there are more, views are not compared on fewer: these show next to nothing. */
  private static final int FEWEST = 64;

  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** Of all lower bounds together. */
  private static final double ERROR = 0.01;

  private final ModelSource source;
  private final TeacherView view;
  private final Splits data;
  private final Precision precision;
  private final Device device;
  private final @Nullable ExternalTeacher opened;
  private final TeacherInput input;

  private ExternalView(
      ModelSource source,
      TeacherView view,
      Splits data,
      Precision precision,
      Device device,
      @Nullable ExternalTeacher opened,
      TeacherInput input) {
    this.source = source;
    this.view = view;
    this.data = data;
    this.precision = precision;
    this.device = device;
    this.opened = opened;
    this.input = input;
  }

  /**
   * Of a program, or of a state dictionary; null of other models, whose files say how they see.
   *
   * @param view as it was given
   * @param opened the program as a teacher in that view; of other models anything or null
   */
  public static @Nullable ExternalView of(
      ModelSource source,
      TeacherView view,
      Splits data,
      Precision precision,
      Device device,
      @Nullable Teacher opened) {
    if (source instanceof ModelSource.StateOf) {
      return new ExternalView(
          source, view, data, precision, device, null, TeacherInput.ofState(data, view));
    }
    if (source instanceof ModelSource.External && opened instanceof ExternalTeacher program) {
      return new ExternalView(
          source, view, data, precision, device, program, TeacherInput.of(program, view, data));
    }
    return null;
  }

  /** How the model sees the data's images. */
  public TeacherInput input() {
    return input;
  }

  /**
   * Compares the views of a model, if it is one whose file does not say its own, and warns where
   * another is better.
   *
   * @param view as it was given
   * @param opened the program as a teacher in that view; of other models anything or null
   */
  public static void compareAndWarn(
      ModelSource source,
      TeacherView view,
      Splits data,
      Precision precision,
      Device device,
      @Nullable Teacher opened) {
    ExternalView seen = of(source, view, data, precision, device, opened);
    if (seen != null) {
      seen.warn(seen.compare(() -> {}));
    }
  }

  /** Warns where another view is better. */
  public void warn(ViewComparison comparison) {
    String sentence = comparison.warning(source.toString());
    if (sentence != null) {
      LOG.warn("{}", sentence);
    }
  }

  /**
   * Lets the model classify some labelled validation images under every usual view, for half a
   * minute at most. A file that says itself how its images are made is believed. Where the time
   * runs out before 64 of them, or all, were classified, a line says so and nothing is compared.
   *
   * @param pause called between two batches; may throw, and ends the comparison so
   */
  public ViewComparison compare(Runnable pause) {
    long start = System.nanoTime();
    return compare(pause, () -> System.nanoTime() - start > LONGEST.toNanos());
  }

  /**
   * The same.
   *
   * @param late whether the time has run out; asked before each batch
   */
  ViewComparison compare(Runnable pause, BooleanSupplier late) {
    boolean changed = view.statistics() != null || view.size() != null || view.channels() != null;
    int[] labelled = data.validation().labelled().toArray();
    if (labelled.length == 0
        || (opened != null && !changed && opened.model().metadata().saysHowItSees())) {
      return ViewComparison.none();
    }
    // In the order of the draw, so that those before the time runs out are a draw of all, too.
    int[] drawn =
        IntStream.of(RandomSource.of(0, "views").permutation(labelled.length))
            .limit(IMAGES)
            .map(i -> labelled[i])
            .toArray();
    Dataset images = new Subset(data.validation().name(), data.validation(), drawn);
    try (TensorScope scope = TensorScope.open()) {
      List<Candidate> candidates = candidates();
      boolean[][] right = new boolean[candidates.size()][images.size()];
      int seen = classify(candidates, images, right, pause, late);
      if (seen < Math.min(FEWEST, images.size())) {
        LOG.warn(
            "{}: {} validation images were classified under {} views in {} s, too few to compare the views (at least {})",
            source,
            seen,
            candidates.size(),
            LONGEST.toSeconds(),
            FEWEST);
        return ViewComparison.none();
      }
      return result(candidates, right, seen);
    }
  }

  private List<Candidate> candidates() {
    ExternalTeacher teacher =
        opened == null
            ? ((ModelSource.StateOf) source).external(view, data, precision, device)
            : opened;
    String own = input.assumed().contains("mean") ? "the data's, assumed" : "as given";
    return ViewCandidates.of(
        teacher,
        view,
        own,
        other ->
            source instanceof ModelSource.StateOf state
                ? state.external(other, data, precision, device)
                : teacher.seeing(other, data, AT_ONCE),
        data,
        AT_ONCE);
  }

  /**
   * Fills in which images are decided right; a view that the model cannot be run in has none.
   *
   * @return how many images all of them have classified
   */
  private int classify(
      List<Candidate> candidates,
      Dataset images,
      boolean[][] right,
      Runnable pause,
      BooleanSupplier late) {
    int seen = 0;
    int atOnce = candidates.get(0).teacher().chunk(AT_ONCE);
    try (BatchStream stream =
        BatchStream.evaluation(
            images, data.inputShape(), data.statistics(), atOnce, Precision.FP32)) {
      for (Batch prepared : stream.all()) {
        try (TensorScope scope = TensorScope.open();
            NoGrad noGrad = NoGrad.open()) {
          Batch batch = prepared.on(device);
          for (int c = 0; c < candidates.size(); c++) {
            pause.run();
            if (late.getAsBoolean()) {
              return seen;
            }
            classify(candidates.get(c), batch, right[c]);
          }
          seen += batch.size();
        }
      }
    }
    return seen;
  }

  private static void classify(Candidate candidate, Batch batch, boolean[] right) {
    try (TensorScope scope = TensorScope.open()) {
      long[] best =
          Tensors.toLongs(
              candidate
                  .teacher()
                  .activations(batch, Set.of())
                  .logits()
                  .argmax(new LongOptional(1), false));
      long[] labels = Tensors.toLongs(batch.labels());
      for (int i = 0; i < best.length; i++) {
        right[batch.samples()[i]] = best[i] == labels[i];
      }
    } catch (WeightsException e) {
      if (candidate.keys().isEmpty()) {
        throw e;
      }
    }
  }

  private static ViewComparison result(List<Candidate> candidates, boolean[][] right, int images) {
    // The bounds are to hold together, whichever is looked at.
    double error = ERROR / Math.max(1, candidates.size() - 1);
    List<ViewComparison.Candidate> results = new ArrayList<>();
    List<Integer> better = new ArrayList<>();
    for (int c = 0; c < candidates.size(); c++) {
      PairedAccuracy difference = PairedAccuracy.of(right[c], right[0], images);
      double low = difference.low(error);
      Candidate candidate = candidates.get(c);
      results.add(
          new ViewComparison.Candidate(
              candidate.name(), candidate.keys(), accuracy(right[c], images), c == 0 ? null : low));
      if (c > 0 && low > 0) {
        better.add(c);
      }
    }
    Integer best = best(better, results);
    Integer plain = best(better.stream().filter(c -> candidates.get(c).plain()).toList(), results);
    // Another order of colours, or another size, takes more evidence than that over the worst view.
    if (best != null
        && plain != null
        && PairedAccuracy.of(right[best], right[plain], images).low(error) <= 0) {
      best = plain;
    }
    return new ViewComparison(images, results, best == null ? null : candidates.get(best).name());
  }

  private static double accuracy(boolean[] right, int images) {
    return (double) IntStream.range(0, images).filter(i -> right[i]).count() / images;
  }

  private static @Nullable Integer best(
      List<Integer> among, List<ViewComparison.Candidate> results) {
    return among.stream()
        .max(Comparator.comparingDouble((Integer c) -> results.get(c).accuracy()))
        .orElse(null);
  }
}
