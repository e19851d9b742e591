package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Augmentation.Flip;
import dev.retort.data.Augmentation.Padding;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ViewRendererTest {
  private static final ImageShape GREY_3X3 = new ImageShape(1, 3, 3);

  /** 1 2 3 / 4 5 6 / 7 8 9, a thousand times. */
  private static final Dataset NUMBERED = numbered(1_000);

  /** Normalisation that gives back the bytes. */
  private static final ChannelStatistics BYTES =
      new ChannelStatistics(new float[] {0}, new float[] {1 / 255f});

  @Test
  void withoutAugmentationValuesAreNormalised() {
    Dataset dataset =
        new InMemoryDataset(
            "made",
            List.of("a"),
            new ImageShape(2, 1, 2),
            new byte[] {0, (byte) 255, 51, 102},
            new int[1]);
    ChannelStatistics statistics =
        new ChannelStatistics(new float[] {0.5f, 0.25f}, new float[] {0.25f, 0.5f});

    float[] values =
        new ViewRenderer(dataset, new ImageShape(2, 1, 2), statistics, Augmentation.NONE, 1)
            .render(0, 0);

    // (0 − ½) / ¼, (1 − ¼) / ½, (0.2 − ½) / ¼, (0.4 − ¼) / ½
    assertThat(values).containsExactly(-2, 1.5f, -1.2f, 0.3f);
  }

  @Test
  void shiftIntoBlackGivesTheNineImagesEquallyOften() {
    assertEquallyOften(
        views(new Augmentation(1, Padding.ZERO, Flip.NONE, 0)),
        "123456789",
        "000123456",
        "456789000",
        "012045078",
        "230560890",
        "000012045",
        "000230560",
        "045078000",
        "560890000");
  }

  /** Shifted, mirrored and with a square cut out: what a teacher of a larger size is shown. */
  @Test
  void aViewAtTwiceTheSizeIsTheSameViewWithEachPixelTwiceAcrossAndDown() {
    ImageShape small = new ImageShape(1, 4, 4);
    byte[] pixels = new byte[50 * small.values()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (1 + i % 250);
    }
    Dataset pictures =
        new RepeatedPixels(
            new InMemoryDataset("made", List.of("a"), small, pixels, new int[50]), small, 2);
    Augmentation varied = new Augmentation(2, Padding.ZERO, Flip.RANDOM, 2);
    ViewRenderer renderer = new ViewRenderer(pictures, small, BYTES, varied, 1);
    ViewRenderer larger = renderer.at(new ImageShape(1, 8, 8));
    for (int sample = 0; sample < 50; sample++) {
      float[] view = renderer.render(sample, 3).clone();
      float[] twice = larger.render(sample, 3);
      for (int i = 0; i < twice.length; i++) {
        assertThat(twice[i]).isEqualTo(view[i / 8 / 2 * 4 + i % 8 / 2]);
      }
    }
    assertThat(larger.source()).isEqualTo(renderer.source());
  }

  @Test
  void blackIsZeroBeforeNormalisation() {
    ChannelStatistics half = new ChannelStatistics(new float[] {0.5f}, new float[] {0.25f});
    ViewRenderer renderer =
        new ViewRenderer(
            NUMBERED, GREY_3X3, half, new Augmentation(3, Padding.ZERO, Flip.NONE, 0), 1);
    for (int sample = 0; sample < 1_000; sample++) {
      float[] values = renderer.render(sample, 0);
      boolean shiftedOut = true;
      for (float value : values) {
        shiftedOut &= value == -2f;
      }
      if (shiftedOut) {
        return;
      }
    }
    throw new AssertionError("a shift of 3 must sometimes leave nothing of the image");
  }

  @Test
  void shiftUnderReflectionDoesNotRepeatTheEdge() {
    assertEquallyOften(
        views(new Augmentation(1, Padding.REFLECT, Flip.NONE, 0)),
        "123456789",
        "456123456",
        "456789456",
        "212545878",
        "232565898",
        "545212545",
        "565232565",
        "545878545",
        "565898565");
  }

  @Test
  void randomFlipMirrorsHalfOfTheViews() {
    assertEquallyOften(
        views(new Augmentation(0, Padding.ZERO, Flip.RANDOM, 0)), "123456789", "321654987");
  }

  @Test
  void alternatingFlipShowsEachImageMirroredInEverySecondView() {
    ViewRenderer renderer = renderer(new Augmentation(0, Padding.ZERO, Flip.ALTERNATING, 0), 5);
    int mirroredFirst = 0;
    for (int sample = 0; sample < 1_000; sample++) {
      String even = text(renderer.render(sample, 0));
      String odd = text(renderer.render(sample, 1));
      assertThat(List.of(even, odd)).containsExactlyInAnyOrder("123456789", "321654987");
      assertThat(text(renderer.render(sample, 2))).isEqualTo(even);
      assertThat(text(renderer.render(sample, 7))).isEqualTo(odd);
      mirroredFirst += even.equals("321654987") ? 1 : 0;
    }
    // Binomial with mean 500 and standard deviation 15.8.
    assertThat(mirroredFirst).isBetween(450, 550);
  }

  @Test
  void cutoutIsASquareAroundAnyPixelClippedAtTheEdge() {
    assertEquallyOften(
        views(new Augmentation(0, Padding.ZERO, Flip.NONE, 3)),
        "003006789",
        "000000789",
        "100400789",
        "003006009",
        "000000000",
        "100400700",
        "123006009",
        "123000000",
        "123400700");
    // An even side reaches one further up and left.
    assertThat(new TreeSet<>(views(new Augmentation(0, Padding.ZERO, Flip.NONE, 2)).keySet()))
        .containsExactlyInAnyOrder(
            "023456789",
            "003456789",
            "100456789",
            "023056789",
            "003006789",
            "100400789",
            "123056089",
            "123006009",
            "123400700");
  }

  @Test
  void drawsAreThoseOfAnIndependentImplementation() {
    // Down, right, coin, the centre's row and column, and the half (1 is mirrored in even views):
    // the output of augmentation_draws.py.
    int[][] draws = {
      {-3, 0, 1, 16, 5, 1},
      {-3, -4, 1, 10, 18, 1},
      {2, 0, 1, 27, 4, 1},
      {3, -2, 0, 12, 31, 0},
      {4, 1, 1, 10, 8, 0},
      {-2, 2, 1, 25, 9, 1},
    };
    // Images whose pixels say where they are: row + 1, column + 1, 255.
    ImageShape shape = ImageShape.CIFAR;
    byte[] pixels = new byte[draws.length * shape.values()];
    for (int i = 0; i < pixels.length / 3; i++) {
      pixels[3 * i] = (byte) (i / 32 % 32 + 1);
      pixels[3 * i + 1] = (byte) (i % 32 + 1);
      pixels[3 * i + 2] = (byte) 255;
    }
    Dataset dataset =
        new InMemoryDataset("placed", List.of("a"), shape, pixels, new int[draws.length]);
    ChannelStatistics bytes =
        new ChannelStatistics(new float[3], new float[] {1 / 255f, 1 / 255f, 1 / 255f});
    for (Flip flip : new Flip[] {Flip.RANDOM, Flip.ALTERNATING}) {
      ViewRenderer renderer =
          new ViewRenderer(dataset, shape, bytes, new Augmentation(4, Padding.ZERO, flip, 4), 7);
      for (int sample = 0; sample < draws.length; sample++) {
        float[] values = renderer.render(sample, 3);
        int[] drawn = draws[sample];
        boolean mirrored = (flip == Flip.RANDOM ? drawn[2] : drawn[5] ^ 1) == 1;
        for (int y = 0; y < 32; y++) {
          for (int x = 0; x < 32; x++) {
            int row = y - drawn[0];
            int column = (mirrored ? 31 - x : x) - drawn[1];
            boolean inside = row >= 0 && row < 32 && column >= 0 && column < 32;
            boolean cut =
                y >= drawn[3] - 2 && y < drawn[3] + 2 && x >= drawn[4] - 2 && x < drawn[4] + 2;
            int at = 3 * (32 * y + x);
            assertThat(Math.round(values[at])).isEqualTo(inside && !cut ? row + 1 : 0);
            assertThat(Math.round(values[at + 1])).isEqualTo(inside && !cut ? column + 1 : 0);
            assertThat(Math.round(values[at + 2])).isEqualTo(inside && !cut ? 255 : 0);
          }
        }
      }
    }
  }

  @Test
  void aViewIsTheSamePixelsWhateverWasRenderedBefore() {
    Augmentation augmentation = new Augmentation(2, Padding.ZERO, Flip.RANDOM, 2);
    ViewRenderer one = renderer(augmentation, 11);
    ViewRenderer other = renderer(augmentation, 11);
    Map<Integer, String> seen = new HashMap<>();
    for (int sample = 0; sample < 100; sample++) {
      seen.put(sample, text(one.render(sample, 4)));
    }
    for (int sample = 99; sample >= 0; sample--) {
      other.render(sample, 3);
      assertThat(text(other.render(sample, 4))).isEqualTo(seen.get(sample));
    }
    ViewRenderer otherSeed = renderer(augmentation, 12);
    int same = 0;
    for (int sample = 0; sample < 100; sample++) {
      same += text(otherSeed.render(sample, 4)).equals(seen.get(sample)) ? 1 : 0;
    }
    assertThat(same).isLessThan(30);
  }

  @Test
  void anImageOfAnotherShapeIsScaledToCoverItAndCutInTheMiddle() {
    // Rows 0 10 20 and 100 110 120, to 1 x 1: the mean of the middle column's two pixels.
    Dataset dataset =
        new InMemoryDataset(
            "made",
            List.of("a"),
            new ImageShape(1, 2, 3),
            new byte[] {0, 10, 20, 100, 110, 120},
            new int[1]);

    assertThat(
            new ViewRenderer(dataset, new ImageShape(1, 1, 1), BYTES, Augmentation.NONE, 1)
                .render(0, 0))
        .containsExactly(new float[] {60}, within(1e-4f));
  }

  @Test
  void aRandomCropIsAnotherPartInEachViewAndTheSameInEachRun() {
    Augmentation augmentation =
        new Augmentation(
            0,
            Padding.ZERO,
            Flip.NONE,
            0,
            new RandomResizedCrop(List.of(0.2, 0.5), List.of(0.5, 2.0)));
    Set<String> seen = new HashSet<>();
    for (int view = 0; view < 50; view++) {
      String pixels = text(renderer(augmentation, 1).render(3, view));
      assertThat(text(renderer(augmentation, 1).render(3, view))).isEqualTo(pixels);
      seen.add(pixels);
    }

    assertThat(seen).hasSizeGreaterThan(5);
  }

  @Test
  void statisticsOfOtherChannelsAreRefused() {
    assertThatThrownBy(
            () -> new ViewRenderer(NUMBERED, new ImageShape(3, 3, 3), BYTES, Augmentation.NONE, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("statistics of 1 channels do not normalise images of");
  }

  @Test
  void augmentationThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> renderer(new Augmentation(3, Padding.REFLECT, Flip.NONE, 0), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shift of 3");
    assertThatThrownBy(() -> renderer(new Augmentation(0, Padding.ZERO, Flip.NONE, 4), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cutout of 4");
  }

  /** How often each result came out over 9,000 views. */
  private static Map<String, Integer> views(Augmentation augmentation) {
    ViewRenderer renderer = renderer(augmentation, 1);
    Map<String, Integer> counts = new TreeMap<>();
    for (int view = 0; view < 9; view++) {
      for (int sample = 0; sample < 1_000; sample++) {
        counts.merge(text(renderer.render(sample, view)), 1, Integer::sum);
      }
    }
    return counts;
  }

  private static void assertEquallyOften(Map<String, Integer> counts, String... expected) {
    assertThat(counts.keySet()).containsExactlyInAnyOrder(expected);
    double each = 9_000.0 / expected.length;
    // Five standard deviations of a binomial count.
    assertThat(counts.values())
        .allSatisfy(count -> assertThat(Math.abs(count - each)).isLessThan(5 * Math.sqrt(each)));
  }

  private static ViewRenderer renderer(Augmentation augmentation, long seed) {
    return new ViewRenderer(NUMBERED, GREY_3X3, BYTES, augmentation, seed);
  }

  private static Dataset numbered(int images) {
    byte[] pixels = new byte[9 * images];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 9 + 1);
    }
    return new InMemoryDataset("numbered", List.of("a"), GREY_3X3, pixels, new int[images]);
  }

  private static String text(float[] values) {
    StringBuilder text = new StringBuilder();
    for (float value : values) {
      text.append(Math.round(value));
    }
    return text.toString();
  }
}
