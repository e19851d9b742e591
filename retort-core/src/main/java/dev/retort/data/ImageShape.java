package dev.retort.data;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size of the images that a network reads.
 *
 * @param channels 1 for grey, 3 for RGB
 * @param height in pixels
 * @param width in pixels
 */
public record ImageShape(int channels, int height, int width) {
  /** RGB, 32 by 32: CIFAR's. */
  public static final ImageShape CIFAR = new ImageShape(3, 32, 32);

  /** Of a network's images, in pixels: more would be tensors that no memory holds. */
  public static final int LARGEST_SIDE = 4096;

  private static final Pattern TEXT = Pattern.compile("(\\d{1,5})x(\\d{1,5})x(\\d{1,5})");

  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "an image needs at least one channel, row and column: %sx%sx%s"
              .formatted(channels, height, width));
    }
  }

  /**
   * Reads what {@link #toString} writes of a network's images.
   *
   * @throws IllegalArgumentException if it is something else, or larger than any network's
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static ImageShape parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no shape of images such as 3x32x32: " + text);
    }
    ImageShape shape =
        new ImageShape(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)));
    if (Math.max(shape.height, shape.width) > LARGEST_SIDE
        || (long) shape.channels * shape.height * shape.width > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s has a side of more than %d pixels, or too many channels"
              .formatted(shape, LARGEST_SIDE));
    }
    return shape;
  }

  /**
   * How many columns lie to the left and right, and rows above and below, of images of another
   * shape that are cut out of the middle of these; torchvision's {@code CenterCrop} rounds so.
   *
   * @return left, right, top, bottom: as LibTorch pads {@code [N, C, H, W]}
   */
  public long[] margins(ImageShape middle) {
    long left = (long) Math.rint((width - middle.width) / 2.0);
    long top = (long) Math.rint((height - middle.height) / 2.0);
    return new long[] {
      left, width - middle.width - left, top, height - middle.height - top,
    };
  }

  /** The number of values in one image. */
  public int values() {
    return channels * height * width;
  }

  @Override
  @JsonValue
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
