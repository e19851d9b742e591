package dev.retort.adversary;

import dev.retort.data.Augmentation;
import dev.retort.data.ViewSource;
import dev.retort.data.batch.Batch;
import dev.retort.distill.Pairing;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;

/**
 * A step whose representations a test makes up, in float64. Of the images there are only labels.
 *
 * @param teacher the teacher's representations by name, {@code logits} among them
 * @param student the student's
 * @param secondView the teacher's of another view
 */
@NullUnmarked
record MadeStep(
    Map<String, Tensor> teacher,
    Map<String, Tensor> student,
    Map<String, Tensor> secondView,
    long[] labels,
    long number,
    double progress) {
  static final int CLASSES = 3;
  static final RandomSource RANDOM = RandomSource.of(1, "made step");

  /** The logits of teacher and student, and a second view that equals the first. */
  static MadeStep ofLogits(Tensor teacher, Tensor student, long number) {
    long[] labels = IntStream.range(0, (int) teacher.size(0)).mapToLong(i -> i % CLASSES).toArray();
    return new MadeStep(
        Map.of("logits", teacher),
        Map.of("logits", student),
        Map.of("logits", teacher),
        labels,
        number,
        0.5);
  }

  /** Independent normal numbers. */
  static Tensor normal(String purpose, long number, long... shape) {
    return RANDOM.at(purpose).at(number).normal(ScalarType.Double, shape);
  }

  MadeStep at(double progress) {
    return new MadeStep(teacher, student, secondView, labels, number, progress);
  }

  Step step() {
    int images = labels.length;
    Batch batch =
        new Batch(
            Tensors.of(new double[images], images, 1, 1, 1),
            Tensors.of(labels, images),
            IntStream.range(0, images).toArray(),
            new ViewSource("made", images, "made", Augmentation.NONE),
            number);
    return new Step(
        batch,
        activations(student),
        activations(teacher),
        activations(secondView),
        number,
        progress,
        RANDOM.at("step").at(number));
  }

  /** The two networks that such steps come from. */
  Pairing pairing() {
    return new Pairing(
        shapes(teacher), shapes(student), CLASSES, 1000, ScalarType.Double, RANDOM.at("pairing"));
  }

  private static Activations activations(Map<String, Tensor> tensors) {
    Map<String, Tensor> hidden = new LinkedHashMap<>(tensors);
    Tensor logits = hidden.remove(Activations.LOGITS);
    if (logits == null) {
      throw new IllegalArgumentException("a step has logits");
    }
    return new Activations(logits, hidden);
  }

  private static Map<String, long[]> shapes(Map<String, Tensor> tensors) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          long[] shape = tensor.shape();
          shapes.put(name, java.util.Arrays.copyOfRange(shape, 1, shape.length));
        });
    return shapes;
  }
}
