package dev.retort.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Whether the three components of a JPEG file are RGB or YCbCr. libjpeg, by which Pillow and
 * torchvision read, goes by a JFIF segment, which means YCbCr, then by an Adobe segment, then by
 * the components' numbers. Java's readers put Adobe's first, refuse values that it does not define,
 * and take files with neither segment for RGB, unless a component is subsampled.
 */
final class ColourTransform {
  private static final byte[] JFIF = {'J', 'F', 'I', 'F', 0};
  private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);

  /** Adobe's segment: its name, version 100, two words of flags, and 1 for YCbCr. */
  private static final byte[] YCBCR = {
    (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 1
  };

  /** Where the last of these, 0 for RGB and 1 for YCbCr, is in the segment's content. */
  private static final int TRANSFORM = 11;

  private static final int NUMBER_OF_COMPONENTS = 5;
  private static final int COMPONENT_BYTES = 3;

  private ColourTransform() {}

  /** The file with a segment that tells YCbCr; the same array where it need not be told. */
  static byte[] told(byte[] file) {
    List<JpegSegment> segments = JpegSegment.of(file);
    Optional<JpegSegment> frame =
        segments.stream().filter(segment -> hasThreeComponents(segment, file)).findFirst();
    if (frame.isEmpty()) {
      return file;
    }
    boolean isJfif =
        segments.stream()
            .anyMatch(segment -> segment.marker() == 0xe0 && segment.beginsWith(file, JFIF));
    int[] transforms =
        segments.stream()
            .filter(segment -> segment.marker() == 0xee && segment.beginsWith(file, ADOBE))
            .filter(segment -> segment.content() + TRANSFORM < segment.end())
            .mapToInt(segment -> segment.content() + TRANSFORM)
            .toArray();
    if (transforms.length == 0) {
      return isJfif || tellsByNumbers(frame.get(), file) ? file : withAdobe(file);
    }
    byte[] told = file;
    for (int at : transforms) {
      if (file[at] != 1 && (isJfif || file[at] != 0)) {
        told = told == file ? file.clone() : told;
        told[at] = 1;
      }
    }
    return told;
  }

  private static byte[] withAdobe(byte[] file) {
    byte[] told = Arrays.copyOf(file, file.length + YCBCR.length);
    System.arraycopy(YCBCR, 0, told, 2, YCBCR.length);
    System.arraycopy(file, 2, told, 2 + YCBCR.length, file.length - 2);
    return told;
  }

  private static boolean hasThreeComponents(JpegSegment segment, byte[] file) {
    int at = segment.content() + NUMBER_OF_COMPONENTS;
    return segment.isFrame() && at + 1 + 3 * COMPONENT_BYTES <= segment.end() && file[at] == 3;
  }

  /** Whether components are numbered from 1, as of YCbCr, or by the letters of RGB. */
  private static boolean tellsByNumbers(JpegSegment frame, byte[] file) {
    int at = frame.content() + NUMBER_OF_COMPONENTS;
    byte[] numbers = {file[at + 1], file[at + 4], file[at + 7]};
    return Arrays.equals(numbers, new byte[] {1, 2, 3})
        || Arrays.equals(numbers, new byte[] {'R', 'G', 'B'});
  }
}
