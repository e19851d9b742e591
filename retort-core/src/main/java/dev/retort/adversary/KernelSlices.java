package dev.retort.adversary;

import dev.retort.distill.Pairing;
import dev.retort.distill.Step;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import dev.retort.network.Stages;
import dev.retort.network.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The talk's title, "by means of their weights": the k×k slices of the convolutions' kernels {@code
 * [out, in, k, k]}, one sample each, so that the numbers of channels never have to match. Slices of
 * 1×1 are numbers without a shape and are left out, kernels that are not square as well.
 *
 * <p>Batch normalisation makes a kernel's scale arbitrary, so it is divided out: nothing is
 * subtracted, and either each filter {@code [in, k, k]} is divided by its norm and multiplied by
 * √in, after which its slices have the mean square norm 1, or each slice is divided by its own.
 */
public final class KernelSlices implements Representation {
  /** The name in a configuration's {@code on}. */
  static final String NAME = "weights";

  /** Whose slices one discriminator reads. */
  public enum Pool {
    /** All of the network's. */
    NETWORK,
    /** A stage's of both networks, one discriminator a stage. */
    STAGE
  }

  /** What scale is divided out. */
  public enum Normalization {
    FILTER,
    SLICE,
    NONE
  }

  /**
   * YAML: {@code kernels: {pool: network, samples: 1024, normalization: filter}}.
   *
   * @param pool whether slices are pooled over the whole network or stage by stage
   * @param samples slices of each network that D reads in a step, drawn with replacement
   * @param normalization what is divided by its norm: each filter, each slice, or nothing
   */
  public record Settings(Pool pool, int samples, Normalization normalization) {
    /** The values of keys that are left out. */
    public static final Settings DEFAULTS = new Settings(Pool.NETWORK, 1024, Normalization.FILTER);

    public Settings {
      if (samples < 2) {
        throw new IllegalArgumentException("samples must be at least 2, not " + samples);
      }
    }
  }

  private final String name;
  private final long size;
  private final Settings settings;
  private final Tensor ofTeacher;
  private final List<Tensor> ofStudent;

  private KernelSlices(
      String name, long size, Settings settings, List<Tensor> teacher, List<Tensor> student) {
    this.name = name;
    this.size = size;
    this.settings = settings;
    this.ofStudent = student;
    try (NoGrad noGrad = NoGrad.open()) {
      this.ofTeacher = slices(teacher, settings.normalization());
    }
  }

