package dev.retort.cli;

import dev.retort.data.fetch.DatasetFetch;
import dev.retort.data.fetch.FetchSource;
import dev.retort.data.fetch.PublishedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort data fetch}. */
@CommandLine.Command(
    name = "fetch",
    header = "Fetches a data set into a folder, whole or not at all.",
    description =
        "Every file is compared with its published digest before the folder is touched. A second"
            + " call sees that all is there, and fetches nothing.")
final class DataFetchCommand extends Command {
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
