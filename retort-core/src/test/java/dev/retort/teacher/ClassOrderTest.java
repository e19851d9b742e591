package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Dataset;
import dev.retort.weights.WeightsException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassOrderTest {
  private static final List<String> CLASSES = List.of("a", "b", "c");

  /** Of so many images, {@code [label][decision]}, and one without a label. */
  private static Optional<String> complaint(int[][] images) {
    List<Integer> decisions = new ArrayList<>(List.of(0));
    List<Integer> labels = new ArrayList<>(List.of(Dataset.UNLABELLED));
    for (int label = 0; label < images.length; label++) {
      for (int decision = 0; decision < images.length; decision++) {
        decisions.addAll(Collections.nCopies(images[label][decision], decision));
        labels.addAll(Collections.nCopies(images[label][decision], label));
      }
    }
    return ClassOrder.complaint(array(decisions), array(labels), CLASSES);
  }

  private static int[] array(List<Integer> numbers) {
    return numbers.stream().mapToInt(Integer::intValue).toArray();
  }

  /** An ü is one character here and two there, as in a folder that macOS has made. */
  @Test
  void namesAreEqualHoweverUnicodeWritesThem() {
    List<String> wanted = List.of("bad", Normalizer.normalize("k\u00fcche", Normalizer.Form.NFD));
    assertThat(wanted.get(1)).hasSize(6);
    assertThat(ClassOrder.places("a teacher", List.of("k\u00fcche", "bad"), 2, wanted))
        .containsExactly(1, 0);
  }

  /** The names of ImageNet's folders and of its classes are forty kilobytes. */
  @Test
  void ofManyNamesTheFirstAreShown() {
    List<String> folders = IntStream.range(0, 1000).mapToObj("n%08d"::formatted).toList();
    List<String> names = IntStream.range(0, 1000).mapToObj("class %d"::formatted).toList();
    assertThatThrownBy(() -> ClassOrder.places("a teacher", names, 1000, folders))
        .isInstanceOf(WeightsException.class)
        .hasMessageMatching(
            "a teacher: the data's classes \\[n00000000, n0.* n00000019 … and 980 more] are not"
                + " among its own, \\[class 0, .*, class 19 … and 980 more]");
  }

  /**
   * Of 26 images that it calls a 24 are of b, 11 more than half, and four standard errors of a half
   * are 10.2; of 24 that it calls b 23 are of a, 11 more than half, and four errors are 9.8.
   */
  @Test
  void classesInEachOthersPlacesAreAComplaint() {
    int[][] confusion = {{2, 23, 0}, {24, 1, 0}, {0, 0, 90}};
    assertThat(complaint(confusion))
        .hasValueSatisfying(
            complaint ->
                assertThat(complaint)
                    .startsWith(
                        "its classes seem to be in another order than the data's: most images that"
                            + " it calls 'a' are of 'b', and so on in a circle of 2 classes"));
  }

  @Test
  void aCircleThatBeginsBehindTheFirstClassIsFoundToo() {
    int[][] confusion = {{0, 0, 0}, {30, 0, 90}, {0, 90, 0}};
    assertThat(complaint(confusion))
        .hasValueSatisfying(complaint -> assertThat(complaint).contains("calls 'b' are of 'c'"));
  }

  /** Of 12 images six more than half, and four errors are 6.9; then a class that is right. */
  @Test
  void fewImagesAndAClassThatIsTakenForAnotherAreNone() {
    assertThat(complaint(new int[][] {{0, 12, 0}, {12, 0, 0}, {0, 0, 0}})).isEmpty();
    assertThat(complaint(new int[][] {{0, 0, 0}, {90, 90, 0}, {0, 0, 0}})).isEmpty();
    assertThat(complaint(new int[3][3])).isEmpty();
  }
}
