package dev.retort.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The header of a NumPy array file: after eight bytes and its length, {@code {'descr': '<f4',
 * 'fortran_order': False, 'shape': (3, 4), }}. See
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 *
 * @param columnsFirst whether the first dimension is the innermost
 */
record NumPyHeader(TensorType type, boolean columnsFirst, long[] shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy aligns the first number to it. */
  private static final int ALIGNMENT = 64;

  /** NumPy itself reads no longer one unless told to. */
  private static final int MAXIMUM_BYTES = 10_000;

  private static final int MAXIMUM_DIMENSIONS = 16;

  private static final Pattern DESCRIPTION = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,]*)\\)");
  private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");

  private static final Map<String, TensorType> TYPES =
      Map.of(
          "<f2", TensorType.F16,
          "<f4", TensorType.F32,
          "<f8", TensorType.F64,
          "|u1", TensorType.U8,
          "|i1", TensorType.I8,
          "<i2", TensorType.I16,
          "<i4", TensorType.I32,
          "<i8", TensorType.I64);

  /**
   * Reads a header, after which the numbers follow.
   *
   * @param size how many bytes the stream is said to have, the header's and the numbers'
   * @param what names file and array in a message
   * @throws WeightsException if it is none, or does not promise the bytes that follow
   */
  static NumPyHeader read(InputStream in, long size, String what) throws IOException {
    byte[] magic = in.readNBytes(MAGIC.length + 2);
    if (magic.length < MAGIC.length + 2
        || !Arrays.equals(Arrays.copyOf(magic, MAGIC.length), MAGIC)) {
      throw new WeightsException(what + ": no NumPy array: it does not begin like one");
    }
    int lengthBytes = magic[MAGIC.length] == 1 ? Short.BYTES : Integer.BYTES;
    byte[] length = in.readNBytes(lengthBytes);
    long textBytes = 0;
    for (int i = length.length - 1; i >= 0; i--) {
      textBytes = (textBytes << Byte.SIZE) | (length[i] & 0xff);
    }
    if (length.length < lengthBytes || textBytes > MAXIMUM_BYTES) {
      throw new WeightsException(
          "%s: no NumPy array: its header would have %d bytes".formatted(what, textBytes));
    }
    byte[] text = in.readNBytes((int) textBytes);
    NumPyHeader header = of(new String(text, StandardCharsets.UTF_8), what);
    header.requireWhole(size - (magic.length + lengthBytes + textBytes), what);
    return header;
  }

  private void requireWhole(long there, String what) {
    long promised = type.bytes();
    boolean empty = false;
    try {
      for (long length : shape) {
        empty |= length == 0;
        promised = Math.multiplyExact(promised, Math.max(1, length)); // as strides are computed
      }
    } catch (ArithmeticException e) {
      throw new WeightsException(
          "%s: claims the impossible shape %s".formatted(what, Arrays.toString(shape)), e);
    }
    promised = empty ? 0 : promised;
    if (promised != there) {
      throw new WeightsException(
          "%s: %s: its header promises %d bytes, and there are %d"
              .formatted(
                  what, promised > there ? "truncated" : "longer than it says", promised, there));
    }
  }

  /**
   * Reads a header's text.
   *
   * @param what names file and array in a message
   * @throws WeightsException if it is none, or the array is not of plain numbers
   */
  private static NumPyHeader of(String text, String what) {
    String description = found(DESCRIPTION, text, "descr", what);
    if (description.contains("O")) {
      throw new WeightsException(
          what
              + ": refused: its elements are Python objects, which are pickled, and may be programs");
    }
    TensorType type = TYPES.get(description);
    if (type == null) {
      throw new WeightsException(
          ("%s: its numbers are of type '%s'; write little-endian 16-, 32- or 64-bit floats, or"
                  + " integers for an index")
              .formatted(what, description));
    }
    boolean columnsFirst = found(ORDER, text, "fortran_order", what).equals("True");
    List<String> numbers =
        Stream.of(found(SHAPE, text, "shape", what).split(","))
            .map(String::strip)
            .filter(number -> !number.isEmpty())
            .toList();
    if (!numbers.stream().allMatch(LENGTH.asMatchPredicate())) {
      throw unusable("shape", what);
    }
    if (numbers.size() > MAXIMUM_DIMENSIONS) {
      throw new WeightsException(what + ": it has " + numbers.size() + " dimensions");
    }
    return new NumPyHeader(
        type, columnsFirst, numbers.stream().mapToLong(Long::parseLong).toArray());
  }

  private static String found(Pattern pattern, String text, String key, String what) {
    Matcher matcher = pattern.matcher(text);
    if (!text.startsWith("{") || !matcher.find()) {
      throw unusable(key, what);
    }
    return matcher.group(1);
  }

  private static WeightsException unusable(String key, String what) {
    return new WeightsException(
        "%s: no array that is read: its header has no usable '%s': a structured array is not"
            .formatted(what, key));
  }

  /**
   * As it stands at the beginning of a file, in NumPy's format 1.0.
   *
   * @throws IllegalArgumentException if NumPy has no such type
   */
  byte[] toBytes() {
    String description =
        TYPES.entrySet().stream()
            .filter(known -> known.getValue() == type)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("NumPy has no numbers of " + type));
    String lengths =
        LongStream.of(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String text =
        "{'descr': '%s', 'fortran_order': %s, 'shape': (%s%s), }"
            .formatted(
                description,
                columnsFirst ? "True" : "False",
                lengths,
                shape.length == 1 ? "," : "");
    int before = MAGIC.length + 2 + Short.BYTES;
    int end = (before + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(end).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (end - before));
    bytes.put(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.remaining() > 1) {
      bytes.put((byte) ' ');
    }
    return bytes.put((byte) '\n').array();
  }
}
