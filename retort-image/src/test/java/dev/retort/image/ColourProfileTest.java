package dev.retort.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of files that are put together here by JPEG's table of markers, byte by byte. */
class ColourProfileTest {
  private static final String BEGIN = "ffd8";
  private static final String COMMENT = "fffe 0005 616263";

  /** "ICC_PROFILE" and its zero, part 1 of 1, two bytes of it: 18 bytes with the length. */
  private static final String PROFILE = "ffe2 0012 4943435f50524f46494c4500 0101 abcd";

  private static final String SCAN = "ffda 0002 0102 ffd9";

  private static byte[] bytes(String hexadecimal) {
    return HexFormat.of().parseHex(hexadecimal.replace(" ", ""));
  }

  @ParameterizedTest
  @CsvSource({"'', ''", "ff, ''", "ffffff, ''", "ff, ff", "'', ffff"})
  void aProfileIsRemovedWhateverNumberOfBytesFillsTheSpaceBeforeAMarker(
      String before, String after) {
    String rest = after + COMMENT + SCAN;

    assertThat(ColourProfile.removed(bytes(BEGIN + before + PROFILE + rest)))
        .isEqualTo(bytes(BEGIN + before + rest));
    assertThat(ColourProfile.removed(bytes(BEGIN + COMMENT + before + PROFILE + after + SCAN)))
        .isEqualTo(bytes(BEGIN + COMMENT + before + after + SCAN));
  }

  /** A profile of no bytes and nothing else; with the beginning of a picture's header. */
  @ParameterizedTest
  @CsvSource({
    "52494646 0c000000 57454250 49434350 00000000",
    "52494646 14000000 57454250 56503858 00000000 49434350 00000000"
  })
  void aWebpWithNothingButAProfileIsRefusedAsDamaged(String file) {
    assertThatThrownBy(() -> ImageDecoderTest.decode(bytes(file), Function.identity()))
        .isInstanceOf(UnreadableImageException.class);
  }

  @ParameterizedTest
  @CsvSource({"''", "ff", "ffff"})
  void aFileWithoutAProfileIsLeftAsItIs(String before) {
    byte[] file = bytes(BEGIN + before + COMMENT + SCAN);

    assertThat(ColourProfile.removed(file)).isSameAs(file);
  }
}
