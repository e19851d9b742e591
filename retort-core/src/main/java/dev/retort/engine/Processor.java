package dev.retort.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What this machine's processor is and can do. */
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

  private Processor() {}

  /**
   * The processor's name as the operating system gives it, or its architecture where it gives none.
   */
  public static String name() {
    return cpuInfo("model name").findFirst().orElse(System.getProperty("os.arch", "unknown"));
  }

  /**
   * The vector extensions that matter to training speed, in alphabetical order; empty where the
   * system does not say.
   */
  public static List<String> features() {
    Set<String> found = new TreeSet<>();
    for (String key : new String[] {"flags", "Features"}) {
      cpuInfo(key).findFirst().ifPresent(line -> found.addAll(Arrays.asList(line.split(" "))));
    }
    found.retainAll(OF_INTEREST);
    return List.copyOf(found);
  }

  /** Whether bfloat16 products run in hardware here. */
  public static boolean multipliesBfloat16() {
    List<String> features = features();
    return features.contains("avx512_bf16")
        || features.contains("amx_bf16")
        || features.contains("bf16");
  }

  private static java.util.stream.Stream<String> cpuInfo(String key) {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return java.util.stream.Stream.empty();
    }
    try {
      return Files.readAllLines(info).stream()
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip());
    } catch (IOException e) {
      return java.util.stream.Stream.empty();
    }
  }
}
