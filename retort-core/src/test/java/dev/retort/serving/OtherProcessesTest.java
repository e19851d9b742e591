package dev.retort.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a made-up /proc, where a tick is a hundredth of a second. */
class OtherProcessesTest {
  /** A number that no process has: it has no children either. */
  private static final long PROCESS = Integer.MAX_VALUE - 1;

  @TempDir Path proc;

  private final AtomicLong clock = new AtomicLong();

  private void machine(long user, long nice, long system, long idle, long steal)
      throws IOException {
    machine(user, nice, system, idle, 77, 0, 0, steal);
  }

  private void machine(
      long user, long nice, long system, long idle, long wait, long irq, long softirq, long steal)
      throws IOException {
    Files.writeString(
        proc.resolve("stat"),
        "cpu  %d %d %d %d %d %d %d %d 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
            .formatted(user, nice, system, idle, wait, irq, softirq, steal));
  }

  private void own(long user, long system, long ofChildren) throws IOException {
    Path folder = Files.createDirectories(proc.resolve(Long.toString(PROCESS)));
    Files.writeString(
        folder.resolve("stat"),
        "%d (a name) with (brackets) S 1 1 1 0 -1 4194304 10 11 12 13 %d %d %d %d 20 0 1\n"
            .formatted(PROCESS, user, system, ofChildren / 3, ofChildren - ofChildren / 3));
  }

  /** The nanoseconds of this process's other threads. */
  private Map<Long, Long> threads = Map.of();

  private OtherProcesses watch() {
    return OtherProcesses.watch(proc, clock::get, PROCESS, () -> threads);
  }

  /**
   * In two seconds the machine worked 150 + 50 + 8 + 5 + 7 = 220 ticks, of which 40 + 10 + 30 = 80
   * are ours: 140 ticks in 2 s are 0.7 of a core. Idle and stolen time, and that of waiting for
   * disks, do not count.
   */
  @Test
  void whatIsNotOursIsOthers() throws IOException {
    machine(1000, 100, 500, 9000, 7);
    own(300, 20, 5);
    OtherProcesses others = watch();

    clock.set(2_000_000_000L);
    machine(1150, 150, 508, 9100, 300, 5, 7, 900);
    own(340, 30, 35);

    assertThat(others.cores()).isCloseTo(0.7, within(1e-12));
  }

  @Test
  void aMachineThatDoesOurWorkAloneIsQuiet() throws IOException {
    machine(1000, 0, 0, 0, 0);
    own(10, 0, 0);
    OtherProcesses others = watch();

    clock.set(1_000_000_000L);
    machine(1100, 0, 0, 0, 0);
    own(111, 0, 0); // ticks are counted at different moments

    assertThat(others.cores()).isZero();
  }

  /**
   * In two seconds, of 100 ticks all ours, thread 7 took 0.5 s and a new one 0.2 s: 0.35 cores. Of
   * one that has ended nothing is known any more.
   */
  @Test
  void ourOtherThreadsCountAsOthers() throws IOException {
    machine(1000, 0, 0, 0, 0);
    own(10, 0, 0);
    threads = Map.of(7L, 1_000_000_000L, 8L, 300_000_000L);
    OtherProcesses others = watch();

    clock.set(2_000_000_000L);
    machine(1100, 0, 0, 0, 0);
    own(110, 0, 0);
    threads = Map.of(7L, 1_500_000_000L, 8L, -1L, 9L, 200_000_000L);

    assertThat(others.cores()).isCloseTo(0.35, within(1e-12));
    assertThat(OtherProcesses.otherThreads())
        .isNotEmpty()
        .doesNotContainKey(Thread.currentThread().getId());
  }

  @Test
  void aSystemThatDoesNotSayLeavesItUnknown() {
    OtherProcesses others = watch();

    clock.set(1_000_000_000L);

    assertThat(others.cores()).isNull();
  }
}
