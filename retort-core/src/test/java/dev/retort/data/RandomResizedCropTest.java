package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.RandomResizedCrop.Box;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RandomResizedCropTest {
  @Test
  void areaAndProportionsAreUniformInTheirRanges() {
    SplittableRandom random = new SplittableRandom(1);
    RandomResizedCrop crop = new RandomResizedCrop(List.of(0.1, 0.5), List.of(1.0, 2.0));
    double area = 0;
    double logarithm = 0;
    double top = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      Box box = crop.choose(400, 500, random);
      assertThat(box.top() + box.height()).isLessThanOrEqualTo(400);
      assertThat(box.left() + box.width()).isLessThanOrEqualTo(500);
      area += box.height() * box.width() / 200_000.0 / n;
      logarithm += Math.log((double) box.width() / box.height()) / n;
      top += box.height() == 400 ? 0.5 / n : (double) box.top() / (400 - box.height()) / n;
    }

    // Boxes that do not fit are drawn again, and hardly any of at most half the area do not.
    assertThat(area).isCloseTo(0.3, within(0.01));
    // Of width to height, uniform in its logarithm.
    assertThat(logarithm).isCloseTo(Math.log(2) / 2, within(0.01));
    assertThat(top).isCloseTo(0.5, within(0.01));
  }

  @Test
  void ofAPictureThatNoBoxFitsTheMiddleIsSeen() {
    RandomResizedCrop whole = new RandomResizedCrop(List.of(1.0, 1.0), List.of(0.75, 4.0 / 3));

    assertThat(whole.choose(30, 100, new SplittableRandom(1))).isEqualTo(new Box(0, 30, 30, 40));
    assertThat(whole.choose(100, 30, new SplittableRandom(1))).isEqualTo(new Box(30, 0, 40, 30));
  }

  @Test
  void rangesThatAreNoneAreRefused() {
    assertThatThrownBy(() -> new RandomResizedCrop(List.of(0.0, 1.0), List.of(1.0, 1.0)))
        .hasMessageContaining("area must be two shares");
    assertThatThrownBy(() -> new RandomResizedCrop(List.of(0.1, 1.0), List.of(2.0, 1.0)))
        .hasMessageContaining("ratio must be two positive numbers");
  }
}
