package dev.retort.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a peer does in the comparison: the same as Retort, with the teacher in the loop.
 *
 * @param methods by name
 * @param bundled Hinton's method on the bundled pair
 * @param student the student's step alone, on a batch in memory
 * @param bare the same in a bare loop of PyTorch
 * @param evaluation a batch of validation images
 */
record PeerWorkloads(
    Map<String, PeerSteps> methods,
    PeerSteps bundled,
    PeerSteps student,
    PeerSteps bare,
    PeerSteps evaluation) {

  /**
   * Those of a peer.
   *
   * @param bundledTeacher the name of the bundled teacher's network
   */
  static PeerWorkloads of(Peer peer, String bundledTeacher) {
    Map<String, PeerSteps> methods = new LinkedHashMap<>();
    for (String method : PeerComparison.METHODS) {
      methods.put(method, steps(peer, method, PeerComparison.TEACHER, PeerComparison.STUDENT));
    }
    return new PeerWorkloads(
        methods,
        steps(peer, PeerComparison.HINTON, bundledTeacher, PeerComparison.BUNDLED_STUDENT),
        alone(peer, "student"),
        alone(peer, "bare"),
        alone(peer, "evaluate"));
  }

  private static PeerSteps steps(Peer peer, String method, String teacher, String student) {
    return new PeerSteps(
        peer,
        method + ", " + teacher + " in the loop",
        Map.of(
            "work",
            "steps",
            "method",
            method,
            "teacher",
            teacher,
            "student",
            student,
            "images",
            BenchmarkData.STEPS_AN_EPOCH * BenchmarkData.BATCH_SIZE));
  }

  private static PeerSteps alone(Peer peer, String work) {
    return new PeerSteps(peer, work, Map.of("work", work, "student", PeerComparison.STUDENT));
  }

  /** A method. */
  PeerSteps method(String name) {
    return Objects.requireNonNull(methods.get(name), name);
  }

  /** What a study costs: the teacher at every step. */
  StudyCost cost(Measured measured) {
    Map<String, Double> steps = new LinkedHashMap<>();
    methods.forEach((name, workload) -> steps.put(name, measured.time(workload).value()));
    return new StudyCost(steps, measured.time(evaluation).value() / Classification.IMAGES, 0);
  }
}
