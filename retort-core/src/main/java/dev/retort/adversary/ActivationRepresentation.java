package dev.retort.adversary;

import dev.retort.distill.LayerPair;
import dev.retort.distill.Pairing;
import dev.retort.distill.Step;
import dev.retort.network.State;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A hidden representation of each image: the logits, the embedding, a stage's map or any named
 * layer. Where the student's is narrower or wider than the teacher's, a linear connector (a 1×1
 * convolution for maps) brings it to the teacher's width; where maps differ in size, the larger is
 * pooled to the smaller.
 */
final class ActivationRepresentation implements Representation {
  private final LayerPair layers;
  private final long[] shape;
  private final @Nullable State connector;

  /**
   * A representation of one pair of networks.
   *
   * @throws IllegalArgumentException if a network lacks the layer, or a vector would have to match
   *     a map
   */
  ActivationRepresentation(LayerPair layers, Pairing pairing) {
    this.layers = layers;
    this.shape = shape(layers, pairing);
    long in = pairing.studentShape(layers.student())[0];
    this.connector = in == shape[0] ? null : connector(in, shape[0], pairing);
  }

  /**
   * What a discriminator reads of an image before it is encoded: the teacher's vector, or its map
   * at the smaller one's size.
   *
   * @throws IllegalArgumentException if a network lacks the layer, or a vector would have to match
   *     a map
   */
  static long[] shape(LayerPair layers, Pairing pairing) {
    long[] teacher = pairing.teacherShape(layers.teacher());
    long[] student = pairing.studentShape(layers.student());
    if (teacher.length != student.length || (teacher.length != 1 && teacher.length != 3)) {
      throw new IllegalArgumentException(
          """
          a discriminator cannot read the teacher's '%s' %s against the student's '%s' %s: both \
          must be vectors, or both maps"""
              .formatted(
                  layers.teacher(),
                  Arrays.toString(teacher),
                  layers.student(),
                  Arrays.toString(student)));
    }
    for (int i = 1; i < teacher.length; i++) {
      teacher[i] = Math.min(teacher[i], student[i]);
    }
    return teacher;
  }

  private State connector(long in, long out, Pairing pairing) {
    State state = pairing.state(pairing.random().at("connector").at(name()));
    state.weight("weight", out, in);
    return state;
  }

  @Override
  public String name() {
    return layers.toString();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public Tensor teacher(Step step) {
    return pooled(step.teacher().get(layers.teacher()));
  }

  @Override
  public Tensor student(Step step) {
    return pooled(connected(step.student().get(layers.student())));
  }

  @Override
  public Tensor partner(Step step) {
    return pooled(step.secondView().get(layers.teacher()));
  }

  @Override
  public List<Tensor> balancedAt(Step step) {
    return List.of(step.student().get(layers.student()));
  }

  private Tensor pooled(Tensor representation) {
    return pooled(representation, shape);
  }

  /**
   * A map that is larger than {@code shape}, {@code {C, H, W}}, pooled to it; others as they are.
   */
  static Tensor pooled(Tensor representation, long[] shape) {
    if (shape.length == 1
        || (representation.size(2) == shape[1] && representation.size(3) == shape[2])) {
      return representation;
    }
    return torch.adaptive_avg_pool2d(representation, shape[1], shape[2]);
  }

  private Tensor connected(Tensor representation) {
    if (connector == null) {
      return representation;
    }
    Tensor weight = Objects.requireNonNull(connector.parameters().get("weight"));
    return shape.length == 1
        ? torch.linear(representation, weight)
        : torch.conv2d(representation, weight.unsqueeze(2).unsqueeze(3));
  }

  @Override
  public Set<String> studentTaps() {
    return Set.of(layers.student());
  }

  @Override
  public Set<String> teacherTaps() {
    return Set.of(layers.teacher());
  }

  @Override
  public @Nullable State connector() {
    return connector;
  }
}
