package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** docs/command.md has every command as it explains itself, and all exit codes and variables. */
class CommandPageTest {
  private static final String PAGE = "command.md";

  static CommandLine retort() {
    Terminal none = CommandRun.terminal(new ByteArrayOutputStream(), false, 80);
    return new Main(none).commandLine(new Failures(none));
  }

  private static boolean isShown(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    return !spec.usageMessage().hidden() && !spec.name().equals("help");
  }

  @Test
  void thePageHasEveryCommand() throws IOException {
    StringBuilder page = new StringBuilder();
    for (CommandLine command : new LinkedHashSet<>(retort().getSubcommands().values())) {
      if (isShown(command)) {
        append(page, command, "###");
      }
    }
    GeneratedPart.assertCurrent(PAGE, "commands", page.toString());
  }

  @Test
  void thePageHasWhatEveryCommandUnderstands() throws IOException {
    StringBuilder table = new StringBuilder(GeneratedPart.row("option", "what it does"));
    table.append("|---|---|\n");
    retort().getCommandSpec().options().forEach(option -> table.append(optionRow(option)));
    GeneratedPart.assertCurrent(PAGE, "options of every command", table.toString());
  }

  private static void append(StringBuilder page, CommandLine command, String level) {
    CommandSpec spec = command.getCommandSpec();
    page.append("%s %s\n\n".formatted(level, spec.qualifiedName(" ")));
    List<String> texts =
        Stream.concat(
                Arrays.stream(spec.usageMessage().header()),
                Arrays.stream(spec.usageMessage().description()))
            .map(text -> text.replace("%n", "\n\n").replace("%%", "%"))
            .toList();
    page.append(String.join("\n\n", texts)).append("\n\n");
    page.append("    ").append(synopsis(spec)).append("\n\n");
    appendArguments(page, spec);
    command.getSubcommands().values().stream()
        .distinct()
        .filter(CommandPageTest::isShown)
        .forEach(below -> append(page, below, level + "#"));
  }

  /** What must be given; the table has the rest. */
  private static String synopsis(CommandSpec spec) {
    if (spec.usageMessage().customSynopsis().length > 0) {
      return String.join("", spec.usageMessage().customSynopsis());
    }
    StringBuilder synopsis = new StringBuilder(spec.qualifiedName(" "));
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      String label = parameter.paramLabel() + (parameter.arity().max() > 1 ? "…" : "");
      synopsis.append(' ').append(parameter.required() ? label : "[" + label + "]");
    }
    for (OptionSpec option : spec.options()) {
      if (option.required()) {
        synopsis.append(" %s %s".formatted(option.longestName(), option.paramLabel()));
      }
    }
    boolean subcommands = !spec.subcommands().isEmpty();
    return synopsis.append(subcommands ? " COMMAND" : " [OPTION…]").toString();
  }

  private static void appendArguments(StringBuilder page, CommandSpec spec) {
    List<String> rows =
        Stream.concat(
                spec.positionalParameters().stream().map(CommandPageTest::parameterRow),
                spec.options().stream()
                    .filter(option -> !option.hidden() && !option.inherited())
                    .filter(option -> !option.usageHelp() && !option.versionHelp())
                    .map(CommandPageTest::optionRow))
            .toList();
    if (!rows.isEmpty()) {
      page.append(GeneratedPart.row("argument or option", "what it does")).append("|---|---|\n");
      rows.forEach(page::append);
      page.append("\n");
    }
  }

  private static String parameterRow(PositionalParamSpec parameter) {
    return GeneratedPart.row("`" + parameter.paramLabel() + "`", text(parameter));
  }

  private static String optionRow(OptionSpec option) {
    String names =
        Arrays.stream(option.names())
            .map(name -> "`" + name + "`")
            .collect(Collectors.joining(", "));
    boolean takesValue = option.arity().max() > 0;
    String value = takesValue ? " `" + option.paramLabel() + "`" : "";
    String required = option.required() ? " Required." : "";
    return GeneratedPart.row(names + value, text(option) + required);
  }

  private static String text(ArgSpec argument) {
    return String.join(" ", argument.description())
        .replace("%n", " ")
        .replace("%%", "%")
        .replace("<", "&lt;")
        .strip();
  }

  @Test
  void thePageHasEveryExitCode() throws IOException, IllegalAccessException {
    String page = GeneratedPart.page(PAGE);
    for (Field code : ExitCode.class.getDeclaredFields()) {
      if (code.getType() == int.class) {
        assertThat(page)
            .containsPattern("(?m)^\\| (\\d+, )?" + code.getInt(null) + "(, \\d+)? \\|");
      }
    }
    for (String listed : retort().getCommandSpec().usageMessage().exitCodeList().keySet()) {
      assertThat(page).containsPattern("(?m)^\\| " + listed + " \\|");
    }
  }

  /** Those that Java reads, or the launcher. */
  @Test
  void thePageHasEveryEnvironmentVariableThatIsRead() throws IOException {
    String launcher =
        Files.readString(Path.of("../retort"))
            + Files.readString(Path.of("src/main/launcher/jvm.sh"));
    List<String> read =
        Stream.concat(
                Pattern.compile("(?:getenv|environment\\.get)\\(\"(\\w+)\"\\)")
                    .matcher(TroubleshootingPageTest.javaSources())
                    .results(),
                Pattern.compile("\\$\\{([A-Z][A-Z_]+):-").matcher(launcher).results())
            .map(found -> found.group(1))
            .toList();
    String page = GeneratedPart.page(PAGE);
    assertThat(read).isNotEmpty().allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
  }
}
