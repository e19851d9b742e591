package dev.retort.engine;

import java.io.IOException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Loads LibTorch once for the process, and holds what is set for a whole thread. */
public final class Engine {
  private static final Pattern LEADING_NUMBER = Pattern.compile("^\\s*([1-9]\\d{0,5})");

  private static boolean started;
  private static int warnedOf;

  /** Asked for before GNU OpenMP is loaded, which may bind the thread that loads it to one. */
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  private static final String OPEN_MP = "OMP_NUM_THREADS";

  private Engine() {}

  /**
   * Loads the native libraries; later calls do nothing. {@link TensorScope}, {@link NoGrad}, {@link
   * RandomSource}, {@link Tensors#of} and {@link Device} call it. What calls LibTorch before any of
   * these calls it itself.
   *
   * @throws EngineException if the native libraries cannot be unpacked or loaded
   */
  public static synchronized void start() {
    if (started) {
      return;
    }
    try {
      unpackAllBeforeLoadingAny();
      Loader.load(torch.class);
      // OpenBLAS multiplies small matrices in fp32. Its own threads would take the cores from
      // LibTorch's, and their number, which comes from the environment, would decide the last bits.
      openblas_nolapack.blas_set_num_threads(1);
    } catch (IOException | UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new EngineException(
          """
          LibTorch could not be loaded for %s (%s). The native artifact of this platform must be \
          on the class path (-Djavacpp.platform=…), and the cache folder \
          (-Dorg.bytedeco.javacpp.cachedir=…) writable and not mounted noexec; LD_LIBRARY_PATH must \
          name no other LibTorch."""
              .formatted(Loader.getPlatform(), e.getMessage()),
          e);
    }
    started = true;
    if (System.getenv(OPEN_MP) == null && torch.get_num_threads() > CORES) {
      torch.set_num_threads(CORES); // LibTorch counts the machine's, whatever a container may use
    }
    warnOf(torch.get_num_threads());
  }

  /**
   * JavaCPP unpacks and loads library by library: {@code libtorch.so} is loaded before {@code
   * libtorch_cpu.so} lies beside it. On a machine with the distribution's own LibTorch the dynamic
   * linker then takes that one, and the process aborts. So everything is unpacked first.
   */
  private static void unpackAllBeforeLoadingAny() throws IOException {
    String platform = Loader.getPlatform();
    for (String library :
        new String[] {
          "javacpp/" + platform,
          "openblas/" + platform,
          "pytorch/" + platform,
          "pytorch/" + platform + "-gpu"
        }) {
      Loader.cacheResources(torch.class, "/org/bytedeco/" + library + "/");
    }
  }

  /**
   * Sets how many threads an operation started by the calling thread may use. The engine keeps this
   * per thread; a thread that has started no operation yet begins with the number that any thread
   * has set last.
   *
   * @param threads at least 1
   * @throws IllegalArgumentException if there are fewer
   * @throws EngineException as {@link #start}
   */
  public static void threads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
    start();
    torch.set_num_threads(threads);
    warnOf(threads);
  }

  /**
   * Does some work with another number of threads an operation, and restores the former one, also
   * after an exception.
   *
   * @param threads at least 1
   * @throws IllegalArgumentException if there are fewer
   */
  public static <T> T withThreads(int threads, Supplier<T> work) {
    int before = threads();
    threads(threads);
    try {
      return work.get();
    } finally {
      threads(before);
    }
  }

  /** A message of LibTorch's without the C++ stack trace that it carries behind the first lines. */
  public static String withoutTrace(String message) {
    int trace = message.indexOf("\nException raised from");
    return (trace < 0 ? message : message.substring(0, trace)).strip();
  }

  private static synchronized void warnOf(int threads) {
    String warning = excess(threads, CORES);
    if (warning != null && threads != warnedOf) {
      warnedOf = threads;
      LoggerFactory.getLogger(Engine.class).warn(warning);
    }
  }

  /** What is wrong with so many threads on so many cores; null if nothing is. */
  static @Nullable String excess(int threads, int cores) {
    return threads <= cores
        ? null
        : "%d threads on %d core%s wait for each other most of the time; ask for at most as many as there are cores (--threads, training.threads or OMP_NUM_THREADS)"
            .formatted(threads, cores, cores == 1 ? "" : "s");
  }

  /** The number of threads that an operation started by the calling thread may use. */
  public static int threads() {
    start();
    return torch.get_num_threads();
  }

  /**
   * The number of threads that other work for the calling thread may use, such as decoding: as many
   * as an operation. It does not load the native libraries; before they are, it is what they would
   * take, {@code OMP_NUM_THREADS} or one a core.
   */
  public static synchronized int share() {
    return started ? threads() : share(System.getenv(OPEN_MP), CORES);
  }

  /** OpenMP's variable is a number, or a list with one for each level of nesting. */
  static int share(@Nullable String openMp, int cores) {
    Matcher number = LEADING_NUMBER.matcher(openMp == null ? "" : openMp);
    return number.find() ? Integer.parseInt(number.group(1)) : cores;
  }
}
