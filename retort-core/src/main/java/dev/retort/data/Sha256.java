package dev.retort.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 digest under construction. Texts and lists are written with their lengths, so that
 * different contents never give the same bytes.
 */
final class Sha256 {
  private final MessageDigest digest;

  Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** The digest of these bytes, in hexadecimal. */
  static String of(byte[] bytes) {
    return new Sha256().bytes(bytes, 0, bytes.length).hex();
  }

  Sha256 bytes(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
    return this;
  }

  Sha256 text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return numbers(bytes.length).bytes(bytes, 0, bytes.length);
  }

  /** Each number as four bytes, the most significant first. */
  Sha256 numbers(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length);
    bytes.asIntBuffer().put(numbers);
    digest.update(bytes);
    return this;
  }

  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
