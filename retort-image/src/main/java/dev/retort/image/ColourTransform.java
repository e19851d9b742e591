package dev.retort.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Whether the three components of a JPEG file are RGB or YCbCr. A JFIF or an Adobe segment tells
 * it, or the components' numbers. Of files with neither, libjpeg, by which Pillow and torchvision
 * read, takes YCbCr; Java's reader takes RGB, unless a component is subsampled.
 */
final class ColourTransform {
  private static final byte[] JFIF = {'J', 'F', 'I', 'F', 0};
  private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);

  /** Adobe's segment: its name, version 100, two words of flags, and 1 for YCbCr. */
  private static final byte[] YCBCR = {
    (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 1
  };

  /** Of a frame: those from 0xc0 to 0xcf that are no tables. */
  private static final Set<Integer> NO_FRAME = Set.of(0xc4, 0xc8, 0xcc);

  private static final int NUMBER_OF_COMPONENTS = 5;
  private static final int COMPONENT_BYTES = 3;

  private ColourTransform() {}

  /** The file with a segment that tells YCbCr; the same array where it need not be told. */
  static byte[] told(byte[] file) {
    List<JpegSegment> segments = JpegSegment.of(file);
    boolean tells =
        segments.stream()
            .anyMatch(segment -> segment.beginsWith(file, JFIF) || segment.beginsWith(file, ADOBE));
    if (tells || segments.stream().noneMatch(segment -> isOfUnknownColours(segment, file))) {
      return file;
    }
    byte[] told = Arrays.copyOf(file, file.length + YCBCR.length);
    System.arraycopy(YCBCR, 0, told, 2, YCBCR.length);
    System.arraycopy(file, 2, told, 2 + YCBCR.length, file.length - 2);
    return told;
  }

  /** Three components that are numbered neither from 1 nor by the letters of RGB. */
  private static boolean isOfUnknownColours(JpegSegment frame, byte[] file) {
    int at = frame.content() + NUMBER_OF_COMPONENTS;
    if (frame.marker() >> 4 != 0xc
        || NO_FRAME.contains(frame.marker())
        || at + 1 + 3 * COMPONENT_BYTES > frame.end()
        || file[at] != 3) {
      return false;
    }
    byte[] numbers = {file[at + 1], file[at + 4], file[at + 7]};
    return !Arrays.equals(numbers, new byte[] {1, 2, 3})
        && !Arrays.equals(numbers, new byte[] {'R', 'G', 'B'});
  }
}
