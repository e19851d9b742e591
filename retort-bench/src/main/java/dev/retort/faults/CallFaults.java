package dev.retort.faults;

import dev.retort.adversary.AdversarySettings;
import dev.retort.data.Augmentation;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.data.batch.BatchStream;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.optimization.FlatParameters;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.config.MethodPresets;
import dev.retort.training.Evaluator;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.SafeTensors;
import dev.retort.weights.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Random calls of the public API from several threads, about half of them wrong: each returns or
 * throws an exception with a message that is not of one of Java's own checks, and the process lives
 * on.
 */
final class CallFaults {
  private static final int THREADS = 4;
  private static final List<String> NETWORKS =
      List.of("resnet8", "resnet9", "wrn_16_1", "wrn_16", "vgg8", "airnet", "mobilenetV2", "x", "");
  private static final ScalarType[] TYPES = {
    ScalarType.Float, ScalarType.Double, ScalarType.Long, ScalarType.Half, ScalarType.Byte
  };

  private final Random random;
  private final Path folder;

  private CallFaults(Random random, Path folder) {
    this.random = random;
    this.folder = folder;
  }

  static void run(FaultPlan plan, Tally tally) throws IOException, InterruptedException {
    int calls = plan.count("count", 10_000, 200);
    AtomicInteger left = new AtomicInteger(calls);
    Thread[] threads = new Thread[THREADS];
    for (int t = 0; t < THREADS; t++) {
      CallFaults caller = new CallFaults(plan.random("calls " + t), plan.folder("calls"));
      threads[t] = new Thread(() -> caller.callUntilNoneIsLeft(left, tally), "caller-" + t);
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void callUntilNoneIsLeft(AtomicInteger left, Tally tally) {
    while (left.getAndDecrement() > 0) {
      int kind = random.nextInt(12);
      try (TensorScope scope = TensorScope.open()) {
        call(kind);
        tally.pass();
      } catch (Exception e) {
        tally.check(
            e.getMessage() != null && !e.getMessage().isBlank() && !isOfABug(e),
            "call " + kind + " threw " + e);
      } catch (Throwable e) {
        tally.fail("call " + kind + " threw " + e);
      }
    }
  }

  /** Of the runtime, where nobody looked at an argument before it was used. */
  private static boolean isOfABug(Exception e) {
    return e instanceof NullPointerException
        || e instanceof IndexOutOfBoundsException
        || e instanceof ClassCastException
        || e instanceof ArithmeticException
        || e instanceof NegativeArraySizeException;
  }

  private void call(int kind) throws IOException {
    switch (kind) {
      case 0 -> network();
      case 1, 2 -> forward();
      case 3 -> summary();
      case 4 -> tensors();
      case 5 -> safetensors();
      case 6 -> model();
      case 7 -> stream();
      case 8 -> objective();
      case 9 -> update();
      case 10 -> evaluate();
      default -> values();
    }
  }

  private <T> T one(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** Mostly small, sometimes absurd. */
  private int number() {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> -1 - random.nextInt(5);
      case 2 -> random.nextBoolean() ? Integer.MAX_VALUE : Integer.MIN_VALUE;
      default -> 1 + random.nextInt(12);
    };
  }

  private ImageShape shape() {
    int side = random.nextInt(4) == 0 ? number() : 8 << random.nextInt(2);
    return new ImageShape(random.nextInt(4) == 0 ? number() : 3, side, side);
  }

  private ImageShape modestShape() {
    ImageShape shape = shape();
    if (shape.height() > 64 || shape.channels() > 64) {
      throw new IllegalArgumentException("so much is not asked for here: " + shape);
    }
    return shape;
  }

  private Network network() {
    int classes = random.nextInt(3) == 0 ? Math.min(100, number()) : 4;
    return Networks.create(
        one(NETWORKS), modestShape(), classes, one(List.of(TYPES)), RandomSource.of(1, "calls"));
  }

  private Tensor tensor() {
    int dimensions = random.nextInt(5);
    long[] shape = new long[dimensions];
    int values = 1;
    for (int i = 0; i < dimensions; i++) {
      shape[i] = random.nextInt(5) == 0 ? random.nextInt(40) - 4 : 1 + random.nextInt(8);
      values *= (int) Math.max(0, shape[i]);
    }
    float[] numbers = new float[random.nextInt(6) == 0 ? values + 1 : values];
    return Tensors.of(numbers, shape);
  }

  private void forward() {
    Network network = network();
    Tensor images =
        random.nextInt(3) == 0
            ? tensor()
            : Tensors.of(
                new float[2 * network.input().values()],
                2,
                network.input().channels(),
                network.input().height(),
                network.input().width());
    Activations activations =
        ForwardPass.run(
            network,
            images,
            random.nextBoolean(),
            random.nextBoolean() ? Set.of() : Set.of(one(List.of("embedding", "stage:1", "x"))),
            random.nextBoolean() ? Precision.FP32 : Precision.BF16,
            Device.CPU);
    Tensors.toFloats(activations.logits());
    activations.get(one(List.of("logits", "embedding", "nothing")));
  }

  private void summary() {
    NetworkSummary.of(network()).shapes();
  }

  private void tensors() {
    Tensor tensor = tensor();
    switch (random.nextInt(4)) {
      case 0 -> Tensors.toFloats(tensor);
      case 1 -> Tensors.toLongs(tensor);
      case 2 -> Tensors.toDouble(tensor);
      default -> Tensors.bytes(tensor);
    }
  }

  private void safetensors() throws IOException {
    Path file = folder.resolve("tensors");
    if (random.nextBoolean()) {
      SafeTensors.write(
          file, Map.of("a", tensor(), one(List.of("b", "", "__metadata__")), tensor()), Map.of());
    } else {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      Files.write(file, noise);
    }
    SafeTensors.read(file);
    SafeTensors.bytes(file, one(List.of("a", "b", "c")));
  }

  private void model() {
    Network network = network();
    Path file = folder.resolve(random.nextInt(6) == 0 ? "no/such/folder" : "model");
    List<String> classes = random.nextBoolean() ? List.of("a", "b", "c", "d") : List.of("a");
    float[] mean = new float[random.nextInt(4) == 0 ? 1 : 3];
    float[] deviation = new float[mean.length];
    Arrays.fill(deviation, random.nextInt(4) == 0 ? 0 : 50);
    ModelInfo info = new ModelInfo(classes, new ChannelStatistics(mean, deviation), Map.of());
    ModelFile.save(network, info, file, one(List.of(TensorType.values())));
    ModelFile.load(file);
  }

  private void stream() {
    Splits data = SmallStudy.data();
    BatchPlan plan =
        new BatchPlan(
            random.nextInt(3) == 0 ? number() : 16,
            new Augmentation(
                random.nextInt(3) == 0 ? number() : 1,
                one(List.of(Augmentation.Padding.values())),
                one(List.of(Augmentation.Flip.values())),
                random.nextInt(3) == 0 ? number() : 2),
            1);
    ImageShape shape = random.nextInt(3) == 0 ? modestShape() : data.inputShape();
    try (BatchStream stream =
        BatchStream.training(data.train(), shape, data.statistics(), plan, Precision.FP32)) {
      int seen = 0;
      for (var batch : stream.epoch(number() % 100, random.nextInt(30))) {
        Tensors.toLongs(batch.labels());
        if (++seen == 3) {
          break;
        }
      }
    }
  }

  private void objective() {
    List<String> methods = List.copyOf(FaultMethods.all().keySet());
    ObjectiveSettings settings =
        random.nextBoolean()
            ? AdversarySettings.KIND.defaults()
            : one(List.copyOf(MethodPresets.objectives().kinds())).defaults();
    NetworkSummary student = NetworkSummary.of(network());
    NetworkSummary teacher = NetworkSummary.of(network());
    Pairing pairing =
        new Pairing(
            random.nextInt(4) == 0 ? Map.of() : teacher.shapes(),
            student.shapes(),
            random.nextInt(4) == 0 ? number() % 100 : 4,
            random.nextInt(4) == 0 ? number() % 1000 : 100,
            random.nextInt(4) == 0 ? one(List.of(TYPES)) : ScalarType.Float,
            RandomSource.of(1, one(methods)),
            null,
            null);
    settings.build(pairing);
  }

  private void update() {
    Network network = network();
    FlatParameters parameters =
        new FlatParameters(List.copyOf(network.state().parameters().values()));
    Sgd sgd =
        new Sgd(
            parameters,
            new Sgd.Settings(random.nextInt(3) == 0 ? number() : 0.9, true, 0, false, false, 1));
    try (NoGrad noGrad = NoGrad.open()) {
      sgd.step(random.nextInt(2) == 0 ? tensor() : parameters.values().clone(), number());
    }
  }

  private void evaluate() {
    Splits data = SmallStudy.data();
    try (Evaluator evaluator = new Evaluator(data.test(), data, Precision.FP32, Device.CPU)) {
      evaluator.evaluate(network());
    }
  }

  private void values() {
    switch (random.nextInt(6)) {
      case 0 -> new ImageShape(number(), number(), number());
      case 1 -> new Schedule.OneCycle(number(), number()).factor(number());
      case 2 ->
          DatasetSource.parse(one(List.of("cifar10", "cifar10:", ":", "x:y", "")), Path.of(""));
      case 3 ->
          new InMemoryDataset(
              "calls",
              List.of("a", "b"),
              new ImageShape(3, 8, 8),
              new byte[Math.max(0, number() % 1000)],
              new int[Math.max(0, number() % 1000)]);
      case 4 -> RandomSource.of(number(), "calls").permutation(number() % 1000);
      default -> new BatchPlan(number(), Augmentation.NONE, number());
    }
  }
}
