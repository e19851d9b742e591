package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class MainTest {
  static String[] commands() {
    return Arrays.stream(Main.class.getAnnotation(CommandLine.Command.class).subcommands())
        .filter(type -> type != CommandLine.HelpCommand.class)
        .map(type -> type.getAnnotation(CommandLine.Command.class).name())
        .toArray(String[]::new);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItselfAndItsExitCodesOnStdout(String command) {
    CommandRun run = CommandRun.of(command, "--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("Usage: retort " + command)
        .contains("75   interrupted and saved; run again with --resume")
        .doesNotContain("\033");
    assertThat(run.out().lines().findFirst().orElse("")).matches("[A-Z].*\\.");
  }

  /** Names of files are completed, too, where an argument is no path by its type, such as MODEL. */
  @Test
  void theCompletionIsAShellProgramThatKnowsTheCommands(@TempDir Path folder) throws Exception {
    CommandRun run = CommandRun.of("completion");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("shrink", "--preprocessing").doesNotContain("+o default");
    Path file = Files.writeString(folder.resolve("retort"), run.out());
    Process bash = new ProcessBuilder("bash", "-n", file.toString()).inheritIO().start();
    assertThat(bash.waitFor()).isZero();
  }

  @Test
  void anUnknownCommandIsAUsageErrorOfOneLineThatNamesTheNearest() {
    CommandRun run = CommandRun.of("doctro");

    assertThat(run)
        .isEqualTo(
            new CommandRun(
                2,
                "",
                "retort: unmatched argument at index 0: 'doctro' (did you mean doctor?);"
                    + " see retort --help\n"));
  }

  @Test
  void anUnknownOptionIsAUsageErrorThatNamesTheCommandsHelp() {
    CommandRun run = CommandRun.of("doctor", "--jsn");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "retort: unknown option: '--jsn' (did you mean --json?); see retort doctor --help\n");
  }

  /** A file may be called so; its content is no command line. */
  @Test
  void anArgumentThatBeginsWithAnAtSignIsTakenAsItIs(@TempDir Path folder) throws IOException {
    Path arguments = Files.writeString(folder.resolve("arguments"), "bundled:cifar10");

    CommandRun run = CommandRun.of("inspect", "@" + arguments);

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).contains("@" + arguments);
  }

  @Test
  void methodsAreListedWithTheirPapersAndTheSettingsThatHoldUnlessGiven() {
    CommandRun run = CommandRun.of("list", "methods");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines())
        .anyMatch(line -> line.matches("adversarial-hinton +hinton \\+ adversary +.*"))
        .anyMatch(line -> line.matches("hinton, kd +.* Hinton, Vinyals and Dean 2015, section 2"))
        .contains("hinton               {temperature: 4, weight: 0.9, crossEntropy: 0.1}")
        .anyMatch(
            line -> line.matches("random-discriminator +cross-entropy \\+ adversary: \\{steps: 0}"))
        .anyMatch(line -> line.matches("shuffled-teacher +.* control: shuffled-teacher, .*"))
        .anyMatch(
            line ->
                line.matches(
                    "noise-discriminator +.* adversary: \\{control: noise-discriminator}"));
  }

  @Test
  void aReportOfAFolderThatIsNoStudysIsRefusedAndNothingIsWritten(@TempDir Path folder) {
    CommandRun run = CommandRun.of("report", folder.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("retort: ").contains(folder.toString()).hasLineCount(1);
    assertThat(folder).isEmptyDirectory();
  }
}
