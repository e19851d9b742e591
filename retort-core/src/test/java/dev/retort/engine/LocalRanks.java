package dev.retort.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Ranks that are threads of this process, and meet through c10d as processes do. */
public final class LocalRanks {
  private static final int MINUTES = 5;

  private LocalRanks() {}

  /** What each rank does. */
  public interface Work<T> {
    T of(Collective ranks) throws Exception;
  }

  /** What came of it, in the ranks' order. */
  public static <T> List<T> run(int ranks, Work<T> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(ranks);
    try (LocalStore store = LocalStore.open()) {
      List<Callable<T>> calls = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        Rendezvous meeting = store.meeting(rank, ranks);
        calls.add(() -> run(meeting, work));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> result : threads.invokeAll(calls, MINUTES, TimeUnit.MINUTES)) {
        results.add(result.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static <T> T run(Rendezvous meeting, Work<T> work) throws Exception {
    Engine.threads(1);
    try (Collective ranks = C10d.join(meeting, Device.CPU, Duration.ofSeconds(60))) {
      return work.of(ranks);
    }
  }
}
