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
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadedModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * What {@link Classifier} costs beside ONNX Runtime: p50 of {@code classify} on a decoded picture
 * of the size that the network reads, against the bare call of the same file on the same bytes, and
 * against the network alone, without what the file does before and after; one thread, batch 1, by
 * turns.
 *
 * <pre>{@code
 * retort-bench/run ServingLatency [MODEL [SECONDS]]
 * }</pre>
 */
public final class ServingLatency {
  private static final String STUDENT = "resnet8";
  private static final double SECONDS = 20;

  private ServingLatency() {}

  /** One call. */
  private interface Call {
    void run() throws OrtException;
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
      } catch (OrtException e) {
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
                ? BenchmarkTeachers.untrained(STUDENT, BenchmarkData.whole())
                : ModelSource.parse(arguments[0], Path.of("")).open(null);
        shape = model.network().input();
        Files.write(whole, new OnnxExport(true).bytes(model));
        Files.write(alone, new OnnxExport(false).bytes(model));
      }
      measure(whole, alone, shape, seconds);
    }
  }

  private static void measure(Path whole, Path alone, ImageShape shape, double seconds)
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
        print(new Rounds(seconds, new Silence()).measure(List.of(classify, bare, net)), bare);
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

  /** It takes less than a minute. */
  private static final class Silence implements Progress {
    @Override
    public void begins(int measurements, double seconds) {
      // the caller knows
    }

    @Override
    public void measuring(String name, int done, int total) {
      // the table says it all
    }
  }
}
