package dev.retort.bench.jmh;

import dev.retort.data.DatasetSource;
import dev.retort.data.ImageFile;
import dev.retort.data.ImageShape;
import dev.retort.data.Resizing;
import dev.retort.data.Splits;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The bundled data set's unpacking, and a picture's way from its file to a network's size. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class ReadingBenchmark {
  private static final int WIDTH = 500;
  private static final int HEIGHT = 375;

  private Path jpeg = Path.of("");
  private Path png = Path.of("");

  /** Writes a picture of the size that web pages have, in both formats. */
  @Setup
  public void writePictures() throws IOException {
    SplittableRandom random = new SplittableRandom(0);
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        image.setRGB(x, y, (x << 15) ^ (y << 7) ^ random.nextInt(16));
      }
    }
    jpeg = Files.createTempFile("retort-bench", ".jpg");
    png = Files.createTempFile("retort-bench", ".png");
    ImageIO.write(image, "jpg", jpeg.toFile());
    ImageIO.write(image, "png", png.toFile());
  }

  /** 7,000 images of 32×32. */
  @Benchmark
  public Splits bundledDataSet() {
    return DatasetSource.parse("cifar10-mini", Path.of("")).open();
  }

  /** Decoding and scaling to 64×64. */
  @Benchmark
  public ImageFile.Picture jpeg() throws IOException {
    return read(jpeg);
  }

  /** Decoding and scaling to 64×64. */
  @Benchmark
  public ImageFile.Picture png() throws IOException {
    return read(png);
  }

  private static ImageFile.Picture read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return Resizing.fit(ImageFile.read(file.toString(), bytes), new ImageShape(3, 64, 64));
  }

  /** Deletes the pictures. */
  @TearDown
  public void deletePictures() throws IOException {
    Files.delete(jpeg);
    Files.delete(png);
  }
}
