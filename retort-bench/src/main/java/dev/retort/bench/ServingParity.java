package dev.retort.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.serve.Classifier;
import dev.retort.serve.Prediction;
import dev.retort.study.Study;
import dev.retort.system.TemporaryFolder;
import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;

/**
 * Whether an exported student decides in service as {@code retort predict} does: a thousand
 * photographs of a folder, or as many as asked for, fifty of them made grey, turned (Exif), or with
 * a colour profile, are classified by the command and by {@link Classifier}. At most two decisions
 * may differ, each with its two best within 10⁻³.
 *
 * <p>The folder has a folder of JPEGs for each class. Without a model, a small one is trained on
 * them first.
 *
 * <pre>{@code
 * retort-bench/run ServingParity FOLDER [MODEL] [COUNT]
 * }</pre>
 */
public final class ServingParity {
  private static final int PHOTOGRAPHS = 1000;
  private static final int ALTERED = 50;
  private static final int MOST_OTHERS = 2;
  private static final double CLOSE = 1e-3;

  /** No probability may differ so much; by other sums the largest is a seventh of it. */
  private static final double FAR = 1e-2;

  private ServingParity() {}

  /** Prints what differs, and ends with 1 if that is too much, or if photographs are lacking. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 0) {
      System.err.println("ServingParity FOLDER [MODEL] [COUNT]");
      System.exit(2);
    }
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    String last = arguments[arguments.length - 1];
    boolean counted = arguments.length > 1 && last.matches("\\d{1,9}");
    int count = counted ? Integer.parseInt(last) : PHOTOGRAPHS;
    boolean trained = arguments.length == (counted ? 2 : 1);
    boolean close;
    try (TemporaryFolder work = new TemporaryFolder()) {
      List<Path> photographs = photographs(folder, count, work.path());
      if (photographs.size() >= count) {
        String model = trained ? train(folder, work.path()) : arguments[1];
        close = compare(photographs, model, work.path());
      } else {
        System.err.printf(
            Locale.ROOT,
            "%s has %,d photographs, not %,d: give their number as the last argument%n",
            folder,
            photographs.size(),
            count);
        close = false;
      }
    }
    System.exit(close ? 0 : 1);
  }

  /** Those in a random order, the first of them altered in turn. */
  private static List<Path> photographs(Path folder, int count, Path work) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files =
          new ArrayList<>(
              all.filter(file -> file.toString().toLowerCase(Locale.ROOT).matches(".*\\.jpe?g"))
                  .sorted()
                  .toList());
    }
    Collections.shuffle(files, new Random(1));
    List<Path> chosen = new ArrayList<>(files.subList(0, Math.min(count, files.size())));
    for (int i = 0; i < Math.min(ALTERED, chosen.size()); i++) {
      byte[] jpeg = Files.readAllBytes(chosen.get(i));
      Path altered = work.resolve("altered-" + i + ".jpg");
      chosen.set(
          i,
          Files.write(
              altered,
              switch (i % 3) {
                case 0 -> grey(chosen.get(i));
                case 1 -> turned(jpeg, 2 + i % 7);
                default -> profiled(jpeg);
              }));
    }
    return chosen;
  }

  private static byte[] grey(Path file) throws IOException {
    BufferedImage colours = ImageIO.read(file.toFile());
    BufferedImage grey =
        new BufferedImage(colours.getWidth(), colours.getHeight(), BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = grey.createGraphics();
    graphics.drawImage(colours, 0, 0, null);
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(grey, "jpeg", out);
    return out.toByteArray();
  }

  /** With a directory of one entry: orientation, a short, one of them. */
  private static byte[] turned(byte[] jpeg, int orientation) {
    ByteBuffer exif = ByteBuffer.allocate(32);
    exif.put("Exif\0\0MM\0*".getBytes(StandardCharsets.US_ASCII)).putInt(8);
    exif.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation);
    return withSegment(jpeg, 0xffe1, exif.array());
  }

  private static byte[] profiled(byte[] jpeg) {
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    ByteBuffer segment = ByteBuffer.allocate(14 + profile.length);
    segment.put("ICC_PROFILE\0\1\1".getBytes(StandardCharsets.US_ASCII)).put(profile);
    return withSegment(jpeg, 0xffe2, segment.array());
  }

  private static byte[] withSegment(byte[] jpeg, int marker, byte[] content) {
    ByteBuffer all = ByteBuffer.allocate(jpeg.length + 4 + content.length);
    all.put(jpeg, 0, 2).putShort((short) marker).putShort((short) (2 + content.length));
    return all.put(content).put(jpeg, 2, jpeg.length - 2).array();
  }

  private static String train(Path folder, Path work) {
    System.out.println("training resnet8 on 96 x 96 pixels …");
    Study.of(
            Map.of(
                "data", Map.of("source", "folder:" + folder, "size", 96),
                "student", "resnet8",
                "seeds", List.of(1),
                "test", false,
                "training",
                    Map.of(
                        "epochs",
                        3,
                        "batchSize",
                        64,
                        "learningRate",
                        0.1,
                        "schedule",
                        "one-cycle",
                        "augmentation",
                        Map.of("flip", "random", "randomResizedCrop", Map.of())),
                "methods", List.of("cross-entropy")))
        .run(work.resolve("study"));
    return work.resolve("study/runs/resnet8-cross-entropy-seed1").toString();
  }

  private static boolean compare(List<Path> photographs, String model, Path work)
      throws IOException, InterruptedException {
    Path exported = work.resolve("student.onnx");
    command(List.of("export", model, "--to=onnx", "--preprocessing", "--out", exported.toString()));
    List<String> predict = new ArrayList<>(List.of("predict", model, "--json"));
    photographs.forEach(file -> predict.add(file.toString()));
    JsonNode predicted = new ObjectMapper().readTree(command(predict));

    Set<String> decisions = new HashSet<>();
    int others = 0;
    double largest = 0;
    double widest = 0;
    double sum = 0;
    try (Classifier classifier = Classifier.open(exported)) {
      for (int i = 0; i < photographs.size(); i++) {
        JsonNode ours = predicted.get(i);
        List<Prediction> served = classifier.classify(photographs.get(i));
        double difference = 0;
        for (Prediction prediction : served) {
          double own = ours.get("probabilities").get(prediction.name()).asDouble();
          difference = Math.max(difference, Math.abs(own - prediction.probability()));
        }
        sum += difference;
        largest = Math.max(largest, difference);
        decisions.add(served.get(0).name());
        if (!served.get(0).name().equals(ours.get("prediction").asText())) {
          others++;
          double apart = twoBestApart(ours.get("probabilities"));
          widest = Math.max(widest, apart);
          System.out.printf(
              Locale.ROOT,
              "%s: %s in service, %s by predict, whose two best are %.1e apart%n",
              photographs.get(i),
              served.get(0).name(),
              ours.get("prediction").asText(),
              apart);
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%,d photographs, %d of them altered; they are decided to be of %d classes%n"
            + "decisions that differ                %d%n"
            + "largest difference of a probability  %.1e (mean over photographs %.1e)%n",
        photographs.size(),
        Math.min(ALTERED, photographs.size()),
        decisions.size(),
        others,
        largest,
        sum / photographs.size());
    return others <= MOST_OTHERS && widest < CLOSE && largest < FAR && decisions.size() > 1;
  }

  private static double twoBestApart(JsonNode probabilities) {
    double[] sorted =
        StreamSupport.stream(probabilities.spliterator(), false)
            .mapToDouble(JsonNode::asDouble)
            .sorted()
            .toArray();
    return sorted[sorted.length - 1] - sorted[sorted.length - 2];
  }

  /** What the command prints. */
  private static String command(List<String> arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(Arrays.asList("-cp", System.getProperty("java.class.path"), "dev.retort.cli.Main"));
    line.addAll(arguments);
    Process process =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(arguments.get(0) + " ended with " + process.exitValue());
    }
    return out;
  }
}
