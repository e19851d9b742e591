package dev.retort.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What this machine's processor is and can do, and which GPUs it has. */
public final class Processor {
  private static final Set<String> OF_INTEREST =
      Set.of(
          "avx",
          "avx2",
          "fma",
          "avx512f",
          "avx512_bf16",
          "avx512_vnni",
          "amx_bf16",
          "amx_tile",
          "bf16",
          "i8mm",
          "asimd");

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path GPUS = Path.of("/proc/driver/nvidia/gpus");
  private static final Path OWN_STATUS = Path.of("/proc/self/status");

  private static final Pattern MATH_SETTING =
      Pattern.compile("(ONEDNN|DNNL|MKL|OPENBLAS)_(?!VERBOSE|.*NUM_THREADS).*");

  private Processor() {}

  /**
   * The processor's name as the operating system gives it, or its architecture where it gives none,
   * as on ARM; with its family and model, or there its implementer and part, where the system says
   * them, since one name may be that of several generations, whose last bits differ.
   */
  public static String name() {
    return name(CPU_INFO);
  }

  static String name(Path info) {
    String name = first(info, "model name");
    String family = first(info, "cpu family");
    String model = first(info, "model");
    String implementer = first(info, "CPU implementer");
    String part = first(info, "CPU part");
    if (name == null) {
      name = System.getProperty("os.arch", "unknown");
    }
    if (family != null && model != null) {
      return "%s (family %s, model %s)".formatted(name, family, model);
    }
    return implementer == null || part == null
        ? name
        : "%s (implementer %s, part %s)".formatted(name, implementer, part);
  }

  private static @Nullable String first(Path info, String key) {
    return values(info, key).findFirst().orElse(null);
  }

  /**
   * The vector extensions that matter to training speed, in alphabetical order; empty where the
   * system does not say.
   */
  public static List<String> features() {
    Set<String> found = new TreeSet<>();
    for (String key : new String[] {"flags", "Features"}) {
      values(CPU_INFO, key)
          .findFirst()
          .ifPresent(line -> found.addAll(Arrays.asList(line.split(" "))));
    }
    found.retainAll(OF_INTEREST);
    return List.copyOf(found);
  }

  /**
   * The environment variables that choose among the kernels and the precisions of LibTorch's
   * mathematics libraries, and so decide last bits; none is set as a rule.
   */
  public static SortedMap<String, String> mathSettings() {
    SortedMap<String, String> found = new TreeMap<>(System.getenv());
    found.keySet().removeIf(name -> !MATH_SETTING.matcher(name).matches());
    return found;
  }

  /** Whether bfloat16 products run in hardware here. */
  public static boolean multipliesBfloat16() {
    List<String> features = features();
    return features.contains("avx512_bf16")
        || features.contains("amx_bf16")
        || features.contains("bf16");
  }

  /**
   * The number of physical cores that this process may use: where two threads share a core, that is
   * half as many as the system counts.
   */
  public static int cores() {
    return cores(CPU_INFO, OWN_STATUS, Runtime.getRuntime().availableProcessors());
  }

  static int cores(Path info, Path status, int available) {
    List<String> threads = values(info, "processor").toList();
    List<String> sockets = values(info, "physical id").toList();
    List<String> cores = values(info, "core id").toList();
    if (cores.isEmpty() || cores.size() != sockets.size() || cores.size() != threads.size()) {
      return available;
    }
    String list = first(status, "Cpus_allowed_list");
    // A container that is shown its own processors alone may have them numbered anew.
    String allowed = list == null || threads.size() <= count(list) ? null : list;
    Set<String> different = new TreeSet<>();
    for (int i = 0; i < cores.size(); i++) {
      if (allowed == null || isAmong(threads.get(i), allowed)) {
        different.add(sockets.get(i) + ":" + cores.get(i));
      }
    }
    return different.isEmpty() ? available : Math.min(available, different.size());
  }

  /** Whether a number is in a list such as {@code 0-3,8}. */
  private static boolean isAmong(String number, String list) {
    int wanted = Integer.parseInt(number);
    return ranges(list).anyMatch(ends -> ends[0] <= wanted && wanted <= ends[1]);
  }

  private static int count(String list) {
    return ranges(list).mapToInt(ends -> ends[1] - ends[0] + 1).sum();
  }

  private static Stream<int[]> ranges(String list) {
    return Arrays.stream(list.split(","))
        .map(range -> range.split("-"))
        .map(
            ends -> new int[] {Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])});
  }

  /**
   * The models of the machine's NVIDIA GPUs by the names that their driver gives them, in
   * alphabetical order, each once: how many there are changes no result.
   */
  public static List<String> graphics() {
    return graphics(GPUS);
  }

  static List<String> graphics(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> cards = Files.list(folder)) {
      return cards
          .flatMap(card -> values(card.resolve("information"), "Model"))
          .distinct()
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** How many NVIDIA GPUs the machine has, of one model or of several. */
  public static int graphicsCards() {
    return graphicsCards(GPUS);
  }

  static int graphicsCards(Path folder) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> cards = Files.list(folder)) {
      return (int) cards.count();
    } catch (IOException e) {
      return 0;
    }
  }

  private static Stream<String> values(Path info, String key) {
    if (!Files.isReadable(info)) {
      return Stream.empty();
    }
    try {
      return Files.readAllLines(info).stream()
          .map(line -> line.split(":", 2))
          .filter(parts -> parts.length == 2 && parts[0].strip().equals(key))
          .map(parts -> parts[1].strip());
    } catch (IOException e) {
      return Stream.empty();
    }
  }
}
