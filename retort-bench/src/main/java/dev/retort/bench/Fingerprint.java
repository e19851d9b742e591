package dev.retort.bench;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.UnknownFieldSet;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.study.Study;
import dev.retort.study.StudyListener;
import dev.retort.study.Summary;
import dev.retort.study.config.RunName;
import dev.retort.system.AtomicFile;
import dev.retort.system.Folders;
import dev.retort.system.Sha256;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import dev.retort.training.TrainingListener;
import dev.retort.weights.SafeTensors;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * What this build computes, as digests, to be compared before and after a rebuilding. A resnet8
 * learns 40 steps from the bundled teacher, with one thread and seed 1, in fp32 and, where the
 * processor multiplies it, in bf16; the digests are of its tensors by name, of the metrics without
 * times, of evaluations, and of what is exported: graph, weights and ONNX Runtime's outputs on 16
 * fixed images, without metadata. The digests of two kinds of machine differ.
 *
 * <pre>{@code
 * retort-bench/run Fingerprint --out FILE [--all]
 * retort-bench/run Fingerprint --compare FILE [--all]
 * }</pre>
 *
 * <p>The short form has six methods, photographs in a folder, an ONNX teacher, two ranks and the
 * library. With {@code --all} it has every method, cold, with the teacher's outputs kept, and
 * resumed in mid-epoch.
 */
public final class Fingerprint {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** What differs between two runs that are the same, or says where they ran. */
  private static final List<String> TIMES =
      List.of("seconds", "imagesPerSecond", "environment", "model", "data");

  private static final int METADATA = 14; // ModelProto.metadata_props
  private static final int IMAGES = 16;
  private static final int SIDE = 32;
  private static final int STOP = 20;

  private final Path work;
  private final Map<String, String> digests = new TreeMap<>();

  private Fingerprint(Path work) {
    this.work = work;
  }

  /** Writes the digests, or lists where they differ from a file's, with exit code 1 if they do. */
  public static void main(String[] arguments) throws Exception {
    List<String> given = List.of(arguments);
    boolean all = given.contains("--all");
    Path out = after(given, "--out");
    Path compared = after(given, "--compare");
    if (out == null && compared == null) {
      System.err.println("Fingerprint --out FILE | --compare FILE [--all]");
      System.exit(2);
    }
    if (out != null) {
      AtomicFile.requireNew(out);
    }
    Map<String, String> expected = compared == null ? Map.of() : read(compared);
    Path work = Files.createTempDirectory("fingerprint");
    try {
      Fingerprint fingerprint = new Fingerprint(work);
      fingerprint.take(all);
      if (out != null) {
        JSON.writeValue(out.toFile(), fingerprint.digests);
        System.out.printf("%s  %,d digests%n", out, fingerprint.digests.size());
      }
      if (compared != null && !fingerprint.matches(expected, compared)) {
        System.exit(1);
      }
    } finally {
      Folders.delete(work);
    }
  }

  private static @Nullable Path after(List<String> arguments, String option) {
    int at = arguments.indexOf(option);
    return at < 0 || at + 1 == arguments.size() ? null : Path.of(arguments.get(at + 1));
  }

