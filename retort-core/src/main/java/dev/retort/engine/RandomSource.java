package dev.retort.engine;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Random numbers as a pure function of (seed, purpose, coordinates …): never of how many were drawn
 * before. A source is an address; {@link #at} goes one coordinate down (an epoch, a step, a
 * sample), and the drawing methods read what lies there.
 *
 * @param key the 64 bits that the address has been mixed into
 */
public record RandomSource(long key) {
  private static final int TWISTER_WORDS = 624;
  private static final int GENERATOR_STATE = 3 + TWISTER_WORDS + 5;

  /** The source of one purpose ("order", "augmentation", "initialisation" …) of one seed. */
  public static RandomSource of(long seed, String purpose) {
    long key = mix(seed ^ 0x5265746f72744b44L);
    for (byte b : purpose.getBytes(StandardCharsets.UTF_8)) {
      key = mix(key ^ b);
    }
    return new RandomSource(key);
  }

  /** The source at one more coordinate. Different coordinates give independent streams. */
  public RandomSource at(long coordinate) {
    return new RandomSource(mix(key + 0x9e3779b97f4a7c15L * (2 * coordinate + 1)));
  }

  /** The source of a named part: a parameter, a discriminator. */
  public RandomSource at(String name) {
    return of(key, name);
  }

  /** A fresh generator of Java numbers that starts at this address. */
  public SplittableRandom random() {
    return new SplittableRandom(key);
  }

  /**
   * A permutation of 0 … n−1, uniform over all of them.
   *
   * @throws IllegalArgumentException if n is negative
   */
  public int[] permutation(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("there is no permutation of " + n + " numbers");
    }
    int[] order = new int[n];
    SplittableRandom random = random();
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /**
   * A tensor of the given shape, on the CPU, of independent standard normal numbers.
   *
   * @throws IllegalStateException if no scope is open
   */
  public Tensor normal(ScalarType type, long... shape) {
    Engine.start();
    TensorScope.requireOpen();
    return torch.randn(shape, generator(), new TensorOptions(type));
  }

  /** The same, of mean 0 and this standard deviation. */
  public Tensor gaussian(ScalarType type, double standardDeviation, long... shape) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(normal(type, shape).mul(new Scalar(standardDeviation)));
    }
  }

  /**
   * A tensor of the given shape, on the CPU, of independent numbers uniform in [0, 1).
   *
   * @throws IllegalStateException if no scope is open
   */
  public Tensor uniform(ScalarType type, long... shape) {
    Engine.start();
    TensorScope.requireOpen();
    return torch.rand(shape, generator(), new TensorOptions(type));
  }

  /** The same, uniform in [−bound, bound). */
  public Tensor symmetric(ScalarType type, double bound, long... shape) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(uniform(type, shape).sub(new Scalar(0.5)).mul(new Scalar(2 * bound)));
    }
  }

  /**
   * LibTorch's generator, a Mersenne Twister (Matsumoto and Nishimura 1998), with all its 624 words
   * drawn here: seeded by LibTorch it would keep only the key's lower 32 bits, and two purposes of
   * 77,000 would more likely than not draw the same numbers.
   */
  private GeneratorOptional generator() {
    Generator generator = torch.createCPUGenerator();
    try (TensorScope scope = TensorScope.open()) {
      generator.set_state(Tensors.of(generatorState(), GENERATOR_STATE).view(ScalarType.Byte));
    }
    return new GeneratorOptional(generator);
  }

  /**
   * The memory of LibTorch's {@code CPUGeneratorImplState}, in 64-bit words: the seed; the 32-bit
   * integers {@code left} and {@code seeded}, both 1, which asks for a twist before the first
   * number; the index of the next word; the twister's words; and five that hold a spare normal
   * number, of which there is none.
   */
  private long[] generatorState() {
    long[] state = new long[GENERATOR_STATE];
    state[0] = key;
    state[1] = 1L << 32 | 1;
    SplittableRandom words = random().split();
    for (int i = 0; i < TWISTER_WORDS; i += 2) {
      long two = words.nextLong();
      state[3 + i] = two >>> 32;
      state[4 + i] = two & 0xffffffffL;
    }
    return state;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
