package dev.retort.cli;

import dev.retort.engine.Precision;
import dev.retort.report.ClockTime;
import dev.retort.study.CachePlan;
import dev.retort.study.Divergence;
import dev.retort.study.ResultNumbers;
import dev.retort.study.RunResult;
import dev.retort.study.ServingRecord;
import dev.retort.study.ServingTable;
import dev.retort.study.StudyListener;
import dev.retort.study.TeacherRecord;
import dev.retort.study.config.RunName;
import dev.retort.system.StorageSize;
import dev.retort.training.TrainingListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Shows how a study goes on stderr: a line a run, and the run at hand as it trains. */
final class StudyProgress implements StudyListener {
  private static final double NANOSECONDS = 1e9;

  private final Terminal terminal;
  private final LongSupplier clock;
  private final @Nullable Path page;
  private final ReadingProgress reading;
  private String run = "";
  private long runBegan;
  private int furthest;
  private int runsLeft;
  private int runsDone;
  private boolean saidPage;
  private boolean saidServing;
  private double seconds;

  /**
   * The view of one study.
   *
   * @param clock in nanoseconds
   * @param page where the study's page is; null where another process sees all runs, and says where
   *     it is and how long they will take
   */
  StudyProgress(Terminal terminal, LongSupplier clock, @Nullable Path page) {
    this.terminal = terminal;
    this.clock = clock;
    this.page = page;
    this.reading = new ReadingProgress(terminal, clock);
  }

  @Override
  public void looksAtImages(String data, int done, int total) {
    reading.looked(data, done, total);
  }

  @Override
  public void threadsAsBegun(int threads) {
    terminal.println("%d threads, as the study was begun with".formatted(threads));
  }

  @Override
  public void precisionAsBegun(Precision precision) {
    terminal.println(
        "%s, as the study was begun in".formatted(precision.name().toLowerCase(Locale.ROOT)));
  }

  @Override
  public void studentStarts(String student, String report) {
    terminal.println("student " + student + " starts with " + report);
  }

  @Override
  public void teacherCache(CachePlan plan) {
    if (plan.folder() != null) {
      terminal.println(
          "teacher's outputs: %s in %s, where %s of %s are taken"
              .formatted(
                  StorageSize.text(plan.bytes()),
                  plan.folder(),
                  StorageSize.text(plan.taken()),
                  StorageSize.text(plan.bound())));
    }
  }

  @Override
  public void teacherClassifies(String teacher, int images) {
    terminal.announce("teacher %s classifies %,d validation images …".formatted(teacher, images));
  }

  @Override
  public void teacherLoaded(TeacherRecord teacher) {
    terminal.status("");
    terminal.println(
        "teacher %s: %s of the validation images"
            .formatted(
                teacher.network(), ResultNumbers.percentWithSign(teacher.validationAccuracy())));
  }

  @Override
  public TrainingListener runBegins(RunName name, int number, int runs, int epochs) {
    if (page != null && !saidPage) {
      terminal.println("page " + page.toUri());
      saidPage = true;
    }
    run = runs == 1 ? name.toString() : name + " (" + number + " of " + runs + ")";
    runBegan = clock.getAsLong();
    furthest = Math.max(furthest, number); // one that another process had comes again, at the end
    runsLeft = runs - furthest;
    return new TrainingProgress(terminal, clock, run);
  }

  @Override
  public void runWasDone(RunResult result) {
    terminal.println(result.run() + ": done before, " + accuracy(result));
  }

  @Override
  public void runDiverged(Divergence divergence) {
    terminal.status("");
    terminal.println(run + ": " + divergence.reason());
    printAlarms(divergence.alarms());
  }

  private void printAlarms(List<String> alarms) {
    alarms.forEach(alarm -> terminal.println(run + ": alarm: " + alarm));
  }

  @Override
  public void runEnds(RunResult result) {
    double took = (clock.getAsLong() - runBegan) / NANOSECONDS;
    seconds += Math.max(took, result.seconds()); // of one that went on, all of it
    runsDone++;
    String line = run + ": " + accuracy(result) + ", in " + ClockTime.of(took);
    if (page != null && runsLeft > 0) {
      // Runs of one study are much alike.
      line += ", " + ClockTime.of(seconds / runsDone * runsLeft) + " left in all";
    }
    terminal.status("");
    terminal.println(line);
    printAlarms(result.alarms());
  }

  @Override
  public void awaitsQuiet(Duration most) {
    terminal.announce(
        "waiting for other programs to leave the machine alone, for %d seconds at most …"
            .formatted(most.toSeconds()));
  }

  @Override
  public void measuresServing(int done, int total) {
    if (!terminal.showsStatus() && !saidServing) {
      terminal.println("measuring what the models cost to serve …");
      saidServing = true;
    }
    terminal.status("what the models cost to serve: %d of %d".formatted(done, total));
  }

  @Override
  public void servingSkipped(String why) {
    terminal.status("");
    terminal.println(why);
  }

  @Override
  public void servingMeasured(ServingRecord serving) {
    terminal.status("");
    String disturbance = ServingTable.disturbance(serving.otherProcesses());
    if (disturbance != null) {
      terminal.println(disturbance);
    }
  }

  private static String accuracy(RunResult result) {
    return result.testAccuracy() != null
        ? ResultNumbers.percentWithSign(result.testAccuracy()) + " of the test images"
        : ResultNumbers.percentWithSign(result.validationAccuracy()) + " of the validation images";
  }
}
