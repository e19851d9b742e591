package dev.retort.adversary;

import dev.retort.distill.LayerPair;
import dev.retort.distill.Pairing;
import dev.retort.network.Activations;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A representation of both networks while a {@link Probe} gathers it, batch by batch. */
final class ProbedLayer {
  private final LayerPair layers;
  private final Encoding encoding;
  private final long[] shape;
  private final @Nullable LeastSquaresConnector connector;
  private final Tensor teacher;
  private final Tensor student;
  private final Tensor partners;
  private @Nullable Tensor solution;

  /**
   * A representation of which nothing has been seen.
   *
   * @param images how many will be kept
   * @param pairs whether the teacher's of another view are kept too
   * @throws IllegalArgumentException if a network lacks the layer, or a vector would have to match
   *     a map
   */
  ProbedLayer(LayerPair layers, Encoding encoding, Pairing pairing, int images, boolean pairs) {
    this.layers = layers;
    this.encoding = encoding;
    this.shape = ActivationRepresentation.shape(layers, pairing);
    this.connector =
        needsFit(layers)
            ? new LeastSquaresConnector(pairing.studentShape(layers.student())[0], shape[0])
            : null;
    long[] all = new long[shape.length + 1];
    System.arraycopy(shape, 0, all, 1, shape.length);
    all[0] = images;
    TensorOptions type = new TensorOptions(ScalarType.Float);
    this.teacher = torch.zeros(all, type);
    this.student = torch.zeros(all, type);
    all[0] = pairs ? images : 0;
    this.partners = torch.zeros(all, type);
  }

  /** The shape of one encoded representation. */
  long[] shape() {
    return shape.clone();
  }

  /** Logits have the classes' order in common; other representations have no order. */
  static boolean needsFit(LayerPair layers) {
    return !layers.equals(LayerPair.of(Activations.LOGITS));
  }

  /** Whether a connector must be fitted before anything is kept. */
  boolean needsFit() {
    return connector != null;
  }

  /** Shows the connector, which must be there, a batch of training images. */
  void fit(Activations ofTeacher, Activations ofStudent) {
    require(connector)
        .add(pooled(ofStudent, layers.student()), pooled(ofTeacher, layers.teacher()));
  }

  /** Ends the fitting. */
  void fitted() {
    solution = require(connector).solution();
  }

  /**
   * Keeps a batch of held-out images.
   *
   * @param first the number of its first image
   * @param secondView the teacher's of another view; null where pairs are not asked for
   */
  void keep(
      long first, Activations ofTeacher, Activations ofStudent, @Nullable Activations secondView) {
    copy(teacher, first, encoding.encode(pooled(ofTeacher, layers.teacher())));
    Tensor read = pooled(ofStudent, layers.student());
    Tensor fitted = solution;
    copy(
        student,
        first,
        encoding.encode(fitted == null ? read : LeastSquaresConnector.connect(read, fitted)));
    if (secondView != null) {
      copy(partners, first, encoding.encode(pooled(secondView, layers.teacher())));
    }
  }

  private static void copy(Tensor all, long first, Tensor batch) {
    all.narrow(0, first, batch.size(0)).copy_(batch);
  }

  private Tensor pooled(Activations activations, String layer) {
    return ActivationRepresentation.pooled(activations.get(layer), shape);
  }

  /** The teacher's of all images, with what a D may be told. */
  Samples teacher(Tensor labels) {
    return new Samples(teacher, condition(labels));
  }

  /** The student's. */
  Samples student(Tensor labels) {
    return new Samples(student, condition(labels));
  }

  private Condition condition(Tensor labels) {
    return new Condition(labels, partners.size(0) == 0 ? null : partners);
  }

  private static LeastSquaresConnector require(@Nullable LeastSquaresConnector connector) {
    if (connector == null) {
      throw new IllegalStateException("logits need no connector");
    }
    return connector;
  }
}