  /**
   * One representation for each pool and each kernel size that both networks have in it: {@code
   * weights}, or {@code weights:stage:1} …, with {@code :3x3} behind where there are several sizes.
   *
   * @throws IllegalArgumentException if the parameters of one of the networks cannot be read, or
   *     the two have no kernel size in common
   */
  static List<KernelSlices> of(Settings settings, Pairing pairing) {
    Map<String, Map<Long, List<Tensor>>> teacher =
        kernels(settings.pool(), "teacher", pairing.teacherState(), pairing.teacherShapes());
    Map<String, Map<Long, List<Tensor>>> student =
        kernels(settings.pool(), "student", pairing.studentState(), pairing.studentShapes());
    List<KernelSlices> all = new ArrayList<>();
    teacher.forEach(
        (pool, ofTeacher) -> {
          Map<Long, List<Tensor>> ofStudent = student.getOrDefault(pool, Map.of());
          Set<Long> common = new TreeSet<>(ofTeacher.keySet());
          common.retainAll(ofStudent.keySet());
          for (long size : common) {
            String suffix = common.size() == 1 ? "" : ":" + size + "x" + size;
            all.add(
                new KernelSlices(
                    pool + suffix,
                    size,
                    settings,
                    Objects.requireNonNull(ofTeacher.get(size)),
                    Objects.requireNonNull(ofStudent.get(size))));
          }
        });
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          """
          a discriminator of weights needs a kernel size that both networks have; the teacher's \
          convolutions have %s and the student's %s (1x1 is not read)"""
              .formatted(sizes(teacher.values()), sizes(student.values())));
    }
    return all;
  }

  private static String sizes(Collection<Map<Long, List<Tensor>>> pools) {
    TreeSet<Long> sizes = new TreeSet<>();
    pools.forEach(pool -> sizes.addAll(pool.keySet()));
    return sizes.isEmpty()
        ? "none"
        : String.join(", ", sizes.stream().map(size -> size + "x" + size).toList());
  }

  /** A network's kernels by pool and size. */
  private static Map<String, Map<Long, List<Tensor>>> kernels(
      Pool pool, String whose, @Nullable State state, Map<String, long[]> shapes) {
    if (state == null) {
      throw new IllegalArgumentException(
          """
          a discriminator of weights reads the %s's kernels, but its parameters are not at hand: \
          it is not a network of Retort's (ONNX, TorchScript and recorded teachers have none at \
          hand, nor has NETWORK:FILE with mean, std or another key of a view)"""
              .formatted(whose));
    }
    Map<String, Map<Long, List<Tensor>>> pools = new LinkedHashMap<>();
    state
        .parameters()
        .forEach(
            (name, tensor) -> {
              String ofPool = pool == Pool.NETWORK ? NAME : pool(name, shapes);
              if (ofPool != null && isSquareKernel(tensor)) {
                pools
                    .computeIfAbsent(ofPool, key -> new TreeMap<>())
                    .computeIfAbsent(tensor.size(2), key -> new ArrayList<>())
                    .add(tensor);
              }
            });
    return pools;
  }

  private static boolean isSquareKernel(Tensor tensor) {
    return tensor.dim() == 4 && tensor.size(2) == tensor.size(3) && tensor.size(2) > 1;
  }

  private static @Nullable String pool(String parameter, Map<String, long[]> shapes) {
    String stage = Stages.of(parameter, shapes);
    return stage == null ? null : NAME + ":" + stage;
  }

  /**
   * All slices of some kernels of one size, normalised.
   *
   * @param kernels each {@code [out, in, k, k]}
   * @return {@code [Σ out · in, k · k]}
   */
  static Tensor slices(List<Tensor> kernels, Normalization normalization) {
    Tensor[] parts =
        kernels.stream().map(kernel -> slices(kernel, normalization)).toArray(Tensor[]::new);
    return torch.cat(new TensorVector(parts), 0);
  }

  private static Tensor slices(Tensor kernel, Normalization normalization) {
    long length = kernel.size(2) * kernel.size(3);
    return switch (normalization) {
      case FILTER -> {
        Tensor unit = Tensors.directions(kernel.flatten(1, -1));
        yield Tensors.scaled(unit, Math.sqrt(kernel.size(1))).view(-1, length);
      }
      case SLICE -> Tensors.directions(kernel.reshape(-1, length));
      case NONE -> kernel.reshape(-1, length);
    };
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long[] shape() {
    return new long[] {size * size};
  }

  @Override
  public boolean isOfImages() {
    return false;
  }

  @Override
  public Tensor teacher(Step step) {
    return some(ofTeacher, step, "teacher");
  }

  @Override
  public Tensor student(Step step) {
    return some(allOfStudent(), step, "student");
  }

  /** All of the teacher's slices, {@code [N, k · k]}. */
  Tensor allOfTeacher() {
    return ofTeacher;
  }

  /** All of the student's. */
  Tensor allOfStudent() {
    return slices(ofStudent, settings.normalization());
  }

  private Tensor some(Tensor slices, Step step, String side) {
    SplittableRandom numbers = random(step, side).random();
    long[] rows = numbers.longs(settings.samples(), 0, slices.size(0)).toArray();
    Tensor index = Tensors.toDeviceOf(Tensors.of(rows, rows.length), slices);
    return slices.index_select(0, index);
  }

  private RandomSource random(Step step, String side) {
    return step.random().at("kernel slices").at(name).at(side);
  }

  @Override
  public RandomSource noise(Step step, String side) {
    return random(step, side).at("instance noise");
  }

  @Override
  public Tensor partner(Step step) {
    throw new IllegalStateException("kernels have no partner under another augmentation");
  }

  @Override
  public List<Tensor> balancedAt(Step step) {
    return List.copyOf(ofStudent);
  }

  @Override
  public Set<String> studentTaps() {
    return Set.of();
  }

  @Override
  public Set<String> teacherTaps() {
    return Set.of();
  }
}
