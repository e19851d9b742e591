package dev.retort.cli;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;

import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.study.RunSelection;
import dev.retort.study.StudyFolder;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code retort compare}. */
@CommandLine.Command(
    name = "compare",
    header = "Trains students by several methods from several seeds, and compares the methods.",
    description =
        "Writes the study's folder: configuration, every run with its metrics and its student, the"
            + " table, the figures and the report. A run that is done is not done again.")
final class CompareCommand extends StudyCommand {
  @Parameters(paramLabel = "CONFIG", description = "A YAML file such as examples/demo.yaml.")
  Path configuration;

  @Option(
      names = "--out",
      paramLabel = "OUT",
      required = true,
      description = "The folder for the results; missing or empty, unless with --resume.")
  Path out;

  @Option(
      names = "--only",
      paramLabel = "METHOD",
      split = ",",
      description = "Do the runs of these methods only. May be repeated.")
  Set<String> only = new LinkedHashSet<>();

  @Option(
      names = "--seeds",
      paramLabel = "LIST",
      split = ", *",
      description =
          "Do the runs of these seeds only, such as 1,2,3. If a method lacks one of them in the"
              + " configuration: in a new folder they replace its seeds, with --resume they are added"
              + " as exploratory.")
  Set<Long> seeds = new LinkedHashSet<>();

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = ShardArgument.class,
      description = "Do the I-th of N shares of the runs; N processes may share a folder.")
  Shard shard = new Shard(1, 1);

  @Mixin JobsOption jobs;

  @Option(
      names = "--any-processor",
      description =
          "Let a run be compared with one that ended on another kind of processor or GPU, or that"
              + " another number of ranks trained. Their last bits differ, which moves a result about"
              + " as much as another seed.")
  void anyProcessor(boolean any) {
    anyProcessor = any;
  }

  /** A share of the runs. */
  record Shard(int number, int of) {}

  /** Reads {@code 2/3}. */
  static final class ShardArgument implements ITypeConverter<Shard> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

    @Override
    public Shard convert(String value) {
      Matcher matcher = FORM.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException("'" + value + "' is no share such as 2/3");
      }
      return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }
  }

  @Mixin RanksOption ranks;

  @Override
  Collective join(Device device) {
    return ranks.join(device);
  }

  @Override
  public Integer call() throws IOException {
    List<String> overrides = overrides();
    Set<Long> selected = seeds;
    List<String> lacking = lacking(new RunSelection(only, Set.of(), 1, 1).of(study(overrides)));
    if (!lacking.isEmpty()) {
      overrides.add("seeds=" + seeds);
      selected = Set.of();
      if (resume && StudyFolder.isBegun(out)) {
        terminal()
            .println(
                "the configuration lacks some of the seeds %s for %s: such runs are exploratory (--only METHOD leaves methods out)"
                    .formatted(seeds, String.join(", ", lacking)));
      }
    }
    RunSelection selection = new RunSelection(only, selected, shard.number(), shard.of());
    return run(configuration, overrides, selection, out, jobs);
  }

  private StudyConfiguration study(List<String> overrides) {
    return read(configuration, overrides).configuration();
  }

  /** The methods that lack one of the seeds in the configuration. */
  private List<String> lacking(List<RunName> runs) {
    return runs.stream()
        .collect(groupingBy(RunName::method, LinkedHashMap::new, mapping(RunName::seed, toSet())))
        .entrySet()
        .stream()
        .filter(method -> !method.getValue().containsAll(seeds))
        .map(Map.Entry::getKey)
        .toList();
  }
}
