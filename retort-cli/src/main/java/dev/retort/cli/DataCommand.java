package dev.retort.cli;

import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.data.Verification;
import dev.retort.data.fetch.DatasetFetch;
import dev.retort.data.fetch.FetchSource;
import dev.retort.data.fetch.PublishedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort data}. */
@CommandLine.Command(
    name = "data",
    header = "Fetches, checks and describes data sets.",
    description = "Start with: retort data fetch cifar10 --to DIR",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DataCommand.Fetch.class,
      DataCommand.Stats.class,
      DataCommand.Verify.class,
      DataSplitCommand.class,
      DataViewsCommand.class
    })
final class DataCommand {

  /** {@code retort data fetch}. */
  @CommandLine.Command(
      name = "fetch",
      header = "Fetches a data set into a folder, whole or not at all.",
      description =
          "Every file is compared with its published digest before the folder is touched. A second"
              + " call sees that all is there, and fetches nothing.")
  static final class Fetch extends Command {
    /** The data sets that can be fetched. */
    enum Name {
      CIFAR10,
      CIFAR100;

      PublishedFiles files() {
        return this == CIFAR10 ? PublishedFiles.CIFAR10 : PublishedFiles.CIFAR100;
      }

      @Override
      public String toString() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    @Parameters(paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}.")
    Name name;

    @Option(
        names = "--from",
        paramLabel = "SOURCE",
        description =
            "An address, or an archive or a folder on this machine (default: the official"
                + " archive).")
    @Nullable String from;

    @Option(names = "--to", paramLabel = "DIR", required = true, description = "The folder.")
    Path to;

    @Override
    public Integer call() throws IOException {
      FetchSource source =
          from == null ? name.files().archive() : FetchSource.parse(from, Path.of(""));
      TransferProgress progress = new TransferProgress(terminal(), System::nanoTime);
      boolean fetched = new DatasetFetch(name.files()).fetch(source, to, progress);
      terminal().status("");
      print((fetched ? "fetched: " : "all there already: ") + name + ":" + to);
      return ExitCode.DONE;
    }
  }

  /** {@code retort data stats}. */
  @CommandLine.Command(
      name = "stats",
      header = "Counts a data set's images by split and class, and prints what normalises them.",
      description = "The means and deviations are those of the training images' channels, of 255.")
  static final class Stats extends Command {
    @Parameters(
        paramLabel = "DATA",
        converter = DataArgument.class,
        description = "The images; retort list datasets shows the spellings.")
    DatasetSource data;

    @Mixin TrainingDataOptions options;

    @Mixin JsonOption json;

    /**
     * What is printed as JSON.
     *
     * @param images in each split by class
     * @param mean of each channel, of 255
     */
    record Result(
        String data,
        String input,
        Map<String, Map<String, Integer>> images,
        double[] mean,
        double[] standardDeviation,
        String digest) {}

    @Override
    public Integer call() {
      Splits splits = data.open(options.options(), null, null, options.progress());
      Result result =
          new Result(
              splits.name(),
              splits.inputShape().toString(),
              counts(splits),
              of255(splits.statistics().mean()),
              of255(splits.statistics().standardDeviation()),
              splits.digest());
      if (json.asked) {
        print(Json.of(result));
      } else {
        print(result);
      }
      return ExitCode.DONE;
    }

    private static Map<String, Map<String, Integer>> counts(Splits splits) {
      Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();
      counts.put("train", counts(splits.train()));
      counts.put("validation", counts(splits.validation()));
      counts.put("test", counts(splits.test()));
      return counts;
    }

    private static Map<String, Integer> counts(Dataset dataset) {
      Map<String, Integer> counts = new LinkedHashMap<>();
      dataset.classes().forEach(name -> counts.put(name, 0));
      for (int i = 0; i < dataset.size(); i++) {
        int label = dataset.label(i);
        String name = label == Dataset.UNLABELLED ? "(no label)" : dataset.classes().get(label);
        counts.merge(name, 1, Integer::sum);
      }
      return counts;
    }

    private static double[] of255(float[] values) {
      double[] scaled = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        scaled[i] = 255.0 * values[i];
      }
      return scaled;
    }

    private void print(Result result) {
      printf("data       %s, images of %s", result.data(), result.input());
      printf("mean       %s", numbers(result.mean()));
      printf("deviation  %s", numbers(result.standardDeviation()));
      printf("digest     %s", result.digest());
      print("");
      Table table = new Table("class", "train", "validation", "test");
      List<Map<String, Integer>> splits = List.copyOf(result.images().values());
      Set<String> names = new LinkedHashSet<>();
      splits.forEach(counts -> names.addAll(counts.keySet()));
      for (String name : names) {
        List<String> cells = new ArrayList<>(List.of(name));
        splits.forEach(counts -> cells.add(String.valueOf(counts.getOrDefault(name, 0))));
        table.row(cells.toArray(new String[0]));
      }
      table.row("all", total(splits.get(0)), total(splits.get(1)), total(splits.get(2)));
      table.lines().forEach(this::print);
    }

    private static String total(Map<String, Integer> counts) {
      return Integer.toString(counts.values().stream().mapToInt(Integer::intValue).sum());
    }

    private static String numbers(double[] values) {
      StringBuilder text = new StringBuilder();
      for (double value : values) {
        text.append(text.isEmpty() ? "" : " ").append(String.format(Locale.ROOT, "%.4f", value));
      }
      return text.toString();
    }
  }

  /** {@code retort data verify}. */
  @CommandLine.Command(
      name = "verify",
      header = "Reads every image of a data set, and reports those that it cannot read.",
      description =
          "Pictures that cannot be read are listed by path, and files of a folder that are not"
              + " taken for pictures are counted. Files of CIFAR-10 are compared with their"
              + " published digests.")
  static final class Verify extends Command {
    @Parameters(
        paramLabel = "DATA",
        converter = DataArgument.class,
        description = "The images; retort list datasets shows the spellings.")
    DatasetSource data;

    @Mixin TrainingDataOptions options;

    @Override
    public Integer call() {
      Verification found = data.verify(options.options(), options.progress());
      Splits splits = found.splits();
      printf(
          "%s %s: %,d training, %,d validation and %,d test images, %s",
          splits.name(),
          found.warnings().isEmpty() ? "is well" : "can be read, but see the warnings",
          splits.train().size(),
          splits.validation().size(),
          splits.test().size(),
          found.sizes() == null ? "digest " + splits.digest() : found.sizes());
      return ExitCode.DONE;
    }
  }
}
