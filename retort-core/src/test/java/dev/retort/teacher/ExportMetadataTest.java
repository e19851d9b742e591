package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.ImageShape;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Protects: a file is warned of images that it learnt from where, and only where, that is known.
 */
@NullUnmarked
class ExportMetadataTest {
  /** Its own length of the shorter side, that of its training, and the size of what it is shown. */
  @ParameterizedTest
  @CsvSource({
    ",,32,true",
    ",,40,true",
    ",46,32,true",
    ",46,40,false",
    "46,46,32,true",
    "46,46,46,false",
    "46,40,32,false",
    "46,,32,false"
  })
  void theDigestIsOfImagesThatWereCutAlike(
      String own, String trained, int size, boolean isComparable) {
    Map<String, String> values = new HashMap<>();
    values.put("input", "3x32x32");
    values.put("provenance.heldOut", "digest");
    if (own != null) {
      values.put("resize", own);
    }
    if (trained != null) {
      values.put("provenance.resize", trained);
    }
    assertThat(new ExportMetadata(values).heldOut(new ImageShape(3, size, size)))
        .isEqualTo(isComparable ? "digest" : null);
  }

  @ParameterizedTest
  @CsvSource({"3x4096x4096,true", "3x4097x32,false", "3x99999x99998,false", "999x4000x4000,false"})
  void imagesThatNoMemoryHoldsAreNotBelieved(String input, boolean isBelieved) {
    ImageShape read = new ExportMetadata(Map.of("input", input)).input();
    assertThat(read == null ? null : read.toString()).isEqualTo(isBelieved ? input : null);
    Map<String, String> values = Map.of("input", "3x32x32", "resize", "5000");
    assertThat(new ExportMetadata(values).pictures()).isEqualTo(ImageShape.CIFAR);
  }
}
