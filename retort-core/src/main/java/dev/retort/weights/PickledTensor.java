package dev.retort.weights;

import org.jspecify.annotations.Nullable;

/**
 * A tensor as a pickle describes it: a view of a storage whose numbers lie elsewhere in the file.
 *
 * @param offset of its first number in the storage
 * @param shape empty for a single number
 * @param stride between neighbours along each dimension, in numbers
 */
record PickledTensor(Storage storage, long offset, long[] shape, long[] stride) {
  /** LibTorch's own limit for most operations. */
  static final int MAXIMUM_DIMENSIONS = 64;

  /**
   * A row of numbers.
   *
   * @param key under which the file holds it
   * @param count how many numbers
   */
  record Storage(String key, TensorType type, long count) {
    /** Its size in bytes. */
    long bytes() {
      return count * type.bytes();
    }
  }

  /**
   * Why it cannot be: it reaches beyond its storage, or has more numbers than that; or null. (A
   * view that repeats numbers would make a small file claim any amount of memory; no parameter is
   * stored so.)
   */
  @Nullable String fault() {
    if (shape.length != stride.length || shape.length > MAXIMUM_DIMENSIONS) {
      return "has no proper shape";
    }
    if (offset < 0 || offset > storage.count()) {
      return "begins outside its storage of " + storage.count() + " numbers";
    }
    try {
      long count = 1;
      long last = offset;
      boolean empty = false;
      for (int i = 0; i < shape.length; i++) {
        if (shape[i] < 0 || stride[i] < 0) {
          return "has a negative shape or stride";
        }
        empty |= shape[i] == 0;
        count = Math.multiplyExact(count, Math.max(1, shape[i]));
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape[i] - 1), stride[i]));
      }
      if (!empty && (last >= storage.count() || count > storage.count())) {
        return "reaches beyond its storage of " + storage.count() + " numbers";
      }
      return null;
    } catch (ArithmeticException e) {
      return "has a shape whose size overflows";
    }
  }
}
