package dev.retort.adversary;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What D learns from in one step.
 *
 * @param real the teacher's representations
 * @param fakes what is to be told from them; the student's of the same images come first
 */
record Evidence(Samples real, List<Fakes> fakes) {

  /**
   * Representations that D shall not take for the teacher's of that image.
   *
   * @param samples each with the condition under which it is judged
   * @param against the rows of {@link Evidence#real} that they are set against one by one, 64-bit
   *     integers; null for all rows in their order
   */
  record Fakes(Samples samples, @Nullable Tensor against) {}

  /** The teacher's and the student's representations of the same images. */
  static Evidence of(Samples teacher, Samples student) {
    return new Evidence(teacher, List.of(new Fakes(student, null)));
  }

  /** The student's representations of this step. */
  Samples student() {
    return fakes.get(0).samples();
  }

  /** The same, with the teacher's and the student's to be differentiated with respect to. */
  Evidence differentiable() {
    List<Fakes> changed = new ArrayList<>(fakes);
    changed.set(0, new Fakes(student().differentiable(), fakes.get(0).against()));
    return new Evidence(real.differentiable(), changed);
  }

  /** All rows: the teacher's, then the fakes in order. */
  Samples all() {
    Samples all = real;
    for (Fakes group : fakes) {
      all = all.and(group.samples());
    }
    return all;
  }
}
