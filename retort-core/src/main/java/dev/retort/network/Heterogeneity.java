package dev.retort.network;

import java.util.List;
import java.util.Locale;

/**
 * How a teacher and a student differ by the talk's definition: two models are heterogeneous if the
 * number of hidden layers, or the number of neurons in them, differs.
 *
 * @param teacherNeurons the number of neurons in each of the teacher's hidden layers, in order
 * @param studentNeurons the student's
 */
public record Heterogeneity(List<Long> teacherNeurons, List<Long> studentNeurons) {
  /** Whether the number of hidden layers differs. */
  boolean inLayers() {
    return teacherNeurons.size() != studentNeurons.size();
  }

  /** Whether the number of neurons in the hidden layers differs. */
  boolean inNeurons() {
    return !teacherNeurons.equals(studentNeurons);
  }

  /** The sentence for the reader of a summary. */
  @Override
  public String toString() {
    String what;
    if (inLayers()) {
      what = "heterogeneous in the number of hidden layers and of neurons in them";
    } else if (inNeurons()) {
      what = "heterogeneous in the number of neurons in the hidden layers";
    } else {
      what = "not heterogeneous";
    }
    return String.format(
        Locale.ROOT,
        "%s: the teacher has %,d hidden layers with %,d neurons, the student %,d with %,d",
        what,
        teacherNeurons.size(),
        sum(teacherNeurons),
        studentNeurons.size(),
        sum(studentNeurons));
  }

  private static long sum(List<Long> widths) {
    return widths.stream().mapToLong(Long::longValue).sum();
  }
}
