package dev.retort.report;

import dev.retort.study.EpochMetrics;
import dev.retort.study.ResultNumbers;
import dev.retort.study.StudyFolder;
import dev.retort.study.TuningFolder;
import dev.retort.study.config.RunName;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the report of a study again and again while it runs, from the files in its folder, so that
 * it does not matter which processes do the runs. A script in the page reloads it. The page of a
 * study that has ended, done or not, has none.
 */
public final class LivePage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LivePage.class);

  /**
   * How often a page is written again.
   *
   * @param pause at least so long between two versions
   * @param pauseOfDrawing and so many times as long as a processor drew the last one
   * @param longest but no longer than this, or the page takes the study for stopped
   */
  record Pace(Duration pause, int pauseOfDrawing, Duration longest) {
    /** Drawing takes about a fiftieth of a core's time. */
    static final Pace USUAL = new Pace(Duration.ofSeconds(10), 49, Duration.ofMinutes(2));

    /** The pause after a drawing that took so many nanoseconds of a processor. */
    long after(long drawing) {
      long wanted = Math.max(pause.toNanos(), pauseOfDrawing * drawing);
      return Math.min(wanted, Math.max(pause.toNanos(), longest.toNanos()));
    }
  }

  private final Path folder;
  private final List<RunName> runs;
  private final int epochs;
  private final Pace pace;
  private final @Nullable TuningFolder search;
  private final Thread thread = new Thread(this::follow, "retort-page");
  private boolean written;
  private boolean done;
  private boolean goesOn;
  private boolean closed;

  private LivePage(
      Path folder, List<RunName> runs, int epochs, Pace pace, @Nullable TuningFolder search) {
    this.search = search;
    this.folder = folder;
    this.runs = List.copyOf(runs);
    this.epochs = epochs;
    this.pace = pace;
  }

  /**
   * Follows a study from now on.
   *
   * @param folder the study's, which may not be there yet
   * @param runs that are to be done
   * @param epochs of each
   */
  public static LivePage follow(Path folder, List<RunName> runs, int epochs) {
    return start(new LivePage(folder, runs, epochs, Pace.USUAL, null));
  }

  /** The same of one of a search's two studies, and the search's page beside. */
  public static LivePage follow(Path folder, List<RunName> runs, int epochs, TuningFolder search) {
    return start(new LivePage(folder, runs, epochs, Pace.USUAL, search));
  }

  static LivePage follow(Path folder, List<RunName> runs, int epochs, Pace pace) {
    return start(new LivePage(folder, runs, epochs, pace, null));
  }

  private static LivePage start(LivePage page) {
    page.thread.setDaemon(true);
    page.thread.start();
    return page;
  }

  private void follow() {
    List<Progress> before = List.of();
    long pause = pace.pause().toNanos();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    while (pause(pause)) {
      // Not the time on a clock: beside trainings that is many times as long.
      long start = threads.getCurrentThreadCpuTime();
      before = write(before, false);
      pause = pace.after(threads.getCurrentThreadCpuTime() - start);
    }
  }

  /** Whether it goes on after that long. */
  private synchronized boolean pause(long nanoseconds) {
    long end = System.nanoTime() + nanoseconds;
    try {
      for (long left = nanoseconds; left > 0 && !closed; left = end - System.nanoTime()) {
        wait(left / 1_000_000 + 1);
      }
    } catch (InterruptedException e) {
      return false;
    }
    return !closed;
  }

  /** The last version has no script. */
  private List<Progress> write(List<Progress> before, boolean last) {
    if (!StudyFolder.isBegun(folder)) {
      return before;
    }
    try {
      StudyFolder study = StudyFolder.open(folder);
      StudyResults results = StudyResults.read(study, study.summarize());
      List<Progress> progress = progress(results, runs, epochs);
      if (last || !progress.equals(before)) {
        Live live = last ? null : new Live(progress, Instant.now(), pace.pause());
        Report.write(results, live);
        if (search != null) {
          TuningReport.write(search, live);
        }
        written = true;
      }
      return progress;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      LOG.debug("{} has no page yet", folder, e); // its records are not there yet, or change
      return before;
    }
  }

  /** The study has come to its end: whoever draws its report takes the page's place. */
  public void done() {
    done = true;
  }

  /** All runs are done, and what follows draws the report: until then the page reloads itself. */
  public void goesOn() {
    goesOn = true;
  }

  /**
   * What a page shows of a study that runs.
   *
   * @param written when; it differs from that of every other version of the page
   * @param reload how long the page waits before it loads itself again
   */
  public record Live(List<Progress> runs, Instant written, Duration reload) {
    private static final DateTimeFormatter CLOCK =
        DateTimeFormatter.ofPattern("HH:mm:ss z, d MMMM yyyy", Locale.ENGLISH)
            .withZone(ZoneId.systemDefault());

    /** When it was written, as a reader is told it. */
    public String clock() {
      return CLOCK.format(written);
    }

    /** How long the page waits. */
    public long milliseconds() {
      return reload.toMillis();
    }
  }

  /**
   * How far a run is.
   *
   * @param state done, begun (also where its process has ended since), not begun or diverged
   * @param epochs that it has behind it
   * @param secondsLeft of training, without evaluation and checkpoints, of a run that has an epoch
   *     behind it; null for others
   */
  public record Progress(
      RunName run, String state, int epochs, int of, @Nullable Double secondsLeft) {
    /** The time left as a clock shows it, where that is known. */
    public String left() {
      return secondsLeft == null ? ResultNumbers.UNDEFINED : ClockTime.of(secondsLeft);
    }
  }

  /** The first ones take longer, since the teacher looks at their views. */
  private static @Nullable Double secondsOfTheLast(List<EpochMetrics> epochs) {
    int last = epochs.size() - 1;
    return last < 0
        ? null
        : epochs.get(last).seconds() - (last == 0 ? 0 : epochs.get(last - 1).seconds());
  }

  static List<Progress> progress(StudyResults study, List<RunName> runs, int epochs) {
    Set<RunName> done = study.finished();
    Map<RunName, List<EpochMetrics>> begun = epochs(study.runs());
    Map<RunName, List<EpochMetrics>> diverged = epochs(study.diverged());
    List<Progress> progress = new ArrayList<>();
    for (RunName run : runs) {
      List<EpochMetrics> behind = begun.getOrDefault(run, diverged.getOrDefault(run, List.of()));
      if (done.contains(run)) {
        progress.add(new Progress(run, "done", epochs, epochs, null));
      } else if (diverged.containsKey(run)) {
        progress.add(new Progress(run, "diverged", behind.size(), epochs, null));
      } else if (!begun.containsKey(run)) {
        progress.add(new Progress(run, "not begun", 0, epochs, null));
      } else {
        Double epoch = secondsOfTheLast(behind);
        Double left = epoch == null ? null : epoch * (epochs - behind.size());
        progress.add(new Progress(run, "begun", behind.size(), epochs, left));
      }
    }
    return progress;
  }

  private static Map<RunName, List<EpochMetrics>> epochs(List<Run> runs) {
    return runs.stream().collect(Collectors.toMap(Run::name, Run::epochs));
  }

  /**
   * Ends it; a version that is being written is finished first. Of a study that is not done, the
   * last version shows how far it has come; where there was none, another process may have one.
   */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!done && written) {
      write(List.of(), !goesOn);
    }
  }
}
