package dev.retort.adversary;

import dev.retort.distill.Pairing;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
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
  private final String name;
  private final String teacherLayer;
  private final String studentLayer;
  private final Encoding encoding;
  private final Distribution distribution;
  private final long[] shape;
  private final @Nullable State connector;

  /**
   * A representation of one pair of networks.
   *
   * @throws IllegalArgumentException if a network lacks the layer, or a vector would have to match
   *     a map
   */
  ActivationRepresentation(
      String teacherLayer,
      String studentLayer,
      Encoding encoding,
      Distribution distribution,
      Pairing pairing) {
    this.name =
        teacherLayer.equals(studentLayer) ? teacherLayer : teacherLayer + "/" + studentLayer;
    this.teacherLayer = teacherLayer;
    this.studentLayer = studentLayer;
    this.encoding = encoding;
    this.distribution = distribution;
    long[] teacher = pairing.teacherShape(teacherLayer);
    long[] student = pairing.studentShape(studentLayer);
    if (teacher.length != student.length || (teacher.length != 1 && teacher.length != 3)) {
      throw new IllegalArgumentException(
          """
          a discriminator cannot read the teacher's '%s' %s against the student's '%s' %s: both \
          must be vectors, or both maps"""
              .formatted(
                  teacherLayer, Arrays.toString(teacher), studentLayer, Arrays.toString(student)));
    }
    this.shape = teacher;
    for (int i = 1; i < shape.length; i++) {
      shape[i] = Math.min(teacher[i], student[i]);
    }
    this.connector = teacher[0] == student[0] ? null : connector(student[0], teacher[0], pairing);
  }

  private State connector(long in, long out, Pairing pairing) {
    State state = pairing.state(pairing.random().at("connector").at(name));
    state.weight("weight", out, in);
    return state;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public boolean isRaw() {
    return encoding instanceof Encoding.Raw
        && distribution instanceof Distribution.Deterministic
        && connector == null;
  }

  @Override
  public boolean isIndependentOfBatch() {
    return distribution instanceof Distribution.Deterministic;
  }

  @Override
  public Tensor teacher(Step step) {
    Tensor encoded = encoding.encode(pooled(step.teacher().get(teacherLayer)));
    return distribution.sample(encoded, noise(step, "teacher"), step.progress()).detach();
  }

  @Override
  public Tensor student(Step step) {
    Tensor encoded = encoding.encode(pooled(connected(step.student().get(studentLayer))));
    return distribution.sample(encoded, noise(step, "student"), step.progress());
  }

  @Override
  public Tensor partner(Step step) {
    return encoding.encode(pooled(step.secondView().get(teacherLayer))).detach();
  }

  @Override
  public List<Tensor> balancedAt(Step step) {
    return List.of(step.student().get(studentLayer));
  }

  private RandomSource noise(Step step, String side) {
    return step.random().at("instance noise").at(name).at(side);
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
    return Set.of(studentLayer);
  }

  @Override
  public Set<String> teacherTaps() {
    return Set.of(teacherLayer);
  }

  @Override
  public @Nullable State connector() {
    return connector;
  }
}
