package dev.retort.cli;

import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code retort list}. */
@CommandLine.Command(
    name = "list",
    header = "Lists the networks and data sets that there are.",
    description = "Networks are counted for RGB images of 32x32 pixels in 10 classes.")
final class ListCommand extends Command {
  private static final int CLASSES = 10;

  /** What can be listed. */
  enum Subject {
    NETWORKS,
    DATASETS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(paramLabel = "WHAT", description = "${COMPLETION-CANDIDATES}")
  Subject subject;

  @Mixin JsonOption json;

  @Override
  public Integer call() {
    switch (subject) {
      case NETWORKS -> networks();
      case DATASETS -> datasets();
    }
    return ExitCode.DONE;
  }

  /**
   * A network of the zoo.
   *
   * @param hiddenLayers convolutions and linear layers before the classifier
   * @param macs multiply-accumulates an image
   */
  record NetworkRow(String name, int hiddenLayers, int embedding, long parameters, long macs) {}

  private void networks() {
    List<NetworkRow> rows = countedNetworks();
    if (json.asked) {
      print(Json.of(rows));
      return;
    }
    Table table = new Table("network", "hidden layers", "embedding", "parameters", "MMAC");
    for (NetworkRow row : rows) {
      table.row(
          row.name(),
          Integer.toString(row.hiddenLayers()),
          Integer.toString(row.embedding()),
          String.format(Locale.ROOT, "%,d", row.parameters()),
          String.format(Locale.ROOT, "%.2f", row.macs() / 1e6));
    }
    table.lines().forEach(this::print);
  }

  /** Each network sees one blank image: too little work for a second thread to help with. */
  private static List<NetworkRow> countedNetworks() {
    int threads = Engine.threads();
    Engine.threads(1);
    try {
      return Networks.names().stream().map(ListCommand::network).toList();
    } finally {
      Engine.threads(threads);
    }
  }

  private static NetworkRow network(String name) {
    try (TensorScope scope = TensorScope.open()) {
      NetworkSummary summary =
          NetworkSummary.of(
              Networks.create(
                  name,
                  ImageShape.CIFAR,
                  CLASSES,
                  Precision.FP32.parameterType(),
                  RandomSource.of(0, "list")));
      return new NetworkRow(
          name,
          summary.neurons().size(),
          (int) summary.shapes().get("embedding")[0],
          summary.parameters(),
          summary.macs());
    }
  }

  /** A spelling of DATA. */
  record DatasetRow(String data, String description) {}

  private void datasets() {
    List<DatasetRow> rows =
        Arrays.stream(DatasetSource.Format.values())
            .map(format -> new DatasetRow(format.spelling(), format.description()))
            .toList();
    if (json.asked) {
      print(Json.of(rows));
      return;
    }
    Table table = new Table("data", "what it is");
    rows.forEach(row -> table.row(row.data(), row.description()));
    table.lines().forEach(this::print);
  }
}
