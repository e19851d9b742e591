package dev.retort.engine;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What computes here: the facts that a bug report and the record of a study need.
 *
 * @param libtorch the version of LibTorch and of its presets, as in {@code 2.10.0-1.5.13}
 * @param javacpp the version of JavaCPP
 * @param platform in JavaCPP's spelling: {@code linux-x86_64}
 * @param vectorInstructions the widest that LibTorch's own kernels use here: {@code AVX512}
 * @param threads that one operation may use, for the thread that asked
 * @param cacheFolder where the native libraries are unpacked; null where none is writable
 * @param devices that are available: {@code cpu}, {@code cuda}
 * @param cudaDevices the number of CUDA devices that this process sees
 * @param gpus the machine's NVIDIA GPUs by name, whether or not LibTorch can use them
 * @param memoryBytes the machine's memory
 * @param residentBytes this process's resident memory
 */
public record EngineInfo(
    String libtorch,
    String javacpp,
    String platform,
    String vectorInstructions,
    int threads,
    @Nullable String cacheFolder,
    List<String> devices,
    int cudaDevices,
    List<String> gpus,
    long memoryBytes,
    long residentBytes) {

  /** Starts the engine and asks it. */
  public static EngineInfo read() {
    Engine.start();
    return new EngineInfo(
        version("pytorch"),
        version("javacpp"),
        Loader.getPlatform(),
        torch.get_cpu_capability().getString(),
        torch.get_num_threads(),
        writableCacheFolder(),
        Stream.of(Device.values())
            .filter(Device::isAvailable)
            .map(device -> device.name().toLowerCase(Locale.ROOT))
            .toList(),
        Device.CUDA.isAvailable() ? torch.cuda_device_count() : 0,
        Processor.graphics(),
        Pointer.totalPhysicalBytes(),
        Pointer.physicalBytes());
  }

  private static String version(String artifact) {
    try {
      String version = Loader.getVersion("org.bytedeco", artifact);
      return version == null ? "unknown" : version;
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static @Nullable String writableCacheFolder() {
    try {
      return Loader.getCacheDir().toString();
    } catch (IOException e) {
      return null;
    }
  }
}
