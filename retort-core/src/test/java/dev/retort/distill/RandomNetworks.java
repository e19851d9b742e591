package dev.retort.distill;

import dev.retort.data.Augmentation;
import dev.retort.data.ViewSource;
import dev.retort.data.batch.Batch;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A teacher and a student whose representations are random numbers, for tests of what an objective
 * does with a step.
 *
 * @param teacher the shapes of the teacher's representations, without the batch dimension
 * @param student the student's
 */
record RandomNetworks(Map<String, long[]> teacher, Map<String, long[]> student) {
  static final int CLASSES = 3;
  private static final RandomSource RANDOM = RandomSource.of(1, "random networks");

  Pairing pairing(int trainingImages) {
    return new Pairing(
        teacher, student, CLASSES, trainingImages, ScalarType.Double, RANDOM.at("pairing"));
  }

  /** A step on the images of those indices with those labels. */
  Step step(long number, double progress, int[] samples, long... labels) {
    RandomSource random = RANDOM.at("step").at(number);
    Tensor images = Tensors.of(new double[samples.length], samples.length, 1, 1, 1);
    return new Step(
        new Batch(
            images,
            Tensors.of(labels, labels.length),
            samples,
            new ViewSource("random", 1000, "random", Augmentation.NONE),
            number),
        activations(student, samples.length, random.at("student"), true),
        activations(teacher, samples.length, random.at("teacher"), false),
        null,
        number,
        progress,
        random.at("objective"));
  }

  private static Activations activations(
      Map<String, long[]> shapes, int images, RandomSource random, boolean withGradient) {
    Map<String, Tensor> hidden = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> hidden.put(name, normal(random.at(name), images, shape)));
    Tensor logits = normal(random.at("logits"), images, CLASSES);
    return new Activations(logits, hidden).map(tensor -> tensor.set_requires_grad(withGradient));
  }

  private static Tensor normal(RandomSource random, int images, long... shape) {
    long[] batched = new long[shape.length + 1];
    batched[0] = images;
    System.arraycopy(shape, 0, batched, 1, shape.length);
    return random.normal(ScalarType.Double, batched);
  }
}