  private static Map<String, String> read(Path file) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    JSON.readTree(file.toFile())
        .properties()
        .forEach(entry -> digests.put(entry.getKey(), entry.getValue().asText()));
    return digests;
  }

  private boolean matches(Map<String, String> expected, Path file) {
    TreeSet<String> names = new TreeSet<>(expected.keySet());
    names.addAll(digests.keySet());
    names.removeIf(name -> expected.getOrDefault(name, "").equals(digests.get(name)));
    names.forEach(
        name ->
            System.out.println(
                !digests.containsKey(name)
                    ? "gone     " + name
                    : (expected.containsKey(name) ? "differs  " : "new      ") + name));
    System.out.printf("%,d digests, %,d differ from %s%n", digests.size(), names.size(), file);
    return names.isEmpty();
  }

  private void take(boolean all) throws Exception {
    List<String> precisions =
        Precision.automatic(Device.CPU) == Precision.BF16
            ? List.of("fp32", "bf16")
            : List.of("fp32");
    Path onnx = work.resolve("teacher.onnx");
    command("export", "bundled:cifar10", "--to", "onnx", "--out", onnx.toString());
    for (String precision : precisions) {
      if (all) {
        everyMethod(precision);
      } else {
        String methods = "[cross-entropy, hinton, ttm, fitnet, adversarial, adversarial-pair]";
        Path study = study("methods", "bundled:cifar10", precision, methods, "cache");
        compare("methods-" + precision, study);
        exports("methods-" + precision, precision);
        Path external = study("onnx-teacher", onnx.toString(), precision, "[hinton]", "cache");
        compare("onnx-teacher-" + precision, external);
      }
    }
    if (all) {
      return;
    }
    Path study = study("ranks", "bundled:cifar10", "fp32", "[hinton, adversarial]", "cache");
    Path out = work.resolve("out-ranks");
    command("launch", "--nproc", "2", "--", "compare", study.toString(), "--out", out.toString());
    runs("ranks", out);
    photographs();
    library(
        "library", study("library", "bundled:cifar10", "fp32", "[adversarial-hinton]", "cache"));
  }

  /** Cold, with the outputs that the first run kept, and stopped after 20 of the 40 steps. */
  private void everyMethod(String precision) throws Exception {
    for (JsonNode method : JSON.readTree(command("list", "methods", "--json")).path("methods")) {
      String name = method.path("name").asText();
      for (String form : List.of("cold", "warm", "resumed")) {
        Path study =
            study(
                form, "bundled:cifar10", precision, "[" + name + "]", "cache-" + precision + name);
        library(form + "-" + precision, study);
      }
      Folders.delete(work.resolve("cache-" + precision + name));
    }
  }

  private void photographs() throws Exception {
    Path pictures = work.resolve("pictures");
    pictures(pictures);
    Path training = work.resolve("training.yaml");
    Files.writeString(
        training,
        """
        data: {source: 'folder:%s', size: 32}
        network: resnet14
        training: {epochs: 2, batchSize: 20, learningRate: 0.05, precision: fp32, threads: 1}
        seed: 1
        """
            .formatted(pictures));
    Path trained = work.resolve("out-training");
    command("train", training.toString(), "--out", trained.toString());
    runs("training", trained);
    Path teacher;
    try (Stream<Path> runs = Files.list(trained.resolve("runs"))) {
      teacher = runs.findFirst().orElseThrow();
    }
    Path study = work.resolve("photographs.yaml");
    Files.writeString(
        study,
        """
        data: {source: 'folder:%s', size: 32}
        teacher: '%s'
        student: resnet8
        training: {epochs: 5, batchSize: 20, learningRate: 0.05, precision: fp32, threads: 1}
        seeds: [1]
        methods: [hinton]
        cache: {folder: cache}
        """
            .formatted(pictures, teacher));
    compare("photographs", study);
  }

  /** Four classes of 50 pictures of many sizes, drawn and compressed. */
  private static void pictures(Path folder) throws IOException {
    Random random = new Random(1);
    for (int of = 0; of < 4; of++) {
      Path ofClass = Files.createDirectories(folder.resolve("class-" + of));
      for (int i = 0; i < 50; i++) {
        int width = 40 + random.nextInt(120);
        int height = 40 + random.nextInt(120);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D drawing = image.createGraphics();
        Color first = Color.getHSBColor(of / 4f + random.nextFloat() / 3, 1, 1);
        Color second = Color.getHSBColor(random.nextFloat(), 0.5f, 0.5f);
        drawing.setPaint(new GradientPaint(0, 0, first, width, height, second));
        drawing.fillRect(0, 0, width, height);
        drawing.dispose();
        ImageIO.write(image, "jpg", ofClass.resolve(i + ".jpg").toFile());
      }
    }
  }

  private Path study(String name, String teacher, String precision, String methods, String cache)
      throws IOException {
    Path file = work.resolve(name + ".yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        teacher: %s
        student: resnet8
        training: {epochs: 1, batchSize: 100, learningRate: 0.05, precision: %s, threads: 1}
        views: 2
        seeds: [1]
        methods: %s
        comparisons: []
        cache: {folder: %s}
        """
            .formatted(teacher, precision, methods, cache));
    return file;
  }

  private void compare(String name, Path study) throws Exception {
    Path out = work.resolve("out-" + name);
    command("compare", study.toString(), "--out", out.toString());
    runs(name, out);
  }

  /** As a program of a user's own does it; in the form "resumed" with a stop in mid-epoch. */
  private void library(String name, Path study) throws IOException {
    Path out = work.resolve("out-library");
    StopRequest stop = new StopRequest();
    if (!name.startsWith("resumed")) {
      library(Study.read(study), out, new StopRequest(), new TrainingListener() {});
    } else {
      try {
        library(Study.read(study), out, stop, new AfterStep(STOP - 1, stop::request));
        throw new IllegalStateException(name + " did not stop");
      } catch (StoppedException e) {
        library(Study.read(study), out, new StopRequest(), new TrainingListener() {});
      }
    }
    runs(name, out);
    Folders.delete(out);
  }

  /**
   * Does a study with one thread, or goes on with it.
   *
   * @param listener of each run's training
   */
  public static Summary library(
      Study study, Path out, StopRequest stop, TrainingListener listener) {
    StudyListener listening =
        new StudyListener() {
          @Override
          public TrainingListener runBegins(RunName run, int number, int runs, int epochs) {
            return listener;
          }
        };
    Engine.threads(1);
    return study.listener(listening).stop(stop).resume(true).run(out);
  }

  private void runs(String name, Path out) throws IOException {
    try (Stream<Path> runs = Files.list(out.resolve("runs"))) {
      for (Path run : (Iterable<Path>) runs.sorted()::iterator) {
        String prefix = name + "/" + run.getFileName() + "/";
        tensors(prefix + "student/", run.resolve("student.safetensors"));
        StringBuilder metrics = new StringBuilder();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
          metrics.append(withoutTimes(line)).append('\n');
        }
        put(prefix + "metrics", metrics.toString());
        put(prefix + "result", withoutTimes(Files.readString(run.resolve("result.json"))));
      }
    }
  }

  private void tensors(String prefix, Path file) {
    SafeTensors.header(file)
        .tensors()
        .keySet()
        .forEach(
            tensor -> digests.put(prefix + tensor, Sha256.of(SafeTensors.bytes(file, tensor))));
  }

  private static String withoutTimes(String json) throws IOException {
    JsonNode tree = JSON.readTree(json);
    TIMES.forEach(key -> tree.findParents(key).forEach(node -> ((ObjectNode) node).remove(key)));
    return tree.toString();
  }

  private void put(String name, String text) {
    digests.put(name, new Sha256().text(text).hex());
  }

  /** Every form in which the student of Hinton's loss leaves, and what it then decides. */
  private void exports(String name, String precision) throws Exception {
    String run = work.resolve("out-" + name + "/runs/resnet8-hinton-seed1").toString();
    Path folder = Files.createDirectories(work.resolve("exports-" + precision));
    Path plain = folder.resolve("student.onnx");
    command("export", run, "--to", "onnx", "--out", plain.toString());
    onnx(name + "/onnx/", plain, false);
    Path pixels = folder.resolve("pixels.onnx");
    command("export", run, "--to", "onnx", "--preprocessing", "--out", pixels.toString());
    onnx(name + "/onnx-preprocessing/", pixels, true);
    Path int8 = folder.resolve("int8.onnx");
    command(
        "export",
        run,
        "--to",
        "onnx",
        "--int8",
        "--data",
        "cifar10-mini",
        "--out",
        int8.toString());
    onnx(name + "/onnx-int8/", int8, false);
    Path weights = folder.resolve("student.safetensors");
    command("export", run, "--to", "safetensors", "--out", weights.toString());
    tensors(name + "/safetensors/", weights);
    Path script = folder.resolve("student.pt");
    command("export", run, "--to", "torchscript", "--out", script.toString());
    for (String model : List.of(run, plain.toString(), script.toString(), "bundled:cifar10")) {
      String what = model.equals(run) ? "student" : Path.of(model).getFileName().toString();
      String result = command("evaluate", model, "--data", "cifar10-mini", "--json");
      put(name + "/evaluate/" + what, withoutTimes(result));
    }
  }

  /** Nodes, attributes, initialisers and ends, and what ONNX Runtime makes of fixed images. */
  private void onnx(String prefix, Path file, boolean bytes) throws IOException, OrtException {
    byte[] model = Files.readAllBytes(file);
    UnknownFieldSet fields = UnknownFieldSet.parseFrom(model);
    byte[] rest = fields.toBuilder().clearField(METADATA).build().toByteArray();
    digests.put(prefix + "graph", Sha256.of(rest));
    Random random = new Random(2);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(model, options);
          OnnxTensor images = images(environment, random, bytes);
          OrtSession.Result result =
              session.run(Map.of(session.getInputNames().iterator().next(), images))) {
        FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
        ByteBuffer all =
            ByteBuffer.allocate(Float.BYTES * values.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        all.asFloatBuffer().put(values);
        digests.put(prefix + "outputs", Sha256.of(all.array()));
      }
    }
  }

  private static OnnxTensor images(OrtEnvironment environment, Random random, boolean bytes)
      throws OrtException {
    int values = IMAGES * 3 * SIDE * SIDE;
    if (bytes) {
      byte[] pixels = new byte[values];
      random.nextBytes(pixels);
      ByteBuffer buffer = ByteBuffer.allocateDirect(values).put(pixels).flip();
      return OnnxTensor.createTensor(
          environment, buffer, new long[] {IMAGES, SIDE, SIDE, 3}, OnnxJavaType.UINT8);
    }
    float[] pixels = new float[values];
    for (int i = 0; i < values; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return OnnxTensor.createTensor(
        environment, FloatBuffer.wrap(pixels), new long[] {IMAGES, 3, SIDE, SIDE});
  }

  /** Runs the command in a process of its own, with one thread and a cache of its own. */
  private String command(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-Xmx768m", "-XX:+UseSerialGC", "-Djava.awt.headless=true"));
    line.add("-Dorg.bytedeco.javacpp.maxbytes=0");
    line.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.retort.cli.Main"));
    line.addAll(List.of(arguments));
    Path log = work.resolve("log");
    ProcessBuilder builder = new ProcessBuilder(line).redirectError(log.toFile());
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("XDG_CACHE_HOME", work.resolve("user-cache").toString());
    long begun = System.nanoTime();
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          "retort " + String.join(" ", arguments) + " failed:\n" + Files.readString(log));
    }
    System.err.printf(
        Locale.ROOT, "%5.0f s  retort %s%n", (System.nanoTime() - begun) / 1e9, arguments[0]);
    return output;
  }
}
