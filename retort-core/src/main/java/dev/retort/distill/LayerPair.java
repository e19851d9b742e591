package dev.retort.distill;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.network.Activations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer of the teacher and the layer of the student that is compared with it. YAML: {@code
 * stage:3} where both have the same name, else {@code {teacher: LAYER, student: LAYER}}.
 *
 * @param teacher the name of a representation, as in {@link dev.retort.network.Activations#get}
 * @param student likewise
 */
public record LayerPair(
    @JsonProperty(required = true) String teacher, @JsonProperty(required = true) String student) {
  @JsonCreator
  public LayerPair {
    if (teacher == null || student == null || teacher.isBlank() || student.isBlank()) {
      throw new IllegalArgumentException(
          "a pair of layers is a name, or {teacher: LAYER, student: LAYER}");
    }
  }

  /** The layer of that name in both networks. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static LayerPair of(String layer) {
    return new LayerPair(layer, layer);
  }

  /**
   * Checks that both networks have it.
   *
   * @throws IllegalArgumentException if not, with the names that they have
   */
  public void requireIn(Pairing pairing) {
    pairing.teacherShape(teacher);
    pairing.studentShape(student);
  }

  /**
   * The stages of both networks, paired by number from the first; where one network has more of
   * them, its last ones stay without a partner. Public code leaves out the first of VGG's five.
   *
   * @throws IllegalArgumentException if one of the networks has no {@code stage:1}
   */
  public static List<LayerPair> stages(Pairing pairing) {
    List<LayerPair> pairs = new ArrayList<>();
    LayerPair next = of(Activations.stage(1));
    next.requireIn(pairing);
    while (next.isIn(pairing)) {
      pairs.add(next);
      next = of(Activations.stage(pairs.size() + 1));
    }
    return pairs;
  }

  private boolean isIn(Pairing pairing) {
    return pairing.teacherShapes().containsKey(teacher)
        && pairing.studentShapes().containsKey(student);
  }

  /**
   * Checks that both networks have it and that both layers are feature maps, {@code [C, H, W]} an
   * image.
   *
   * @throws IllegalArgumentException if not
   */
  public void requireMaps(Pairing pairing) {
    require(pairing, shape -> shape.length == 3, "a feature map");
  }

  /**
   * Checks that both networks have it and that both layers are vectors, {@code [d]} an image.
   *
   * @throws IllegalArgumentException if not
   */
  public void requireVectors(Pairing pairing) {
    require(pairing, shape -> shape.length == 1, "a vector");
  }

  /**
   * Checks that both networks have it and that each layer is a feature map or a vector.
   *
   * @throws IllegalArgumentException if not
   */
  public void requireMapsOrVectors(Pairing pairing) {
    require(pairing, shape -> shape.length == 3 || shape.length == 1, "a feature map or a vector");
  }

  private void require(Pairing pairing, Predicate<long[]> holds, String kind) {
    require("teacher", teacher, pairing.teacherShape(teacher), holds, kind);
    require("student", student, pairing.studentShape(student), holds, kind);
  }

  private static void require(
      String whose, String layer, long[] shape, Predicate<long[]> holds, String kind) {
    if (!holds.test(shape)) {
      throw new IllegalArgumentException(
          "the %s's '%s' must be %s, but its shape is %s an image; name another layer"
              .formatted(whose, layer, kind, Arrays.toString(shape)));
    }
  }

  /** The teacher's layers of these pairs. */
  static Set<String> ofTeacher(List<LayerPair> pairs) {
    return pairs.stream().map(LayerPair::teacher).collect(Collectors.toUnmodifiableSet());
  }

  /** The student's layers of these pairs. */
  static Set<String> ofStudent(List<LayerPair> pairs) {
    return pairs.stream().map(LayerPair::student).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * The sum over these pairs of a loss of the student's and the teacher's layer, in that order.
   *
   * @param pairs at least one
   */
  static Tensor sum(List<LayerPair> pairs, Step step, BinaryOperator<Tensor> loss) {
    return pairs.stream()
        .map(
            pair ->
                loss.apply(step.student().get(pair.student()), step.teacher().get(pair.teacher())))
        .reduce(Tensor::add)
        .orElseThrow();
  }

  /** The one name, or both with a slash between them, the teacher's first. */
  @Override
  public String toString() {
    return teacher.equals(student) ? teacher : teacher + "/" + student;
  }
}
