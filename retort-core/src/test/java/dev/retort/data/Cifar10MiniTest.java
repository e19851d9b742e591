package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class Cifar10MiniTest {
  private static final Splits SPLITS =
      DatasetSource.parse("cifar10-mini", Path.of("/anywhere")).open();

  @Test
  void partsHaveTheirSizesAndAreBalanced() {
    assertBalanced(SPLITS.train(), 400);
    assertBalanced(SPLITS.validation(), 100);
    assertBalanced(SPLITS.test(), 200);
    assertThat(SPLITS.classes()).hasSize(10).startsWith("airplane");
    assertThat(SPLITS.inputShape()).isEqualTo(ImageShape.CIFAR);
  }

  private static void assertBalanced(Dataset dataset, int each) {
    int[] counts = new int[10];
    for (int i = 0; i < dataset.size(); i++) {
      counts[dataset.label(i)]++;
    }
    assertThat(counts).containsOnly(each);
  }

  /** numpy's mean and std of the listed records of the official files. */
  @Test
  void statisticsAreThoseOfTheTrainingPart() {
    float[] mean = SPLITS.statistics().mean();
    float[] deviation = SPLITS.statistics().standardDeviation();
    double[] expected = {125.3433, 122.8743, 114.2345, 62.6387, 61.9589, 66.6191};
    for (int c = 0; c < 3; c++) {
      assertThat(255.0 * mean[c]).isCloseTo(expected[c], within(1e-4));
      assertThat(255.0 * deviation[c]).isCloseTo(expected[3 + c], within(1e-4));
    }
  }

  /** Pixels 0, 1, 32 and 1023 of the first test image, read from test_batch.bin. */
  @Test
  void pixelsAreThoseOfTheOfficialFiles() {
    PixelView view = new PixelView();
    SPLITS.test().read(0, view);
    int[][] expected = {{95, 76, 78}, {92, 77, 78}, {90, 71, 73}, {22, 11, 28}};
    int[] places = {0, 1, 32, 1023};
    for (int i = 0; i < places.length; i++) {
      for (int c = 0; c < 3; c++) {
        assertThat(view.pixels()[view.offset() + 3 * places[i] + c] & 0xff)
            .isEqualTo(expected[i][c]);
      }
    }
  }

  @Test
  void withoutItsArtifactOneSentenceNamesIt() {
    assertThatThrownBy(() -> BundledFile.open("of-no-artifact.bin", "cifar10-mini"))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "cifar10-mini is in the artifact dev.retort:retort-cifar10, which is not on the class"
                + " path");
  }

  @Test
  void predictionIsUndoneForEveryKindOfNeighbourhood() {
    // 2 x 3 pixels of 10 200 30 / 40 50 255 in green; red the same + 5 (mod 256), blue all 7. The
    // differences were written by hand from the rules in pack_cifar10_mini.py:
    // green: 10, 190, −170 | 30, then left 40, above 200, corner 10: max = 200 → −150;
    //        left 50, above 30, corner 200: min = 30 → 225
    // red − green is 5 but at 255: 4 − 255 = −251
    // blue − green is −3 −193 −23 / −33 −43 −248
    byte[] residuals = {
      10, (byte) 190, (byte) -170, 30, (byte) -150, (byte) 225,
      5, 0, 0, 0, 0, (byte) -256,
      -3, (byte) -190, (byte) 170, -30, (byte) 150, (byte) -225
    };

    byte[] pixels = new PredictedImages(new ImageShape(3, 2, 3), 1).restore(residuals);

    int[] green = {10, 200, 30, 40, 50, 255};
    for (int i = 0; i < 6; i++) {
      assertThat(pixels[3 * i] & 0xff).isEqualTo((green[i] + 5) % 256);
      assertThat(pixels[3 * i + 1] & 0xff).isEqualTo(green[i]);
      assertThat(pixels[3 * i + 2] & 0xff).isEqualTo(7);
    }
    assertThat(List.of(SPLITS.name(), SPLITS.train().name()))
        .containsExactly("cifar10-mini", "cifar10-mini/train");
  }
}
