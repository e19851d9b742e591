package dev.retort.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.retort.data.Augmentation;
import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetOptions.Unreadable;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageFile;
import dev.retort.data.ImageFile.Picture;
import dev.retort.data.ImageShape;
import dev.retort.data.RandomResizedCrop;
import dev.retort.data.Resizing;
import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchPlan;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.system.TemporaryFolder;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What reading photographs costs on one core. First, decoding JPEGs of 12 megapixels and of 500 x
 * 375 and scaling them to 224 x 224, by turns with Pillow; beside it what Java's own decoder takes
 * alone. The JPEGs are made of the photographs in a folder, side by side. Then, epochs of that
 * folder's views at 64 x 64, with decoded pictures kept and not.
 *
 * <p>All times are processor time, which other work on the machine changes little.
 *
 * <pre>{@code
 * retort-bench/run PictureSpeed FOLDER [ROUNDS]
 * }</pre>
 */
public final class PictureSpeed {
  private static final int SIZE = 224;
  private static final int WIDTH = 4000;
  private static final int HEIGHT = 3000;
  private static final int SMALL = 40;

  private PictureSpeed() {}

  /** Prints milliseconds a picture, round by round, and their medians. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 0) {
      System.err.println("PictureSpeed FOLDER [ROUNDS]");
      System.exit(2);
    }
    Path folder = Path.of(arguments[0]);
    int rounds = arguments.length == 1 ? 5 : Integer.parseInt(arguments[1]);
    List<Path> files = new ArrayList<>();
    try (TemporaryFolder made = new TemporaryFolder()) {
      List<Path> photographs = photographs(folder);
      BufferedImage mosaic = mosaic(photographs);
      files.add(write(mosaic, made.path().resolve("large.jpg")));
      compare("12 megapixels", files, 3, rounds);
      List<Path> small = new ArrayList<>();
      for (int i = 0; i < SMALL; i++) {
        BufferedImage part = mosaic.getSubimage(i % 8 * 500, i / 8 * 375, 500, 375);
        small.add(write(part, made.path().resolve(i + ".jpg")));
      }
      files.addAll(small);
      compare("500 x 375", small, 5, rounds);
    }
    views(folder, 0.0);
    views(folder, null);
  }

  private static List<Path> photographs(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> files =
          new ArrayList<>(all.filter(file -> file.toString().endsWith(".jpg")).sorted().toList());
      Collections.shuffle(files, new Random(1));
      return files;
    }
  }

  /** Photographs side by side in their own sizes. */
  private static BufferedImage mosaic(List<Path> photographs) throws IOException {
    BufferedImage mosaic = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D graphics = mosaic.createGraphics();
    int next = 0;
    for (int y = 0; y < HEIGHT; y += 400) {
      for (int x = 0; x < WIDTH; x += 400) {
        graphics.drawImage(
            ImageIO.read(photographs.get(next++ % photographs.size()).toFile()), x, y, null);
      }
    }
    graphics.dispose();
    return mosaic;
  }

  /** In quality 90, with colours at half the resolution, as most cameras and sites have it. */
  private static Path write(BufferedImage image, Path file) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam quality = writer.getDefaultWriteParam();
    quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    quality.setCompressionQuality(0.9f);
    try (ImageOutputStream out = ImageIO.createImageOutputStream(file.toFile())) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), quality);
    } finally {
      writer.dispose();
    }
    return file;
  }

  /** Reads pictures, and does something with each. */
  private interface Reader {
    void read(Path file) throws IOException;
  }

  private static Picture picture(Path file) throws IOException {
    return ImageFile.read(file.toString(), Files.readAllBytes(file));
  }

  private static void compare(String name, List<Path> files, int times, int rounds)
      throws IOException, InterruptedException {
    ImageShape shape = new ImageShape(3, SIZE, SIZE);
    Reader ours = file -> Resizing.fit(picture(file), shape);
    Reader reading = PictureSpeed::picture;
    Reader decoder = file -> ImageIO.read(new ByteArrayInputStream(Files.readAllBytes(file)));
    for (int i = 0; i < 3; i++) { // until it is compiled
      measure(ours, files, times);
      measure(decoder, files, times);
    }
    double[] ratios = new double[rounds];
    System.out.println(name + ", ms a picture");
    System.out.println("round  Pillow  Retort  ratio  of it decoded  ImageIO alone");
    for (int round = 0; round < rounds; round++) {
      double pillow = pillow(files, times);
      double retort = measure(ours, files, times);
      double read = measure(reading, files, times);
      double alone = measure(decoder, files, times);
      ratios[round] = retort / pillow;
      System.out.printf(
          Locale.ROOT,
          "%5d  %6.2f  %6.2f  %5.2f  %13.2f  %13.2f%n",
          round + 1,
          pillow,
          retort,
          ratios[round],
          read,
          alone);
    }
    Arrays.sort(ratios);
    double median = (ratios[rounds / 2] + ratios[(rounds - 1) / 2]) / 2;
    System.out.printf(Locale.ROOT, "median ratio %.2f%n%n", median);
  }

  private static double pillow(List<Path> files, int times)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add("/usr/bin/python3");
    line.add(
        Path.of(System.getProperty("retort.home"), "retort-bench/peers/pictures.py").toString());
    line.add(Integer.toString(SIZE));
    line.add(Integer.toString(times));
    files.forEach(file -> line.add(file.toString()));
    Process process =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("Pillow's part failed: is python3-pil installed?");
    }
    return Double.parseDouble(out.strip());
  }

  private static double measure(Reader reader, List<Path> files, int times) throws IOException {
    long began = processorTime();
    for (int i = 0; i < times; i++) {
      for (Path file : files) {
        reader.read(file);
      }
    }
    return (processorTime() - began) / 1e6 / (times * files.size());
  }

  /** Of all threads, the collector's too, in nanoseconds. */
  private static long processorTime() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** Three epochs as examples/pictures-teacher.yaml has them, without a network. */
  private static void views(Path folder, @Nullable Double memoryGigabytes) {
    Engine.start();
    Splits splits =
        DatasetSource.parse("folder:" + folder, Path.of(""))
            .open(
                new DatasetOptions(
                    64,
                    null,
                    null,
                    null,
                    null,
                    0,
                    Unreadable.STOP,
                    null,
                    null,
                    null,
                    memoryGigabytes));
    Augmentation augmentation =
        new Augmentation(
            0,
            Augmentation.Padding.ZERO,
            Augmentation.Flip.RANDOM,
            0,
            new RandomResizedCrop(List.of(0.3, 1.0), RandomResizedCrop.STANDARD.ratio()));
    try (BatchStream stream =
        BatchStream.training(
            splits.train(),
            splits.inputShape(),
            splits.statistics(),
            new BatchPlan(64, augmentation, 1),
            Precision.FP32)) {
      for (int epoch = 0; epoch < 3; epoch++) {
        long began = processorTime();
        int images = 0;
        for (Batch batch : stream.epoch(epoch, 0)) {
          images += batch.size();
        }
        System.out.printf(
            Locale.ROOT,
            "%s, epoch %d: %.2f ms a view%n",
            memoryGigabytes == null ? "decoded pictures kept" : "decoded again",
            epoch + 1,
            (processorTime() - began) / 1e6 / images);
      }
    }
  }
}
