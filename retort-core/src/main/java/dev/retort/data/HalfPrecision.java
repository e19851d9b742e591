package dev.retort.data;

/** IEEE 754's 16-bit floats: a sign, 5 bits of exponent, 10 of fraction. */
final class HalfPrecision {
  private static final int FRACTION_BITS = 10;
  private static final int FRACTION = 0x3ff;
  private static final int EXPONENT = 0x1f;

  private HalfPrecision() {}

  /** The number in two bytes, the less significant first; exact. */
  static float of(byte[] bytes) {
    int bits = (bytes[0] & 0xff) | ((bytes[1] & 0xff) << Byte.SIZE);
    int exponent = (bits >> FRACTION_BITS) & EXPONENT;
    int fraction = bits & FRACTION;
    float size =
        switch (exponent) {
          case 0 -> Math.scalb((float) fraction, -24);
          case EXPONENT -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Math.scalb((float) (fraction + FRACTION + 1), exponent - 25);
        };
    return bytes[1] < 0 ? -size : size;
  }
}
