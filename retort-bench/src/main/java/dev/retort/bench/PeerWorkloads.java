package dev.retort.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What a peer does in the comparison: the same as Retort, with the teacher in the loop. */
final class PeerWorkloads {
  private final Map<String, PeerSteps> methods = new LinkedHashMap<>();
  private final PeerSteps bundled;
  private final PeerSteps student;
  private final PeerSteps bare;
  private final PeerSteps evaluation;

  /**
   * @param bundledTeacher the name of the bundled teacher's network
   */
  PeerWorkloads(Peer peer, String bundledTeacher) {
    for (String method : PeerComparison.METHODS) {
      methods.put(method, steps(peer, method, PeerComparison.TEACHER, PeerComparison.STUDENT));
    }
    bundled = steps(peer, PeerComparison.HINTON, bundledTeacher, PeerComparison.BUNDLED_STUDENT);
    student = alone(peer, "student");
    bare = alone(peer, "bare");
    evaluation = alone(peer, "evaluate");
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

  /** Hinton's method on the bundled pair. */
  PeerSteps bundled() {
    return bundled;
  }

  /** The student's step alone, on a batch in memory. */
  PeerSteps student() {
    return student;
  }

  /** The same in a bare loop of PyTorch. */
  PeerSteps bare() {
    return bare;
  }

  /** A batch of validation images. */
  PeerSteps evaluation() {
    return evaluation;
  }

  /** What a study costs: the teacher at every step. */
  StudyCost cost(Measured measured) {
    Map<String, Double> steps = new LinkedHashMap<>();
    methods.forEach((name, workload) -> steps.put(name, measured.time(workload).value()));
    return new StudyCost(steps, measured.time(evaluation).value() / Classification.IMAGES, 0);
  }
}
