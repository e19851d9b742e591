package dev.retort.system;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 digest under construction. Texts and lists are written with their lengths, so that
 * different contents never give the same bytes.
 */
public final class Sha256 {
  private final MessageDigest digest;

  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** The digest of these bytes, in hexadecimal. */
  public static String of(byte[] bytes) {
    return new Sha256().bytes(bytes).hex();
  }

  /**
   * The digest of a file's bytes, in hexadecimal.
   *
   * @throws IOException if it cannot be read
   */
  public static String of(Path file) throws IOException {
    return new Sha256().file(file).hex();
  }

  public Sha256 bytes(byte[] bytes) {
    digest.update(bytes);
    return this;
  }

  /** The bytes of a file, which may be larger than the memory. */
  Sha256 file(Path file) throws IOException {
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
    return this;
  }

  /** The bytes between the buffer's position and limit. */
  public Sha256 bytes(ByteBuffer bytes) {
    digest.update(bytes);
    return this;
  }

  public Sha256 text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return numbers(bytes.length).bytes(bytes);
  }

  /** Each number as four bytes, the most significant first. */
  public Sha256 numbers(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length);
    bytes.asIntBuffer().put(numbers);
    digest.update(bytes);
    return this;
  }

  /**
   * The version of a computation whose result is digested. The first one adds nothing: digests from
   * before there were versions stay those of the first.
   *
   * @param of what computes, in a word
   * @param version from 1, raised where the same input gives other bits than before
   */
  public Sha256 version(String of, int version) {
    return version == 1 ? this : text(of).numbers(version);
  }

  /** The digest in hexadecimal, which ends it: a second call is that of nothing. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
