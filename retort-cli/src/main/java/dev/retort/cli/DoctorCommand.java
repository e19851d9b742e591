package dev.retort.cli;

import dev.retort.engine.Device;
import dev.retort.engine.EngineInfo;
import dev.retort.engine.Precision;
import dev.retort.engine.Processor;
import dev.retort.system.Build;
import dev.retort.system.StorageSize;
import dev.retort.teacher.TeacherCache;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code retort doctor}. */
@CommandLine.Command(
    name = "doctor",
    header = "Checks this machine, and prints what a bug report needs.",
    description =
        "Prints versions, platform, processor, threads, devices and memory, and computes a"
            + " convolution and its gradient, whose values are known. The teacher cache keeps"
            + " teachers' outputs for images; it may be deleted at any time.")
final class DoctorCommand extends Command {
  @Mixin JsonOption json;

  @Override
  public Integer call() {
    EngineInfo engine = EngineInfo.read();
    List<SelfTest.Result> tests = SelfTest.run();
    Map<String, Object> facts = facts(engine);
    boolean passed = tests.stream().allMatch(SelfTest.Result::passed);
    if (json.asked) {
      facts.put("computation", tests);
      facts.put("passed", passed);
      print(Json.of(facts));
    } else {
      facts.forEach((name, value) -> printf("%-18s %s", words(name), text(value)));
      tests.forEach(test -> printf("%-18s %s", "computation", test.name() + ": " + test.finding()));
    }
    return passed ? ExitCode.DONE : ExitCode.FAILURE;
  }

  private static Map<String, Object> facts(EngineInfo engine) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("retort", Build.version());
    facts.put("commit", Build.commit());
    facts.put("libtorch", engine.libtorch());
    facts.put("javacpp", engine.javacpp());
    facts.put("java", System.getProperty("java.runtime.version"));
    facts.put("javaVm", System.getProperty("java.vm.name"));
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("platform", engine.platform());
    facts.put("processor", Processor.name());
    facts.put("features", Processor.features());
    facts.put("kernels", engine.vectorInstructions());
    facts.put("cores", Processor.cores());
    facts.put("threads", engine.threads());
    facts.put("precision", Precision.automatic(Device.CPU).name().toLowerCase(Locale.ROOT));
    facts.put("devices", engine.devices());
    facts.put("cudaDevices", engine.cudaDevices());
    facts.put("gpus", engine.gpus());
    facts.put("memory", mebibytes(engine.memoryBytes()));
    facts.put("resident", mebibytes(engine.residentBytes()));
    facts.put("heapLimit", mebibytes(Runtime.getRuntime().maxMemory()));
    facts.put("cacheFolder", engine.cacheFolder());
    facts.put("teacherCache", TeacherCache.userFolder().toString());
    facts.put(
        "teacherCacheSize",
        StorageSize.text(new TeacherCache(TeacherCache.userFolder(), 1).size()));
    return facts;
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }

  private static String words(String name) {
    return name.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
  }

  private static String text(Object value) {
    if (value instanceof List<?> list) {
      return list.isEmpty()
          ? "none known"
          : String.join(" ", list.stream().map(String::valueOf).toList());
    }
    return value == null ? "unknown" : value.toString();
  }
}
