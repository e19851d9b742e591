package dev.retort.report;

import dev.retort.study.Trial;
import dev.retort.study.Tuning;
import java.util.List;
import java.util.Objects;

/**
 * A search and its trials.
 *
 * @param done whether it has come to its end; before, a trial without an accuracy may be one that
 *     is not done
 */
record TuningResults(Tuning tuning, List<Trial> trials, boolean done) {
  List<String> methods() {
    return List.copyOf(tuning.search().settings().keySet());
  }

  List<Trial> of(String method) {
    return trials.stream().filter(trial -> trial.method().equals(method)).toList();
  }

  List<Trial> chosen() {
    return trials.stream().filter(Trial::chosen).toList();
  }

  /** The accuracies from the search's seeds, of the trials that have one. */
  List<Double> accuracies() {
    return trials.stream().map(Trial::searchAccuracy).filter(Objects::nonNull).toList();
  }

  MethodStyle style(String method) {
    return MethodStyle.of(method, methods());
  }

  String student() {
    return tuning.search().study().students().get(0).name();
  }

  String data() {
    return tuning.search().study().data().source().toString();
  }
}
