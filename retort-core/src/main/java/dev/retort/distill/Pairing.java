package dev.retort.distill;

import dev.retort.engine.Device;
import dev.retort.engine.RandomSource;
import dev.retort.network.State;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The two networks as an objective must know them before the first step.
 *
 * @param teacherShapes of every representation of the teacher, by name, without the batch
 *     dimension, in the order in which they are computed: {@code logits} is {@code {classes}},
 *     {@code embedding} {@code {d}}, {@code stage:1} {@code {C, H, W}}
 * @param studentShapes the student's, likewise
 * @param classes the number of classes
 * @param trainingImages the number of training images: indices into memory banks
 * @param type of the student's parameters
 * @param device where both networks' representations are, and what objectives learn and remember
 * @param random where initial values of connectors come from
 * @param teacherState the teacher's parameters, live; null if it is not a network of ours
 * @param studentState the student's parameters, live; null if no objective may read them
 * @param teacherClassifier what the teacher's last layer makes of an embedding {@code [N, d]}:
 *     logits, differentiable in it; null if that is not at hand
 */
public record Pairing(
    Map<String, long[]> teacherShapes,
    Map<String, long[]> studentShapes,
    int classes,
    int trainingImages,
    ScalarType type,
    Device device,
    RandomSource random,
    @Nullable State teacherState,
    @Nullable State studentState,
    @Nullable UnaryOperator<Tensor> teacherClassifier) {

  /** Two networks whose parameters no objective may read, only what they compute. */
  public Pairing(
      Map<String, long[]> teacherShapes,
      Map<String, long[]> studentShapes,
      int classes,
      int trainingImages,
      ScalarType type,
      RandomSource random) {
    this(teacherShapes, studentShapes, classes, trainingImages, type, random, null, null);
  }

  /** Two networks of which no objective may ask the teacher's last layer. */
  public Pairing(
      Map<String, long[]> teacherShapes,
      Map<String, long[]> studentShapes,
      int classes,
      int trainingImages,
      ScalarType type,
      RandomSource random,
      @Nullable State teacherState,
      @Nullable State studentState) {
    this(
        teacherShapes,
        studentShapes,
        classes,
        trainingImages,
        type,
        Device.CPU,
        random,
        teacherState,
        studentState,
        null);
  }

  /** An empty state for what an objective learns or remembers: of that type, on that device. */
  public State state(RandomSource source) {
    return new State(type, device, source);
  }

  /**
   * The shape of a representation of the teacher, without the batch dimension.
   *
   * @throws IllegalArgumentException if it has none of that name, with the names that it has
   */
  public long[] teacherShape(String layer) {
    return shape("teacher", teacherShapes, layer);
  }

  /**
   * The shape of a representation of the student, without the batch dimension.
   *
   * @throws IllegalArgumentException if it has none of that name, with the names that it has
   */
  public long[] studentShape(String layer) {
    return shape("student", studentShapes, layer);
  }

  private static long[] shape(String whose, Map<String, long[]> shapes, String layer) {
    long[] shape = shapes.get(layer);
    if (shape == null) {
      throw new IllegalArgumentException(
          "the "
              + whose
              + " has no layer '"
              + layer
              + "'; it has "
              + new TreeSet<>(shapes.keySet()));
    }
    return shape.clone();
  }
}
