package dev.retort.bench;

import dev.retort.bench.BenchmarkResult.MethodSpeed;
import dev.retort.bench.BenchmarkResult.NetworkSpeed;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.serving.Estimate;
import dev.retort.study.Environment;
import dev.retort.study.StudentInitialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Measures what Retort does on this machine, by itself. */
public final class Benchmark {
  /** Whose steps the methods are measured on. */
  static final String STUDENT = "resnet20";

  /** Whose outputs they learn from. */
  static final String TEACHER = "resnet56";

  private static final String HINTON = "hinton";

  /** Floating-point operations of a forward pass for a multiply-accumulate. */
  private static final int FORWARD = 2;

  /**
   * The same of a training step: the backward pass takes two products where the forward has one.
   */
  private static final int TRAINING = 6;

  private final Selection selection;
  private final Rounds rounds;
  private final Precision precision = Precision.automatic(Device.CPU);
  private final Splits data = BenchmarkData.few(BenchmarkData.whole());

  /**
   * @param selection what is measured
   * @param seconds that each thing is measured for
   */
  public Benchmark(Selection selection, double seconds, Progress progress) {
    this.selection = selection;
    this.rounds = new Rounds(seconds, progress);
  }

  /** Every method that can be measured. */
  public static List<String> methods() {
    return List.copyOf(MethodConfigurations.all().keySet());
  }

  /** Measures on the calling thread, with as many threads as that has for an operation. */
  public BenchmarkResult run() {
    try (TensorScope scope = TensorScope.open();
        MethodWorkloads methods = new MethodWorkloads(data, selection.methods(), precision)) {
      ScalarType type =
          precision == Precision.BF16 ? ScalarType.BFloat16 : precision.parameterType();
      Workload product = EnginePeak.matrixProduct(type);
      Workload convolution = EnginePeak.convolution(type);
      List<Workload> all = new ArrayList<>(List.of(product, convolution));
      Workload loader = new BatchLoading(data, BenchmarkData.plan(0, 0), precision);
      if (selection.loader()) {
        all.add(loader);
      }
      List<NetworkWorkloads> networks = networks();
      networks.forEach(network -> all.addAll(List.of(network.forward(), network.training())));
      all.addAll(methods.byName().values());
      Measured measured = new Measured(rounds.measure(all, 0));
      BenchmarkResult.Peak peak =
          new BenchmarkResult.Peak(
              measured.rate(product, EnginePeak.PRODUCT_FLOPS),
              measured.rate(convolution, EnginePeak.CONVOLUTION_FLOPS));
      return result(measured, peak, loader, networks, methods);
    }
  }

  /**
   * What is measured of a network.
   *
   * @param macs multiply-accumulates for one image
   */
  private record NetworkWorkloads(String name, long macs, Workload forward, Workload training) {}

  private List<NetworkWorkloads> networks() {
    Tensor images =
        RandomSource.of(0, "images")
            .normal(
                precision.parameterType(),
                BenchmarkData.BATCH_SIZE,
                data.inputShape().height(),
                data.inputShape().width(),
                data.inputShape().channels())
            .permute(0, 3, 1, 2);
    List<NetworkWorkloads> workloads = new ArrayList<>();
    for (String name : selection.networks()) {
      Network network = StudentInitialization.random(name, data, Precision.FP32, 0);
      workloads.add(
          new NetworkWorkloads(
              name,
              NetworkSummary.of(network).macs(),
              new Repetition(name + " forward", () -> forward(network, images)),
              new TrainingSteps(
                  name + " training",
                  number -> Distillation.ofLabels(network, data, precision, number))));
    }
    return workloads;
  }

  /** In evaluation mode. */
  private void forward(Network network, Tensor images) {
    try (NoGrad noGrad = NoGrad.open()) {
      ForwardPass.run(network, images, false, Set.of(), precision, Device.CPU);
    }
  }

  private BenchmarkResult result(
      Measured measured,
      BenchmarkResult.Peak peak,
      Workload loader,
      List<NetworkWorkloads> networks,
      MethodWorkloads methods) {
    List<NetworkSpeed> networkSpeeds = new ArrayList<>();
    for (NetworkWorkloads workloads : networks) {
      long macs = workloads.macs();
      Estimate forward = measured.imagesPerSecond(workloads.forward());
      Estimate training = measured.imagesPerSecond(workloads.training());
      networkSpeeds.add(
          new NetworkSpeed(
              workloads.name(),
              macs,
              forward,
              forward.value() * FORWARD * macs / peak.best(),
              training,
              training.value() * TRAINING * macs / peak.best()));
    }
    List<MethodSpeed> methodSpeeds = new ArrayList<>();
    Workload hinton = methods.byName().get(HINTON);
    methods
        .byName()
        .forEach(
            (name, workload) -> {
              Estimate training = measured.imagesPerSecond(workload);
              methodSpeeds.add(
                  new MethodSpeed(
                      name,
                      training,
                      training.value() * TRAINING * methods.studentMacs() / peak.best(),
                      hinton == null ? null : measured.ratio(workload, hinton)));
            });
    return new BenchmarkResult(
        Environment.read(),
        precision.name().toLowerCase(Locale.ROOT),
        BenchmarkData.BATCH_SIZE,
        peak,
        selection.loader() ? measured.imagesPerSecond(loader) : null,
        networkSpeeds,
        STUDENT,
        TEACHER,
        methodSpeeds);
  }
}
