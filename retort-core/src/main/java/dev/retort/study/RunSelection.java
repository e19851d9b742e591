package dev.retort.study;

import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.system.NearestNames;
import java.util.List;
import java.util.Set;

/**
 * Which runs of a study a process does.
 *
 * @param methods by name; empty for all
 * @param seeds empty for all
 * @param shard this process's share of the runs, from 1
 * @param shards the number of shares
 */
public record RunSelection(Set<String> methods, Set<Long> seeds, int shard, int shards) {
  /** Every run of the study. */
  public static final RunSelection ALL = new RunSelection(Set.of(), Set.of(), 1, 1);

  public RunSelection {
    methods = Set.copyOf(methods);
    seeds = Set.copyOf(seeds);
    if (shards < 1 || shard < 1 || shard > shards) {
      throw new ConfigurationException(
          "a shard is I/N with 1 <= I <= N, such as 2/3, not " + shard + "/" + shards);
    }
  }

  /**
   * The runs to do, in the study's order. Shares are of consecutive runs, so that the runs of one
   * seed, which share the teacher's outputs, mostly fall to one process.
   *
   * @throws ConfigurationException if a method is none of the study's
   */
  public List<RunName> of(StudyConfiguration study) {
    List<String> known = study.methods().stream().map(MethodConfiguration::name).toList();
    for (String method : methods) {
      if (!known.contains(method)) {
        throw new ConfigurationException(
            "the study has no method '%s'; did you mean %s?"
                .formatted(method, String.join(", ", NearestNames.of(method, known))));
      }
    }
    List<RunName> runs =
        study.runs().stream()
            .filter(run -> methods.isEmpty() || methods.contains(run.method()))
            .filter(run -> seeds.isEmpty() || seeds.contains(run.seed()))
            .toList();
    int from = (int) ((long) runs.size() * (shard - 1) / shards);
    int to = (int) ((long) runs.size() * shard / shards);
    return runs.subList(from, to);
  }
}
