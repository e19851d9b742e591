package dev.retort.cli;

import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code retort data stats}. */
@CommandLine.Command(
    name = "stats",
    header = "Counts a data set's images by split and class, and prints what normalises them.",
    description = "The means and deviations are those of the training images' channels, of 255.")
final class DataStatsCommand extends Command {
  @Parameters(
      paramLabel = "DATA",
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
      List<Double> mean,
      List<Double> standardDeviation,
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

  private static List<Double> of255(float[] values) {
    List<Double> scaled = new ArrayList<>();
    for (float value : values) {
      scaled.add(255.0 * value);
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
      table.row(cells);
    }
    table.row("all", total(splits.get(0)), total(splits.get(1)), total(splits.get(2)));
    print(table);
  }

  private static String total(Map<String, Integer> counts) {
    return Integer.toString(counts.values().stream().mapToInt(Integer::intValue).sum());
  }

  private static String numbers(List<Double> values) {
    return values.stream()
        .map(value -> String.format(Locale.ROOT, "%.4f", value))
        .collect(Collectors.joining(" "));
  }
}
