package dev.retort.weights;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that knows how many bytes are left, so that no announced length need be believed. */
final class PickleInput extends InputStream {
  private final BufferedInputStream in;
  private long remaining;

  /** {@code length} is the number of bytes that {@code in} has. */
  PickleInput(InputStream in, long length) {
    this.in = new BufferedInputStream(in);
    this.remaining = length;
  }

  long remaining() {
    return remaining;
  }

  /** The next four bytes as an unsigned number, the least significant first, without going on. */
  long peekLength() throws IOException {
    in.mark(Integer.BYTES);
    byte[] bytes = in.readNBytes(Integer.BYTES);
    in.reset();
    long length = 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      length = length << 8 | (bytes[i] & 0xff);
    }
    return length;
  }

  /** The text up to the next line feed, which is left out; at most so many characters. */
  String readLine(int atMost) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = read(); next >= 0 && next != '\n'; next = read()) {
      if (line.length() == atMost) {
        throw new IOException("a name of more than " + atMost + " characters");
      }
      line.append((char) next);
    }
    return line.toString();
  }

  @Override
  public int read() throws IOException {
    int value = in.read();
    if (value >= 0) {
      remaining--;
    }
    return value;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = in.read(bytes, offset, length);
    if (count > 0) {
      remaining -= count;
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
