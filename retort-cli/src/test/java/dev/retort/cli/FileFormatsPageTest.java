package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.serving.Timing;
import dev.retort.shrink.Candidate;
import dev.retort.shrink.CandidateCosts;
import dev.retort.shrink.Outcome;
import dev.retort.shrink.ShrunkStudent;
import dev.retort.study.ServingRecord;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/file-formats.md has every key that programs may read. */
class FileFormatsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "file-formats.md");

  @ParameterizedTest
  @ValueSource(
      classes = {
        EvaluateCommand.Result.class,
        PredictCommand.Result.class,
        InspectCommand.Result.class,
        ProbeCommand.Result.class,
        ProbeCommand.Row.class,
        ShrunkStudent.class,
        Outcome.class,
        ServingRecord.class,
        ServingRecord.Model.class,
        DataStatsCommand.Result.class,
        ListCommand.MethodRow.class,
        ListCommand.ObjectiveRow.class,
        ListCommand.NetworkRow.class,
        ListCommand.DatasetRow.class,
        SelfTest.Result.class,
        CandidateCosts.class,
        Candidate.class,
        Timing.class
      })
  void thePageHasEveryKey(Class<?> printed) throws IOException {
    String page = Files.readString(PAGE);
    String keys = page.substring(page.indexOf("### serving.json"), page.indexOf("## Models of"));
    assertThat(printed.getRecordComponents())
        .isNotEmpty()
        .extracting(RecordComponent::getName)
        .allSatisfy(name -> assertThat(keys).contains("`" + name + "`"));
  }
}
