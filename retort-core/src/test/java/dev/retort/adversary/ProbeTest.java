package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.distill.LayerPair;
import dev.retort.engine.Engine;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.study.NoiseImages;
import dev.retort.teacher.Teacher;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Networks that say what is made up for them, of 24 training and 150 held-out images, which are
 * read in two batches.
 */
class ProbeTest {
  private static final int HELD_OUT = 150;
  private static final Splits DATA = NoiseImages.splits(List.of("a", "b", "c"), HELD_OUT);

  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  /** A row of three values of each image, which are its logits and its embedding. */
  private record Made(String name, Tensor ofTraining, Tensor ofHeldOut, Tensor ofOtherViews)
      implements Teacher {
    @Override
    public String digest() {
      return name;
    }

    @Override
    public Map<String, long[]> shapes() {
      return Map.of("logits", new long[] {3}, "embedding", new long[] {3});
    }

    @Override
    public Activations activations(Batch batch, Set<String> taps) {
      return new Activations(rows(batch), Map.of("embedding", rows(batch)));
    }

    private Tensor rows(Batch batch) {
      boolean training = batch.source().dataset().equals(DATA.train().digest());
      boolean varied = batch.source().augmentation().varies();
      long[] samples = Arrays.stream(batch.samples()).asLongStream().toArray();
      return (training ? ofTraining : varied ? ofOtherViews : ofHeldOut)
          .index_select(0, Tensors.of(samples, samples.length));
    }
  }

  private static Tensor normal(String what, int images) {
    return RandomSource.of(1, what).normal(ScalarType.Float, images, 3);
  }

  private static double auc(Teacher teacher, Teacher student, String layer, Conditioning told) {
    LayerPair pair = LayerPair.of(layer);
    Probe.Settings settings =
        new Probe.Settings(List.of(pair), new Encoding.Raw(), told, HELD_OUT, 1);
    return Objects.requireNonNull(
            new Probe(teacher, DATA, DATA.test(), settings).of(student).get(pair.toString()))
        .auc();
  }

  /** The same in another order, on another scale. */
  private static Tensor inOtherWords(Tensor rows) {
    return Tensors.scaled(rows.flip(1), 2).add(new Scalar(7));
  }

  /**
   * On the training images both students say in other words what the teacher does, and one also on
   * the held-out ones, where the other says what the teacher would 10 deviations away. A connector
   * that is fitted there would bring both to the teacher. Among 30 rows of a fold, an image's own
   * pair may go either way: 1/60 of the AUC.
   */
  @Test
  void connectorsAreFittedOnTrainingImagesAndNotOnThoseThatAreJudged() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor training = normal("training", 24);
      Tensor heldOut = normal("held out", HELD_OUT);
      Made teacher = new Made("teacher", training, heldOut, heldOut);
      Tensor same = inOtherWords(heldOut);
      Made like = new Made("like", inOtherWords(training), same, same);
      Tensor moved = inOtherWords(heldOut.add(new Scalar(10)));
      Made unlike = new Made("unlike", inOtherWords(training), moved, moved);

      assertThat(auc(teacher, like, "embedding", Conditioning.NONE)).isCloseTo(0.5, within(0.025));
      assertThat(auc(teacher, unlike, "embedding", Conditioning.NONE)).isEqualTo(1);
    }
  }

  /**
   * What the teacher says of an image and of its other view, and what a student says, is
   * independent here, and of one distribution: no D can do better than guess, and the AUC of 150
   * images has a deviation of 0.033. Were each image its own partner, the teacher's would be those
   * that differ by 0.
   */
  @Test
  void aDiscriminatorOfPairsReadsTheTeachersOtherView() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor training = normal("training", 24);
      Tensor otherViews = normal("other views", HELD_OUT);
      Made teacher = new Made("teacher", training, normal("held out", HELD_OUT), otherViews);
      Tensor own = normal("student", HELD_OUT);
      Made independent = new Made("independent", training, own, own);
      Made echo = new Made("echo", training, otherViews, otherViews);

      assertThat(auc(teacher, independent, "logits", Conditioning.PAIR))
          .isCloseTo(0.5, within(0.125));
      assertThat(auc(teacher, echo, "logits", Conditioning.NONE)).isCloseTo(0.5, within(0.125));
      assertThat(auc(teacher, echo, "logits", Conditioning.PAIR)).isGreaterThan(0.9);
    }
  }

  /** The teacher names the right class, and the student the next one; of each are as many. */
  @Test
  void aDiscriminatorThatIsToldTheLabelReadsEachImagesOwn() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor right = naming(0).add(Tensors.scaled(normal("held out", HELD_OUT), 1.5));
      Tensor wrong = naming(1).add(Tensors.scaled(normal("student", HELD_OUT), 1.5));
      Tensor training = normal("training", 24);
      Made teacher = new Made("teacher", training, right, right);
      Made student = new Made("student", training, wrong, wrong);

      assertThat(auc(teacher, student, "logits", Conditioning.NONE)).isCloseTo(0.5, within(0.125));
      assertThat(auc(teacher, student, "logits", Conditioning.LABEL_PROJECTION))
          .isGreaterThan(0.95);
    }
  }

  /** A logit of 5 for the class so many behind each image's own. */
  private static Tensor naming(int behind) {
    float[] logits = new float[3 * HELD_OUT];
    for (int image = 0; image < HELD_OUT; image++) {
      logits[3 * image + (DATA.test().label(image) + behind) % 3] = 5;
    }
    return Tensors.of(logits, HELD_OUT, 3);
  }
}
