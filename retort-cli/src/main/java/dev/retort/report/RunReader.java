package dev.retort.report;

import dev.retort.engine.FileFailure;
import dev.retort.study.Divergence;
import dev.retort.study.MetricsLog;
import dev.retort.study.RunName;
import dev.retort.study.RunResult;
import dev.retort.study.StudyRecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the folders of runs: {@code metrics.jsonl} and {@code result.json} of each. */
final class RunReader {
  private static final Pattern FOLDER = Pattern.compile("(?<grid>.+)-seed(?<seed>-?\\d{1,18})");

  private final List<String> gaps;
  private final Set<String> diverged = new HashSet<>();

  RunReader(List<String> gaps) {
    this.gaps = gaps;
  }

  /**
   * All runs below a folder but those that diverged.
   *
   * @param students names of students, longest first, to take the names of unfinished runs apart
   */
  List<Run> readAll(Path runsFolder, List<String> students) {
    if (!Files.isDirectory(runsFolder)) {
      return List.of();
    }
    List<Run> runs = new ArrayList<>();
    try (Stream<Path> folders = Files.list(runsFolder)) {
      for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
        if (hasDiverged(folder)) {
          continue;
        }
        Run run = read(folder, students);
        if (run == null) {
          gaps.add(
              "The folder runs/%s was left out: it has no result.json and is not named after a run."
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

  private static @Nullable Run read(Path folder, List<String> students) {
    Path resultFile = folder.resolve("result.json");
    RunResult result = Files.exists(resultFile) ? RunResult.read(resultFile) : null;
    RunName name = result == null ? name(folder.getFileName().toString(), students) : result.run();
    return name == null
        ? null
        : new Run(name, MetricsLog.read(folder.resolve("metrics.jsonl")), result);
  }

  private static @Nullable RunName name(String folder, List<String> students) {
    Matcher matcher = FOLDER.matcher(folder);
    if (!matcher.matches()) {
      return null;
    }
    String grid = matcher.group("grid");
    int hyphen = grid.indexOf('-');
    String student =
        students.stream()
            .filter(s -> grid.startsWith(s + "-"))
            .findFirst()
            .orElse(hyphen < 0 ? grid : grid.substring(0, hyphen));
    String method = grid.substring(Math.min(grid.length(), student.length() + 1));
    return new RunName(student, method, Long.parseLong(matcher.group("seed")));
  }
}
