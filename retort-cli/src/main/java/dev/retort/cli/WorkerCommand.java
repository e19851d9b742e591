package dev.retort.cli;

import dev.retort.study.SharedView;
import dev.retort.study.Study;
import dev.retort.study.StudyRunner;
import dev.retort.study.config.RunName;
import dev.retort.training.StopRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * One of the processes among which {@code --jobs} shares out a study's runs: does what {@link
 * WorkerProcess} asks for on stdin, and answers on stdout. It stops when the other end is gone, so
 * that it never outlives who started it.
 */
@CommandLine.Command(
    name = WorkerCommand.NAME,
    hidden = true,
    header = "Does runs that another process asks for.")
final class WorkerCommand extends StudyCommand {
  static final String NAME = "worker";

  /**
   * What answers begin with: all else on stdout comes from libraries, and need not end its line.
   */
  static final String ANSWER = "@retort ";

  /** Which views several runs read: {@code shared NAME …}, answered by {@code SEED:VIEW …}. */
  static final String SHARED = "shared";

  /** A part of one: {@code remember SEED VIEW PART PARTS}. */
  static final String REMEMBER = "remember";

  /** A run: {@code run NAME NUMBER RUNS}, answered by its {@link StudyRunner.Outcome}. */
  static final String RUN = "run";

  /** What is left to do after all runs. */
  static final String FINISH = "finish";

  /** Nothing is left to do. */
  static final String END = "end";

  /** The run that is under way is saved and left. */
  static final String STOP = "stop";

  @Parameters(paramLabel = "CONFIG", description = "The study, with every default written out.")
  Path configuration;

  @Option(names = "--out", paramLabel = "OUT", required = true, description = "Its folder.")
  Path out;

  @Option(names = "--any-processor", description = "As compare has it.")
  void anyProcessor(boolean any) {
    anyProcessor = any;
  }

  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    signals().leaveInterruptsToOthers();
    listen();
    StopRequest stop = signals().stop();
    Study study =
        Study.read(configuration)
            .device(compute.start())
            .listener(new StudyProgress(terminal(), System::nanoTime, null))
            .stop(stop)
            .anyProcessor(anyProcessor)
            .resume(true);
    Map<String, RunName> runs = new LinkedHashMap<>();
    study.runs().forEach(run -> runs.put(run.toString(), run));
    try (StudyRunner runner = study.open(out)) {
      answer("ready");
      for (List<String> request = next(); !request.get(0).equals(END); request = next()) {
        stop.throwIfRequested();
        answer(answer(runner, runs, request.get(0), request.subList(1, request.size())));
      }
    }
    stop.throwIfRequested();
    return ExitCode.DONE;
  }

  private String answer(
      StudyRunner runner, Map<String, RunName> runs, String what, List<String> of) {
    switch (what) {
      case SHARED -> {
        return runner.sharedViews(of.stream().map(runs::get).toList()).stream()
            .map(view -> view.dataSeed() + ":" + view.view())
            .collect(Collectors.joining(" "));
      }
      case REMEMBER -> {
        SharedView view = new SharedView(Long.parseLong(of.get(0)), Integer.parseInt(of.get(1)));
        int part = Integer.parseInt(of.get(2));
        int parts = Integer.parseInt(of.get(3));
        terminal()
            .announce(
                "the teacher looks at view %d of seed %d, part %d of %d"
                    .formatted(view.view() + 1, view.dataSeed(), part + 1, parts));
        runner.remember(view, part, parts);
        terminal().status("");
        return "";
      }
      case RUN -> {
        RunName run = Objects.requireNonNull(runs.get(of.get(0)));
        return runner.doRun(run, Integer.parseInt(of.get(1)), Integer.parseInt(of.get(2))).name();
      }
      case FINISH -> {
        runner.finish();
        return "";
      }
      default -> throw new IllegalArgumentException("a worker cannot " + what);
    }
  }

  private List<String> next() throws InterruptedException {
    return List.of(requests.take().split(" "));
  }

  private void answer(String text) {
    print("\n" + ANSWER + text);
    terminal().out().flush();
  }

  /** Hears a stop, or that the other end is gone, also while a run trains. */
  private void listen() {
    Thread thread = new Thread(this::hear, "retort-requests");
    thread.setDaemon(true);
    thread.start();
  }

  private void hear() {
    boolean ended = false;
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (!ended && line != null && !line.equals(STOP)) {
        requests.add(line);
        ended = line.equals(END);
        line = ended ? null : lines.readLine();
      }
    } catch (IOException e) {
      terminal().println("retort: requests cannot be read: " + e.getMessage());
    } finally {
      if (!ended) { // also where memory ran out: nobody would hear of the other end any more
        signals().ask();
        requests.add(END);
      }
    }
  }
}
