package dev.retort.shrink;

import dev.retort.serving.Timing;
import dev.retort.study.ResultNumbers;
import dev.retort.study.ServingTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What candidates cost, as text: the same cells in the terminal and in the model card. */
public final class CandidateTable {
  private CandidateTable() {}

  /** The columns' titles; all but the first and the last are of numbers. */
  public static List<String> titles() {
    return List.of("network", "p50", "p99", "file", "million MACs", "");
  }

  /**
   * A row for the teacher, where it could be timed, and one a candidate.
   *
   * @param tried the networks that are trained
   */
  public static List<List<String>> rows(
      CandidateCosts costs, Budget budget, Collection<String> tried) {
    List<List<String>> rows = new ArrayList<>();
    Candidate ofTeacher = costs.teacher();
    if (ofTeacher != null) {
      rows.add(row(ofTeacher, budget, "the teacher"));
    }
    for (Candidate candidate : costs.candidates()) {
      String remark =
          tried.contains(candidate.network())
              ? "is tried"
              : Shortlist.meets(candidate, budget) ? "meets the limits, is not tried" : "";
      rows.add(row(candidate, budget, remark));
    }
    return rows;
  }

  private static List<String> row(Candidate candidate, Budget budget, String remark) {
    Timing timing = candidate.timing();
    Long macs = candidate.macs();
    return List.of(
        candidate.network(),
        p50(candidate, budget),
        timing == null || candidate.isCutShort()
            ? ResultNumbers.UNDEFINED
            : Quantities.time(timing.p99()),
        Quantities.size(candidate.bytes()),
        macs == null ? ResultNumbers.UNDEFINED : String.format(Locale.ROOT, "%.1f", macs / 1e6),
        remark);
  }

  /** A candidate's median time, or what it is longer than; above the limit, it reads otherwise. */
  public static String p50(Candidate candidate, Budget budget) {
    Timing timing = candidate.timing();
    if (timing == null) {
      return ResultNumbers.UNDEFINED;
    }
    return (candidate.isCutShort() ? "> " : "") + Quantities.time(timing.p50(), budget.p50());
  }

  /** What must be known beside the table, in lines. */
  public static List<String> notes(CandidateCosts costs) {
    List<String> notes = new ArrayList<>();
    if (costs.candidates().stream().anyMatch(Candidate::isCutShort)) {
      notes.add("with >: the quickest of a few calls, each of more than twice the limit");
    }
    String disturbance = ServingTable.disturbance(costs.otherProcesses());
    if (disturbance != null) {
      notes.add(disturbance);
    }
    costs.refused().entrySet().stream()
        .collect(
            Collectors.groupingBy(
                Map.Entry::getValue,
                LinkedHashMap::new,
                Collectors.mapping(Map.Entry::getKey, Collectors.joining(", "))))
        .forEach((reason, networks) -> notes.add("left out: %s (%s)".formatted(networks, reason)));
    return notes;
  }
}
