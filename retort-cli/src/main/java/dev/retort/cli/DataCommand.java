package dev.retort.cli;

import picocli.CommandLine;

/** {@code retort data}. */
@CommandLine.Command(
    name = "data",
    header = "Fetches, checks and describes data sets.",
    description = "Start with: retort data fetch cifar10 --to DIR",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DataFetchCommand.class,
      DataStatsCommand.class,
      DataVerifyCommand.class,
      DataSplitCommand.class,
      DataViewsCommand.class
    })
final class DataCommand {}
