package dev.retort.bench;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.retort.data.ImageShape;
import dev.retort.engine.TensorScope;
import dev.retort.export.OnnxExport;
import dev.retort.serve.Classifier;
import dev.retort.serving.Estimate;
import dev.retort.shrink.UntrainedNetwork;
import dev.retort.system.TemporaryFolder;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadedModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * What {@link Classifier} costs beside ONNX Runtime: p50 of {@code classify} on a decoded picture
 * of the size that the network reads, against the bare call of the same file on the same bytes, and
 * against the network alone, without what the file does before and after; one thread, batch 1, by
 * turns. With a folder, also what a request costs: the first pictures in it, from their files, and
 * decoded before.
 *
 * <pre>{@code
 * retort-bench/run ServingLatency [MODEL [SECONDS [FOLDER]]]
 * }</pre>
 */
public final class ServingLatency {
  private static final String STUDENT = "resnet8";
  private static final double SECONDS = 20;

  /** Of a folder, so that they fit into memory when decoded. */
  private static final int PICTURES = 100;

  private ServingLatency() {}

  /** One call. */
  private interface Call {
    void run() throws OrtException, IOException;
  }

  /** Calls, whose time is that of the median call. */
  private record Calls(String name, Call call) implements Workload {
    @Override
    public double secondsAStep(int steps) {
      try {
        call.run();
        long[] nanoseconds = new long[steps];
        for (int i = 0; i < steps; i++) {
          long start = System.nanoTime();
          call.run();
          nanoseconds[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanoseconds);
        return nanoseconds[steps / 2] / 1e9;
      } catch (OrtException | IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Prints microseconds a call, and ratios with their 95 % intervals. */
  public static void main(String[] arguments) throws IOException, OrtException {
    double seconds = arguments.length < 2 ? SECONDS : Double.parseDouble(arguments[1]);
    try (TemporaryFolder work = new TemporaryFolder()) {
      Path whole = work.path().resolve("whole.onnx");
      Path alone = work.path().resolve("alone.onnx");
      ImageShape shape;
      try (TensorScope scope = TensorScope.open()) {
        LoadedModel model =
            arguments.length == 0
                ? UntrainedNetwork.of(STUDENT, BenchmarkData.whole())
                : ModelSource.parse(arguments[0], Path.of("")).open(null);
        shape = model.network().input();
        Files.write(whole, new OnnxExport(true, model.info().resize(), 1).bytes(model));
        Files.write(alone, new OnnxExport(false).bytes(model));
      }
      List<Path> pictures =
          arguments.length < 3 ? List.of() : pictures(Path.of(arguments[2]), PICTURES);
      measure(whole, alone, shape, seconds, pictures);
    }
  }

  private static List<Path> pictures(Path folder, int most) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(jpe?g|png)"))
          .sorted()
          .limit(most)
          .toList();
    }
  }

  private static void measure(
      Path whole, Path alone, ImageShape shape, double seconds, List<Path> pictures)
      throws IOException, OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    BufferedImage image =
        new BufferedImage(shape.width(), shape.height(), BufferedImage.TYPE_3BYTE_BGR);
    byte[] random = new byte[3 * shape.width() * shape.height()];
    new Random(1).nextBytes(random);
    image.getRaster().setDataElements(0, 0, shape.width(), shape.height(), random);
    ByteBuffer bytes = ByteBuffer.allocateDirect(shape.values());
    ByteBuffer floats =
        ByteBuffer.allocateDirect(shape.values() * Float.BYTES).order(ByteOrder.nativeOrder());
    for (int i = 0; i < shape.values(); i++) {
      bytes.put(i, random[i % random.length]);
      floats.putFloat(i * Float.BYTES, random[i % random.length] / 64f);
    }
    long[] last = {1, shape.height(), shape.width(), shape.channels()};
    long[] first = {1, shape.channels(), shape.height(), shape.width()};
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      try (OrtSession file = environment.createSession(whole.toString(), options);
          OrtSession network = environment.createSession(alone.toString(), options);
          Classifier classifier = Classifier.open(whole)) {
        Workload classify = new Calls("Classifier.classify", () -> classifier.classify(image));
        Workload bare =
            new Calls(
                "ONNX Runtime alone",
                () ->
                    run(
                        file,
                        OnnxTensor.createTensor(environment, bytes, last, OnnxJavaType.UINT8)));
        Workload net =
            new Calls(
                "the network alone",
                () ->
                    run(
                        network,
                        OnnxTensor.createTensor(environment, floats.asFloatBuffer(), first)));
        List<Workload> all = new ArrayList<>(List.of(classify, bare, net));
        if (!pictures.isEmpty()) {
          List<BufferedImage> decoded = new ArrayList<>();
          for (Path picture : pictures) {
            decoded.add(ImageIO.read(picture.toFile()));
          }
          AtomicInteger next = new AtomicInteger();
          all.add(
              new Calls(
                  "classify, pictures' files",
                  () ->
                      classifier.classify(pictures.get(next.getAndIncrement() % pictures.size()))));
          all.add(
              new Calls(
                  "classify, decoded pictures",
                  () -> classifier.classify(decoded.get(next.getAndIncrement() % decoded.size()))));
          System.out.printf(
              Locale.ROOT,
              "%d pictures of %.0f x %.0f pixels on average%n",
              decoded.size(),
              decoded.stream().mapToInt(BufferedImage::getWidth).average().orElseThrow(),
              decoded.stream().mapToInt(BufferedImage::getHeight).average().orElseThrow());
        }
        print(new Rounds(seconds, new Progress() {}).measure(all, 0), bare);
      }
    }
  }

  private static void run(OrtSession session, OnnxTensorLike input) throws OrtException {
    String name = session.getInputNames().iterator().next();
    try (input;
        OrtSession.Result result = session.run(Map.of(name, input))) {
      result.get(0).getValue();
    }
  }

  private static void print(Map<Workload, List<Double>> times, Workload bare) {
    System.out.println("one picture, one thread      p50, µs  times ONNX Runtime alone");
    times.forEach(
        (workload, seconds) -> {
          Estimate ratio = Estimate.ratio(seconds, times.getOrDefault(bare, List.of()));
          System.out.printf(
              Locale.ROOT,
              "%-26s  %8.1f  %.3f (%.3f … %.3f)%n",
              workload.name(),
              1e6 * Estimate.of(seconds).value(),
              ratio.value(),
              ratio.low(),
              ratio.high());
        });
  }
}
