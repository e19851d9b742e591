package dev.retort.teacher;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How a representation is written down: its values in a type, a map's channels innermost as the
 * networks have them, and room for a checksum.
 *
 * @param type of the values
 * @param shape without the batch dimension
 */
record OutputFormat(ScalarType type, long[] shape) {
  private static final double LARGEST_HALF = 65504;
  private static final int MAP = 3;

  /** The bytes of one image's values. */
  int bytes() {
    long values = LongStream.of(shape).reduce(1, Math::multiplyExact);
    int ofOne =
        switch (type) {
          case Double -> Double.BYTES;
          case Float -> Float.BYTES;
          default -> Short.BYTES;
        };
    return Math.toIntExact(values * ofOne);
  }

  /** {@code [N, …]} to records, {@code [N, bytes + checksum]} of unsigned bytes. */
  Tensor encode(Tensor values) {
    Tensor narrow = type == ScalarType.Half ? values.clamp(bound(-1), bound(1)) : values;
    Tensor ordered = shape.length == MAP ? narrow.permute(0, 2, 3, 1) : narrow;
    Tensor rows = ordered.to(type).contiguous().cpu().reshape(values.size(0), -1);
    Tensor records = room(values.size(0));
    records.narrow(1, 0, bytes()).copy_(rows.view(ScalarType.Byte));
    return records;
  }

  /** Whether {@link #encode} brings some of these values, {@code [N, …]}, to the largest it has. */
  boolean clamps(Tensor values) {
    return type == ScalarType.Half && values.abs().gt(new Scalar(LARGEST_HALF)).any().item_bool();
  }

  private static ScalarOptional bound(int sign) {
    return new ScalarOptional(new Scalar(sign * LARGEST_HALF));
  }

  /** Records to values, {@code [N, …]} of {@link #type}; maps are channels-last in memory. */
  Tensor decode(Tensor records) {
    long n = records.size(0);
    Tensor values = records.narrow(1, 0, bytes()).reshape(-1).view(type);
    if (shape.length != MAP) {
      return values.reshape(LongStream.concat(LongStream.of(n), LongStream.of(shape)).toArray());
    }
    return values.reshape(n, shape[1], shape[2], shape[0]).permute(0, 3, 1, 2);
  }

  /** Memory for the records of some images, all 0. */
  Tensor room(long images) {
    return torch.zeros(
        new long[] {images, bytes() + OutputFile.CHECKSUM}, new TensorOptions(ScalarType.Byte));
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}
