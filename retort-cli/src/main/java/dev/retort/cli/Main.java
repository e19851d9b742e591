package dev.retort.cli;

import dev.retort.data.DatasetSource;
import dev.retort.teacher.ModelSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code retort}. */
@CommandLine.Command(
    name = "retort",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    header =
        "Distils image classifiers, adversarially or not, and compares the ways on equal terms.",
    synopsisSubcommandLabel = "COMMAND",
    usageHelpAutoWidth = true,
    sortOptions = false,
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    descriptionHeading = "%n",
    description = "Start with: retort demo",
    parameterListHeading = "%nArguments:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failure",
      "2:wrong usage or configuration",
      "3:training diverged",
      "4:bad data, weights or checkpoint",
      "75:interrupted and saved; run again with --resume"
    },
    subcommands = {
      DemoCommand.class,
      ShrinkCommand.class,
      TrainCommand.class,
      CompareCommand.class,
      TuneCommand.class,
      LaunchCommand.class,
      WorkerCommand.class,
      ReportCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      ProbeCommand.class,
      InspectCommand.class,
      ExportCommand.class,
      DataCommand.class,
      ListCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      CompletionCommand.class,
      HelpCommand.class
    })
public final class Main {
  private final Terminal terminal;
  private final StopSignals signals;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Log everything, and print the stack trace of an error.")
  boolean debug;

  @Option(
      names = ClassPathOption.NAME,
      paramLabel = "JARS",
      scope = ScopeType.INHERIT,
      description =
          "Jars or folders with objectives, discriminators, networks and data of your own; see"
              + " docs/extending.md.")
  @Nullable String classPath;

  Main(Terminal terminal) {
    this.terminal = terminal;
    this.signals = new StopSignals(terminal);
  }

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Main main = new Main(Terminal.ofProcess());
    main.signals.install();
    System.exit(main.run(arguments));
  }

  Terminal terminal() {
    return terminal;
  }

  /** The options that every command has, as this one was given them. */
  List<String> inherited() {
    List<String> given = new ArrayList<>();
    if (debug) {
      given.add("--debug");
    }
    if (classPath != null) {
      given.addAll(List.of(ClassPathOption.NAME, classPath));
    }
    return given;
  }

  StopSignals signals() {
    return signals;
  }

  /** Runs the command; never throws. */
  int run(String... arguments) {
    Failures failures = new Failures(terminal);
    int code = run(failures, arguments);
    IOException loss = terminal.loss();
    return loss == null || code != ExitCode.DONE
        ? code
        : failures.execution(
            new IOException("stdout cannot be written: " + loss.getMessage(), loss), debug);
  }

  private int run(Failures failures, String... arguments) {
    Locale.setDefault(Locale.ROOT);
    Thread thread = Thread.currentThread();
    ClassLoader usual = thread.getContextClassLoader();
    try (URLClassLoader extended = ClassPathOption.loader(arguments)) {
      thread.setContextClassLoader(extended == null ? usual : extended);
      return commandLine(failures).execute(arguments);
    } catch (IllegalArgumentException | IOException | Error e) {
      return failures.execution(e, debug);
    } finally {
      thread.setContextClassLoader(usual);
      terminal.finish();
    }
  }

  CommandLine commandLine(Failures failures) {
    Ansi ansi = terminal.hasColours() ? Ansi.ON : Ansi.OFF;
    return new CommandLine(this)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false) // @photo.png is a picture
        .registerConverter(Path.class, Main::path)
        .registerConverter(
            DatasetSource.class, reading(text -> DatasetSource.parse(text, Path.of(""))))
        .registerConverter(ModelSource.class, reading(text -> ModelSource.parse(text, Path.of(""))))
        .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
        .setColorScheme(CommandLine.Help.defaultColorScheme(ansi))
        .setParameterExceptionHandler((failure, given) -> failures.usage(failure))
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> failures.execution(failure, debug))
        .setExecutionStrategy(
            parsed -> {
              Logging.start(terminal, debug);
              if (!savesWhenStopped(parsed)) {
                signals.endAtOnce();
              }
              return new CommandLine.RunLast().execute(parsed);
            });
  }

  /** No shell reads ~ behind an equals sign. */
  private static Path path(String text) {
    if (text.startsWith("~/")) {
      throw new CommandLine.TypeConversionException(
          text + ": ~ stands for nothing here; write a blank in place of = before it");
    }
    return Path.of(text);
  }

  /** Reads a text, and says of one that cannot be read why. */
  private static <T> CommandLine.ITypeConverter<T> reading(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.TypeConversionException(e.getMessage());
      }
    };
  }

  private static boolean savesWhenStopped(CommandLine.ParseResult parsed) {
    List<CommandLine> commands = parsed.asCommandLineList();
    Object command = commands.get(commands.size() - 1).getCommand();
    return command instanceof StudyCommand
        || command instanceof LaunchCommand
        || (command instanceof ReportCommand report && report.serving);
  }
}
