package dev.retort.teacher;

import dev.retort.data.Batch;
import dev.retort.data.ViewSource;
import dev.retort.engine.GradientMode;
import dev.retort.engine.TensorOwner;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.State;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what a teacher said of each view of each image, in memory: logits in fp32, other
 * representations in fp16. It is keyed by the views' source, the view and the image, never by a
 * position in a batch, so every method and seed that sees a view again pays nothing for it. What is
 * handed out has always gone through the memory's format: it does not matter whether it was found
 * or computed.
 */
public final class CachedTeacher implements Teacher, AutoCloseable {
  private static final double LARGEST_HALF = 65504;

  private final Teacher teacher;
  private final Set<String> taps;
  private final Map<Key, Page> pages = new HashMap<>();

  /**
   * A memory of some representations.
   *
   * @param taps every representation that will be asked for, beside the logits
   */
  public CachedTeacher(Teacher teacher, Set<String> taps) {
    this.teacher = teacher;
    this.taps = Set.copyOf(taps);
  }

  private record Key(ViewSource source, long view) {}

  @Override
  public String name() {
    return teacher.name();
  }

  @Override
  public String digest() {
    return teacher.digest();
  }

  @Override
  public Map<String, long[]> shapes() {
    return teacher.shapes();
  }

  @Override
  public @Nullable State state() {
    return teacher.state();
  }

  @Override
  public Activations activations(Batch batch, Set<String> wanted) {
    try (GradientMode off = GradientMode.off()) {
      Page page =
          pages.computeIfAbsent(
              new Key(batch.source(), batch.view()), key -> new Page(key.source().images()));
      long[] samples = new long[batch.size()];
      boolean known = true;
      for (int i = 0; i < samples.length; i++) {
        samples[i] = batch.samples()[i];
        known &= page.known.get(batch.samples()[i]);
      }
      Tensor rows = Tensors.of(samples, samples.length);
      if (!known) {
        page.put(rows, teacher.activations(batch, taps));
        for (int sample : batch.samples()) {
          page.known.set(sample);
        }
      }
      return page.get(rows, wanted, batch.images().scalar_type());
    }
  }

  /** Frees the memory. */
  @Override
  public void close() {
    pages.values().forEach(page -> page.owner.close());
    pages.clear();
  }

  /** One view of all images. */
  private final class Page {
    private final TensorOwner owner = new TensorOwner();
    private final BitSet known = new BitSet();
    private final Map<String, Tensor> values = new LinkedHashMap<>();

    Page(int images) {
      allocate(Activations.LOGITS, images, ScalarType.Float);
      taps.stream()
          .filter(tap -> !tap.equals(Activations.LOGITS))
          .forEach(tap -> allocate(tap, images, ScalarType.Half));
    }

    private void allocate(String name, int images, ScalarType type) {
      long[] shape = teacher.shapes().get(name);
      if (shape == null) {
        throw new IllegalArgumentException(
            "the teacher " + name() + " has no representation '" + name + "'");
      }
      long[] all = new long[shape.length + 1];
      all[0] = images;
      System.arraycopy(shape, 0, all, 1, shape.length);
      values.put(name, owner.own(() -> torch.zeros(all, new TensorOptions(type))));
    }

    void put(Tensor rows, Activations computed) {
      values.forEach(
          (name, store) -> {
            Tensor value = computed.get(name);
            if (store.scalar_type() == ScalarType.Half) {
              ScalarOptional bound = new ScalarOptional(new Scalar(LARGEST_HALF));
              ScalarOptional lower = new ScalarOptional(new Scalar(-LARGEST_HALF));
              value = value.clamp(lower, bound);
            }
            store.index_copy_(0, rows, value.to(store.scalar_type()));
          });
    }

    Activations get(Tensor rows, Set<String> wanted, ScalarType type) {
      Map<String, Tensor> hidden = new LinkedHashMap<>();
      for (String name : wanted) {
        if (!name.equals(Activations.LOGITS)) {
          hidden.put(name, rows(name, rows).to(type));
        }
      }
      return new Activations(rows(Activations.LOGITS, rows).to(type), hidden);
    }

    private Tensor rows(String name, Tensor rows) {
      Tensor store = values.get(name);
      if (store == null) {
        throw new IllegalArgumentException(
            "the cache keeps " + values.keySet() + " of the teacher, not '" + name + "'");
      }
      return store.index_select(0, rows);
    }
  }
}
