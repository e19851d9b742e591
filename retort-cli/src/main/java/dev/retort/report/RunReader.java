package dev.retort.report;

import dev.retort.engine.FileFailure;
import dev.retort.study.Divergence;
import dev.retort.study.MetricsLog;
import dev.retort.study.RunName;
import dev.retort.study.RunResult;
import dev.retort.study.StudyPlan;
import dev.retort.study.StudyRecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the folders of runs: {@code metrics.jsonl} and {@code result.json} of each. */
final class RunReader {
  private final StudyPlan plan;
  private final List<String> gaps;
  private final Set<String> diverged = new HashSet<>();

  RunReader(StudyPlan plan, List<String> gaps) {
    this.plan = plan;
    this.gaps = gaps;
  }

  /** All runs below a folder but those that diverged. */
  List<Run> readAll(Path runsFolder) {
    if (!Files.isDirectory(runsFolder)) {
      return List.of();
    }
    List<Run> runs = new ArrayList<>();
    try (Stream<Path> folders = Files.list(runsFolder)) {
      for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
        if (hasDiverged(folder)) {
          continue;
        }
        Run run = read(folder);
        if (run == null) {
          gaps.add(
              ("The folder runs/%s was left out: it has no result.json, and no run of the study has that"
                      + " name.")
                  .formatted(folder.getFileName()));
        } else {
          runs.add(run);
        }
      }
    } catch (IOException e) {
      throw new StudyRecordException(runsFolder + " cannot be read: " + FileFailure.reason(e), e);
    }
    return runs;
  }

  /** The names of the runs that diverged, of those that were read. */
  Set<String> diverged() {
    return diverged;
  }

  private boolean hasDiverged(Path folder) {
    Path file = folder.resolve("diverged.json");
    if (!Files.exists(file) || Files.exists(folder.resolve("result.json"))) {
      return false;
    }
    Divergence divergence = Divergence.read(file);
    diverged.add(divergence.run().toString());
    gaps.add(divergence.run() + " is left out: " + divergence.reason());
    return true;
  }

  private @Nullable Run read(Path folder) {
    Path resultFile = folder.resolve("result.json");
    RunResult result = Files.exists(resultFile) ? RunResult.read(resultFile) : null;
    RunName name =
        result == null ? plan.run(folder.getFileName().toString()).orElse(null) : result.run();
    return name == null
        ? null
        : new Run(name, MetricsLog.read(folder.resolve("metrics.jsonl")), result);
  }
}
