package dev.retort.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

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

  /** The machine's NVIDIA GPUs by the names that their driver gives them, in alphabetical order. */
  public static List<String> graphics() {
    return graphics(Path.of("/proc/driver/nvidia/gpus"));
  }

  static List<String> graphics(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> cards = Files.list(folder)) {
      return cards.flatMap(card -> values(card.resolve("information"), "Model")).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Stream<String> cpuInfo(String key) {
    return values(Path.of("/proc/cpuinfo"), key);
  }

  private static Stream<String> values(Path info, String key) {
    if (!Files.isReadable(info)) {
      return Stream.empty();
    }
    try {
      return Files.readAllLines(info).stream()
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip());
    } catch (IOException e) {
      return Stream.empty();
    }
  }
}
