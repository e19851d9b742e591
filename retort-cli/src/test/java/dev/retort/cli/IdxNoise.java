package dev.retort.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Images of 8 x 8 grey pixels in MNIST's files: noise in two classes, of which one is brighter. */
public final class IdxNoise {
  private IdxNoise() {}

  /** Makes {@code folder/data} with the parts {@code train} and {@code t10k}. */
  public static Path write(Path folder, int train, int test) throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    write(data, "train", train);
    write(data, "t10k", test);
    return data;
  }

  private static void write(Path data, String part, int images) throws IOException {
    ByteBuffer pixels = ByteBuffer.allocate(16 + 64 * images);
    pixels.putInt(0x0803).putInt(images).putInt(8).putInt(8);
    ByteBuffer labels = ByteBuffer.allocate(8 + images);
    labels.putInt(0x0801).putInt(images);
    for (int i = 0; i < images; i++) {
      labels.put((byte) (i % 2));
      for (int k = 0; k < 64; k++) {
        pixels.put((byte) ((i * 37 + k * 11) % 128 + 128 * (i % 2)));
      }
    }
    Files.write(data.resolve(part + "-images-idx3-ubyte"), pixels.array());
    Files.write(data.resolve(part + "-labels-idx1-ubyte"), labels.array());
  }
}
