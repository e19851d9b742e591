package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How long several workers' runs are said to take. */
class WorkersStatusTest {
  private static final long MINUTE = 60_000_000_000L;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong(MINUTE);

  private WorkersStatus status(int workers, int runs) {
    return new WorkersStatus(CommandRun.terminal(err, false, 120), workers, runs, clock::get);
  }

  private String said() {
    String text = err.toString(StandardCharsets.UTF_8).strip();
    return text.substring(text.lastIndexOf('\n') + 1);
  }

  /** Three runs of an hour each: the third is done by one worker, and takes its hour. */
  @Test
  void aRunIsNotDividedAmongWorkers() {
    WorkersStatus status = status(2, 3);
    status.runBegins(0);
    status.runBegins(1);
    clock.addAndGet(60 * MINUTE);
    status.runIsDone(0, true);
    status.sayTotal(1, 2);
    assertThat(said()).isEqualTo("1 of 3 runs done, 1:00:00 left");
  }

  /** Of a mean of 20 minutes: one has 15 left, the two that wait end after 20 and 35. */
  @Test
  void aRunThatDivergedSaysNothingOfTheOthers() {
    WorkersStatus status = status(2, 5);
    status.runBegins(0);
    clock.addAndGet(MINUTE);
    status.runIsDone(0, false);
    status.sayTotal(4, 2);
    assertThat(said()).isEqualTo("1 of 5 runs done");

    status.runBegins(0);
    clock.addAndGet(15 * MINUTE);
    status.runBegins(1);
    clock.addAndGet(5 * MINUTE);
    status.runIsDone(0, true);
    status.sayTotal(2, 2);
    assertThat(said()).isEqualTo("2 of 5 runs done, 35:00 left");
  }

  /** As of a study that was asked to stop, when the last worker has left. */
  @Test
  void whereNoWorkerIsLeftNothingIsSaidOfTheTime() {
    WorkersStatus status = status(1, 3);
    status.runBegins(0);
    clock.addAndGet(MINUTE);
    status.runIsDone(0, true);
    status.sayTotal(2, 0);
    assertThat(said()).isEqualTo("1 of 3 runs done");
  }
}
