package dev.retort.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.retort.engine.Device;
import dev.retort.engine.EngineInfo;
import dev.retort.engine.Processor;
import dev.retort.system.Build;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a study ran: {@code environment.json}.
 *
 * @param retort the version of Retort; "development" where classes are run outside a jar
 * @param commit that was built; null where it is not known
 * @param java the version of the Java runtime and its vendor
 * @param os the operating system, its version and architecture
 * @param processor its name
 * @param features the vector extensions that matter to speed
 * @param logicalProcessors how many the process may use
 * @param threads of one operation in the runs; earlier builds recorded those of the process, also
 *     where the configuration set others
 * @param memoryBytes the machine's memory
 * @param libtorch the version of LibTorch and of its presets
 * @param javacpp the version of JavaCPP
 * @param platform in JavaCPP's spelling
 * @param vectorInstructions the widest that LibTorch's own kernels use here
 * @param devices that are available
 * @param device the machine's GPUs, where one of them trains; null where the processor does
 * @param ranks how many processes train one student together; null for one
 */
public record Environment(
    String retort,
    @Nullable String commit,
    String java,
    String os,
    String processor,
    List<String> features,
    int logicalProcessors,
    int threads,
    long memoryBytes,
    String libtorch,
    String javacpp,
    String platform,
    String vectorInstructions,
    List<String> devices,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String device,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer ranks) {
  public Environment {
    StudyJson.requirePresent(
        "processor, features, vectorInstructions", processor, features, vectorInstructions);
  }

  /**
   * Whether another one gives the same last bits, as far as the names and features of processor and
   * GPU and the number of ranks tell.
   */
  boolean computesLike(Environment other) {
    return processor.equals(other.processor)
        && features.equals(other.features)
        && vectorInstructions.equals(other.vectorInstructions)
        && Objects.equals(device, other.device)
        && Objects.equals(ranks, other.ranks);
  }

  /** What {@link #computesLike} compares, in words. */
  String computer() {
    return (device == null ? processor : device) + (ranks == null ? "" : " by " + ranks + " ranks");
  }

  /** This process's, as seen from the calling thread, on the processor; starts the engine. */
  public static Environment read() {
    return read(null, null);
  }

  /** The same of a process that trains, perhaps on a GPU and as one of several ranks. */
  static Environment read(Execution execution) {
    int ranks = execution.ranks().ranks();
    return read(
        execution.device() == Device.CUDA ? "cuda " + Processor.graphics() : null,
        ranks == 1 ? null : ranks);
  }

  private static Environment read(@Nullable String device, @Nullable Integer ranks) {
    EngineInfo engine = EngineInfo.read();
    return new Environment(
        Build.version(),
        Build.commit(),
        Runtime.version() + " " + System.getProperty("java.vendor", ""),
        operatingSystem(),
        Processor.name(),
        Processor.features(),
        Runtime.getRuntime().availableProcessors(),
        engine.threads(),
        engine.memoryBytes(),
        engine.libtorch(),
        engine.javacpp(),
        engine.platform(),
        engine.vectorInstructions(),
        engine.devices(),
        device,
        ranks);
  }

  /** The operating system, its version and architecture. */
  static String operatingSystem() {
    return String.join(
        " ",
        System.getProperty("os.name", ""),
        System.getProperty("os.version", ""),
        System.getProperty("os.arch", ""));
  }
}
