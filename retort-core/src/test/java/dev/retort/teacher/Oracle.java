package dev.retort.teacher;

import dev.retort.data.Augmentation;
import dev.retort.data.ViewSource;
import dev.retort.data.batch.Batch;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.system.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Says of every view of every image something else, and counts how often it is asked. */
class Oracle implements Teacher {
  static final int IMAGES = 24;
  static final int BATCH = 8;
  private static final ViewSource SOURCE =
      new ViewSource(
          Sha256.of("views".getBytes(StandardCharsets.UTF_8)), IMAGES, "made", Augmentation.NONE);
  static final Map<String, long[]> SHAPES =
      Map.of("logits", new long[] {3}, "embedding", new long[] {5}, "map", new long[] {2, 4, 3});
  static final Set<String> TAPS = Set.of("embedding", "map");

  int images;

  @Override
  public String name() {
    return "oracle";
  }

  @Override
  public String digest() {
    return "of the oracle";
  }

  @Override
  public Map<String, long[]> shapes() {
    return SHAPES;
  }

  @Override
  public Activations activations(Batch batch, Set<String> taps) {
    images += batch.size();
    Map<String, Tensor> hidden = new LinkedHashMap<>();
    for (String tap : taps) {
      hidden.put(tap, said(tap, batch));
    }
    return new Activations(said("logits", batch), hidden);
  }

  static Tensor said(String tap, Batch batch) {
    TensorVector rows = new TensorVector();
    for (int sample : batch.samples()) {
      RandomSource random = RandomSource.of(7, tap).at(batch.view()).at(sample);
      rows.push_back(
          random
              .normal(ScalarType.Float, Objects.requireNonNull(SHAPES.get(tap)))
              .mul(new Scalar(3)));
    }
    return torch.stack(rows);
  }

  static List<int[]> inOrder() {
    return IntStream.range(0, IMAGES / BATCH)
        .mapToObj(b -> IntStream.range(b * BATCH, (b + 1) * BATCH).toArray())
        .toList();
  }

  static Batch batch(int[] samples, long view) {
    long n = samples.length;
    Tensor images = torch.zeros(n, 1, 1, 1);
    return new Batch(images, Tensors.of(new long[samples.length], n), samples, SOURCE, view);
  }

  static String answers(
      Teacher teacher, TeacherCache cache, Precision precision, List<int[]> batches) {
    return answers(teacher, cache, precision, batches, 0);
  }

  /** The digest of all bits that a new teacher with that cache hands out. */
  static String answers(
      Teacher teacher, TeacherCache cache, Precision precision, List<int[]> batches, long view) {
    Sha256 digest = new Sha256();
    try (CachedTeacher cached = new CachedTeacher(teacher, TAPS, precision, cache)) {
      for (int[] samples : batches) {
        try (TensorScope scope = TensorScope.open()) {
          Activations said = cached.activations(batch(samples, view), TAPS);
          for (String tap : new String[] {"logits", "embedding", "map"}) {
            digest.text(Long.toString(said.get(tap).stride(1)));
            digest.bytes(Tensors.bytes(said.get(tap).contiguous()));
          }
        }
      }
    }
    return digest.hex();
  }
}
