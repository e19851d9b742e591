package dev.retort.adversary;

import dev.retort.distill.LayerPair;
import dev.retort.distill.Pairing;
import dev.retort.distill.Step;
import dev.retort.network.Activations;
import dev.retort.network.State;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An embedding as the teacher's classifier reads it: on the teacher's side its logits W h_t + b, on
 * the student's side what the same frozen W and b make of the student's embedding behind its
 * connector. A discriminator of it has the teacher's last layer as its first, and asks of the
 * student an embedding that means to the teacher what its own does (with a regression in the place
 * of D: Yang et al. 2021, section 3.2).
 */
final class TeacherClassifier implements Representation {
  /** The name in a configuration's {@code on}. */
  static final String NAME = "teacher-classifier";

  private final Representation embedding;
  private final UnaryOperator<Tensor> classifier;
  private final int classes;

  /**
   * The classifier of one pair of networks.
   *
   * @param studentLayer what the student's connector reads
   * @throws IllegalArgumentException if the teacher's classifier is not at hand, or the student
   *     lacks the layer
   */
  TeacherClassifier(String studentLayer, Pairing pairing) {
    UnaryOperator<Tensor> ofTeacher = pairing.teacherClassifier();
    if (ofTeacher == null) {
      throw new IllegalArgumentException(
          """
          %s needs the teacher's classifier, which is not at hand: it is not a network of \
          Retort's, without keys of a view, whose logits depend on its embedding alone"""
              .formatted(NAME));
    }
    this.classifier = ofTeacher;
    this.embedding =
        new ActivationRepresentation(new LayerPair(Activations.EMBEDDING, studentLayer), pairing);
    this.classes = pairing.classes();
  }

  /** Whether an entry of {@code on} means it. */
  static boolean isMeant(LayerPair layers) {
    return layers.teacher().equals(NAME);
  }

  /** The student's layer that such an entry names. */
  static String studentLayer(LayerPair layers) {
    return layers.student().equals(NAME) ? Activations.EMBEDDING : layers.student();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public long[] shape() {
    return new long[] {classes};
  }

  @Override
  public Tensor teacher(Step step) {
    return classifier.apply(embedding.teacher(step));
  }

  @Override
  public Tensor student(Step step) {
    return classifier.apply(embedding.student(step));
  }

  @Override
  public Tensor partner(Step step) {
    return classifier.apply(embedding.partner(step));
  }

  @Override
  public List<Tensor> balancedAt(Step step) {
    return embedding.balancedAt(step);
  }

  @Override
  public Set<String> studentTaps() {
    return embedding.studentTaps();
  }

  @Override
  public Set<String> teacherTaps() {
    return embedding.teacherTaps();
  }

  @Override
  public @Nullable State connector() {
    return embedding.connector();
  }
}
