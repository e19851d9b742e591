package dev.retort.weights;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a NumPy array file says of its contents: {@code {'descr': '<f4', 'fortran_order': False,
 * 'shape': (3, 4), }}. See https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 *
 * @param columnsFirst whether the first dimension is the innermost
 */
record NumPyHeader(TensorType type, boolean columnsFirst, long[] shape) {
  /** NumPy itself reads no longer one unless told to. */
  static final int MAXIMUM_BYTES = 10_000;

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
   * Reads a header's text.
   *
   * @param what names file and array in a message
   * @throws WeightsException if it is none, or the array is not of plain numbers
   */
  static NumPyHeader of(String text, String what) {
    String description = found(DESCRIPTION, text, "descr", what);
    if (description.contains("O")) {
      throw new WeightsException(
          what
              + ": refused: its elements are Python objects, which are pickled, and may be programs");
    }
    TensorType type = TYPES.get(description);
    if (type == null) {
      throw new WeightsException(
          what
              + ": its numbers are of type '"
              + description
              + "'; write little-endian 16-, 32- or 64-bit floats, or integers for an index");
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
        what
            + ": no array that is read: its header has no usable '"
            + key
            + "': a structured array is not");
  }

  /**
   * The bytes of all elements.
   *
   * @throws ArithmeticException if there are more than can be counted
   */
  long bytes() {
    long bytes = type.bytes();
    for (long size : shape) {
      bytes = Math.multiplyExact(bytes, size);
    }
    return bytes;
  }
}
