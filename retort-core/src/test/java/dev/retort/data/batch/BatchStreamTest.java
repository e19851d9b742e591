package dev.retort.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Augmentation;
import dev.retort.data.Augmentation.Flip;
import dev.retort.data.Augmentation.Padding;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.DataException;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.PixelView;
import dev.retort.data.ViewRenderer;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BatchStreamTest {
  private static final ImageShape SHAPE = new ImageShape(3, 4, 4);
  private static final ChannelStatistics STATISTICS =
      new ChannelStatistics(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.3f, 0.25f});
  private static final Augmentation AUGMENTATION =
      new Augmentation(1, Padding.ZERO, Flip.RANDOM, 2);
  private static final Dataset DATASET = dataset(23);

  private TensorScope scope;

  @BeforeEach
  void openScope() {
    scope = TensorScope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  /** A copy of a batch. */
  private record Copy(List<Integer> samples, List<Float> images, List<Long> labels, long view) {
    static Copy of(Batch batch) {
      List<Float> images = new ArrayList<>();
      for (float value : Tensors.toFloats(batch.images())) {
        images.add(value);
      }
      return new Copy(
          Arrays.stream(batch.samples()).boxed().toList(),
          images,
          Arrays.stream(Tensors.toLongs(batch.labels())).boxed().toList(),
          batch.view());
    }
  }

  @Test
  void imagesAreTheRenderedViewsChannelsLastWithTheirLabels() {
    try (BatchStream stream = training(new BatchPlan(5, AUGMENTATION, 3))) {
      ViewRenderer renderer = new ViewRenderer(DATASET, SHAPE, STATISTICS, AUGMENTATION, 3);
      for (Batch batch : stream.epoch(2, 0)) {
        assertThat(batch.images().sizes().vec().get()).containsExactly(5, 3, 4, 4);
        assertThat(batch.images().is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
        assertThat(batch.images().scalar_type().intern()).isEqualTo(ScalarType.Float);
        float[] images = Tensors.toFloats(batch.images());
        long[] labels = Tensors.toLongs(batch.labels());
        for (int i = 0; i < 5; i++) {
          float[] expected = renderer.render(batch.samples()[i], 2);
          for (int c = 0; c < 3; c++) {
            for (int k = 0; k < 16; k++) {
              assertThat(images[(i * 3 + c) * 16 + k]).isEqualTo(expected[3 * k + c]);
            }
          }
          assertThat(labels[i]).isEqualTo(DATASET.label(batch.samples()[i]));
        }
      }
    }
  }

  @Test
  void epochShowsEveryImageAtMostOnceInAnOrderOfItsOwn() {
    try (BatchStream stream = training(new BatchPlan(5, AUGMENTATION, 3))) {
      List<Integer> first = samples(stream.epoch(0, 0));
      List<Integer> second = samples(stream.epoch(1, 0));

      assertThat(stream.batches()).isEqualTo(4);
      assertThat(first).hasSize(20).doesNotHaveDuplicates().allMatch(i -> i >= 0 && i < 23);
      assertThat(second).hasSize(20).doesNotHaveDuplicates().isNotEqualTo(first);
      assertThat(samples(stream.epoch(0, 0))).isEqualTo(first);
    }
    try (BatchStream otherSeed = training(new BatchPlan(5, AUGMENTATION, 4))) {
      try (BatchStream again = training(new BatchPlan(5, AUGMENTATION, 3))) {
        assertThat(samples(otherSeed.epoch(0, 0))).isNotEqualTo(samples(again.epoch(0, 0)));
      }
    }
  }

  @Test
  void resumedEpochGoesOnWhereItStopped() {
    BatchPlan plan = new BatchPlan(4, AUGMENTATION, 9);
    try (BatchStream whole = training(plan);
        BatchStream resumed = training(plan)) {
      List<Copy> batches = copies(whole.epoch(1, 0));
      assertThat(copies(resumed.epoch(1, 3))).isEqualTo(batches.subList(3, 5));
      assertThat(copies(resumed.epoch(1, 5))).isEmpty();
    }
  }

  @Test
  void anImagesViewDoesNotDependOnBatchSizeOrOrder() {
    Map<Integer, List<Float>> images = new HashMap<>();
    try (BatchStream stream = training(new BatchPlan(6, AUGMENTATION, 0, 1, 77, 0, 1))) {
      copies(stream.epoch(3, 0)).forEach(batch -> images.putAll(perSample(batch)));
    }
    try (BatchStream stream = training(new BatchPlan(4, AUGMENTATION, 0, 2, 77, 0, 1))) {
      int common = 0;
      for (Copy batch : copies(stream.epoch(3, 0))) {
        for (Map.Entry<Integer, List<Float>> image : perSample(batch).entrySet()) {
          if (images.containsKey(image.getKey())) {
            assertThat(image.getValue()).isEqualTo(images.get(image.getKey()));
            common++;
          }
        }
      }
      assertThat(common).isGreaterThan(10);
    }
  }

  @Test
  void boundedViewsComeBackInAnotherOrder() {
    BatchPlan plan = new BatchPlan(23, AUGMENTATION, 2, 1, 1, 0, 1);
    try (BatchStream stream = training(plan)) {
      Copy first = copies(stream.epoch(0, 0)).get(0);
      Copy second = copies(stream.epoch(1, 0)).get(0);
      Copy third = copies(stream.epoch(2, 0)).get(0);

      assertThat(List.of(first.view, second.view, third.view)).containsExactly(0L, 1L, 0L);
      assertThat(third.samples).isNotEqualTo(first.samples);
      assertThat(perSample(third)).isEqualTo(perSample(first));
      assertThat(perSample(second)).isNotEqualTo(perSample(first));
    }
  }

  @Test
  void ranksTogetherSeeTheBatch() {
    try (BatchStream whole = training(new BatchPlan(6, AUGMENTATION, 0, 5, 5, 0, 1));
        BatchStream first = training(new BatchPlan(6, AUGMENTATION, 0, 5, 5, 0, 2));
        BatchStream second = training(new BatchPlan(6, AUGMENTATION, 0, 5, 5, 1, 2))) {
      List<Copy> batches = copies(whole.epoch(0, 0));
      List<Copy> upper = copies(first.epoch(0, 0));
      List<Copy> lower = copies(second.epoch(0, 0));
      assertThat(upper).hasSameSizeAs(batches);
      for (int i = 0; i < batches.size(); i++) {
        List<Integer> samples = new ArrayList<>(upper.get(i).samples);
        samples.addAll(lower.get(i).samples);
        assertThat(samples).isEqualTo(batches.get(i).samples);
        List<Float> images = new ArrayList<>(upper.get(i).images);
        images.addAll(lower.get(i).images);
        assertThat(images).isEqualTo(batches.get(i).images);
      }
    }
  }

  @Test
  void secondViewIsThatViewOfTheSameImagesAndLeavesTheBatchAlone() {
    BatchPlan plan = new BatchPlan(23, AUGMENTATION, 5);
    try (BatchStream stream = training(plan)) {
      Map<Integer, List<Float>> expected = perSample(copies(stream.epoch(9, 0)).get(0));
      Batch batch = stream.epoch(0, 0).iterator().next();
      Copy before = Copy.of(batch);
      Copy other = Copy.of(stream.secondView(batch, 9));

      assertThat(other.samples).isEqualTo(before.samples);
      assertThat(other.labels).isEqualTo(before.labels);
      assertThat(other.view).isEqualTo(9);
      assertThat(perSample(other)).isEqualTo(expected);
      assertThat(Copy.of(batch)).isEqualTo(before);
    }
  }

  @Test
  void evaluationGoesThroughAllImagesInOrderWithoutAugmentation() {
    try (BatchStream stream =
        BatchStream.evaluation(DATASET, SHAPE, STATISTICS, 5, Precision.FP32)) {
      ViewRenderer plain = new ViewRenderer(DATASET, SHAPE, STATISTICS, Augmentation.NONE, 0);
      List<Copy> batches = copies(stream.all());

      assertThat(stream.batches()).isEqualTo(5);
      assertThat(batches.stream().flatMap(batch -> batch.samples.stream()))
          .containsExactlyElementsOf(java.util.stream.IntStream.range(0, 23).boxed().toList());
      assertThat(batches.get(4).samples).hasSize(3);
      assertThat(batches.get(4).images.get(0)).isEqualTo(plain.render(20, 0)[0]);
      assertThat(copies(stream.all())).isEqualTo(batches);
    }
  }

  /** A folder's pictures come class by class: similarities within such a batch say little. */
  @Test
  void mixedEvaluationShowsEachImageOnceInOneOrderThatIsNotTheirs() {
    try (BatchStream stream =
        BatchStream.evaluation(
            DATASET, SHAPE, STATISTICS, 5, Augmentation.NONE, Precision.FP32, true, 0, 1)) {
      ViewRenderer plain = new ViewRenderer(DATASET, SHAPE, STATISTICS, Augmentation.NONE, 0);
      List<Copy> batches = copies(stream.all());
      List<Integer> order = batches.stream().flatMap(batch -> batch.samples.stream()).toList();
      List<Integer> all = java.util.stream.IntStream.range(0, 23).boxed().toList();

      assertThat(order).containsExactlyInAnyOrderElementsOf(all).isNotEqualTo(all);
      assertThat(batches.get(4).samples).hasSize(3);
      assertThat(batches.get(4).images.get(0)).isEqualTo(plain.render(order.get(20), 0)[0]);
      assertThat(copies(stream.all())).isEqualTo(batches);
    }
  }

  /** So that a teacher looks at them once. */
  @Test
  void withoutAugmentationAllEpochsShowOneView() {
    assertThat(new BatchPlan(4, AUGMENTATION, 9).view(7)).isEqualTo(7);
    assertThat(new BatchPlan(4, Augmentation.NONE, 9).view(7)).isZero();
  }

  @Test
  void theOtherViewIsTheOneThatTheNextEpochShows() {
    assertThat(new BatchPlan(4, AUGMENTATION, 9).secondView(6)).isEqualTo(7);
    BatchPlan ofThree = new BatchPlan(4, AUGMENTATION, 3, 1, 1, 0, 1);
    assertThat(ofThree.secondView(1)).isEqualTo(2);
    assertThat(ofThree.secondView(2)).isZero();
    for (BatchPlan ofOne :
        List.of(
            new BatchPlan(4, AUGMENTATION, 1, 1, 1, 0, 1),
            new BatchPlan(4, Augmentation.NONE, 9))) {
      assertThatThrownBy(() -> ofOne.secondView(0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("there is one view of each image");
    }
  }

  @Test
  void doublePrecisionHoldsTheSameValues() {
    BatchPlan plan = new BatchPlan(4, AUGMENTATION, 9);
    try (BatchStream floats = training(plan);
        BatchStream doubles =
            BatchStream.training(DATASET, SHAPE, STATISTICS, plan, Precision.FP64)) {
      Batch wide = doubles.epoch(0, 0).iterator().next();
      assertThat(wide.images().scalar_type().intern()).isEqualTo(ScalarType.Double);
      assertThat(Copy.of(wide)).isEqualTo(Copy.of(floats.epoch(0, 0).iterator().next()));
    }
  }

  @Test
  void consumerSeesWhyABatchCouldNotBeMade() {
    Dataset broken = new Broken(13);
    try (BatchStream stream =
        BatchStream.evaluation(broken, SHAPE, STATISTICS, 5, Precision.FP32)) {
      Iterator<Batch> batches = stream.all().iterator();
      batches.next();
      batches.next();
      assertThatThrownBy(batches::next)
          .isInstanceOf(DataException.class)
          .hasMessage("image 13 is bad");
      assertThat(batches.hasNext()).isFalse();
    }
  }

  /** The stream is closed after a failure, and its memory freed. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void whenOnePartOfABatchFailsTheOthersHaveEndedToo(int bad) {
    AtomicBoolean writing = new AtomicBoolean();
    Dataset slow =
        new Broken(bad) {
          @Override
          public void read(int index, PixelView into) {
            super.read(index, into);
            writing.set(true);
            LockSupport.parkNanos(200_000_000);
            writing.set(false);
          }
        };
    Supplier<ViewRenderer> renderer =
        () -> new ViewRenderer(slow, SHAPE, STATISTICS, Augmentation.NONE, 0);
    try (BatchBuffer buffer = new BatchBuffer(SHAPE, 2, Precision.FP32, null)) {
      assertThatThrownBy(
              () -> buffer.fill(List.of(renderer.get(), renderer.get()), new int[] {0, 1}, 0, 2, 0))
          .isInstanceOf(DataException.class)
          .hasMessage("image " + bad + " is bad");
      assertThat(writing).isFalse();
    }
  }

  @Test
  void closingEndsTheThreadAtAnyMoment() {
    for (int taken = 0; taken < 5; taken++) {
      try (BatchStream stream = training(new BatchPlan(4, AUGMENTATION, taken))) {
        Iterator<Batch> batches = stream.epoch(0, 0).iterator();
        for (int i = 0; i < taken; i++) {
          batches.next();
        }
        Iterator<Batch> restarted = stream.epoch(0, 0).iterator();
        restarted.next();
      }
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("retort-batches"));
  }

  @Test
  void unusablePlansAreRefused() {
    assertThatThrownBy(() -> training(new BatchPlan(24, AUGMENTATION, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batchSize is 24, but made has only 23 images");
    assertThatThrownBy(() -> new BatchPlan(5, AUGMENTATION, 0, 1, 1, 0, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("evenly between 2 ranks");
    BatchStream closed = training(new BatchPlan(4, AUGMENTATION, 1));
    closed.close();
    assertThatThrownBy(() -> closed.epoch(0, 0).iterator())
        .isInstanceOf(IllegalStateException.class);
    // Their memory is freed.
    BatchStream kept = training(new BatchPlan(4, AUGMENTATION, 1));
    Iterator<Batch> batches = kept.epoch(0, 0).iterator();
    kept.close();
    assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
    BatchBuffer buffer = new BatchBuffer(SHAPE, 1, Precision.FP32, null);
    buffer.close();
    List<ViewRenderer> one =
        List.of(new ViewRenderer(DATASET, SHAPE, STATISTICS, Augmentation.NONE, 0));
    assertThatThrownBy(() -> buffer.fill(one, new int[] {0}, 0, 1, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  private static BatchStream training(BatchPlan plan) {
    return BatchStream.training(DATASET, SHAPE, STATISTICS, plan, Precision.FP32);
  }

  private static List<Integer> samples(Iterable<Batch> batches) {
    return copies(batches).stream().flatMap(batch -> batch.samples.stream()).toList();
  }

  private static List<Copy> copies(Iterable<Batch> batches) {
    List<Copy> copies = new ArrayList<>();
    batches.forEach(batch -> copies.add(Copy.of(batch)));
    return copies;
  }

  private static Map<Integer, List<Float>> perSample(Copy batch) {
    Map<Integer, List<Float>> images = new HashMap<>();
    int values = SHAPE.values();
    for (int i = 0; i < batch.samples.size(); i++) {
      images.put(batch.samples.get(i), batch.images.subList(i * values, (i + 1) * values));
    }
    return images;
  }

  private static Dataset dataset(int images) {
    byte[] pixels = new byte[images * SHAPE.values()];
    new SplittableRandom(1).nextBytes(pixels);
    int[] labels = new int[images];
    Arrays.setAll(labels, i -> i % 3);
    return new InMemoryDataset("made", List.of("a", "b", "c"), SHAPE, pixels, labels);
  }

  /** A data set with one image that cannot be read. */
  private static class Broken implements Dataset {
    private final int image;

    Broken(int image) {
      this.image = image;
    }

    @Override
    public String name() {
      return "broken";
    }

    @Override
    public String digest() {
      return DATASET.digest();
    }

    @Override
    public List<String> classes() {
      return DATASET.classes();
    }

    @Override
    public int size() {
      return DATASET.size();
    }

    @Override
    public int label(int index) {
      return DATASET.label(index);
    }

    @Override
    public void read(int index, PixelView into) {
      if (index == image) {
        throw new DataException("image " + index + " is bad");
      }
      DATASET.read(index, into);
    }
  }
}
