package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import dev.retort.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study's shares, in whatever processes and order, give what one process gives. */
@NullUnmarked
class ShardTest {
  private static final List<String> CLASSES = List.of("a", "b");

  @TempDir Path folder;

  @Test
  void sharesAreDisjointCompleteAndOfEqualSize() throws IOException {
    StudyConfiguration study = study().configuration();
    for (int shards = 1; shards <= 7; shards++) {
      List<RunName> all = new ArrayList<>();
      List<Integer> sizes = new ArrayList<>();
      for (int shard = 1; shard <= shards; shard++) {
        List<RunName> share = new RunSelection(Set.of(), Set.of(), shard, shards).of(study);
        all.addAll(share);
        sizes.add(share.size());
      }
      assertThat(all).isEqualTo(study.runs());
      assertThat(sizes).allMatch(size -> size == 6 / sizes.size() || size == 6 / sizes.size() + 1);
    }
  }

  @Test
  void threeSharesAtOnceWithOneInterruptedSumUpToWhatOneProcessDoes() throws Exception {
    run("whole", 1, 1, new StopRequest(), new StopRequest());
    StopRequest stop = new StopRequest();
    assertThatThrownBy(() -> run("shared", 2, 3, stop, stop)).isInstanceOf(StoppedException.class);
    CompletableFuture.allOf(
            IntStream.rangeClosed(1, 3)
                .mapToObj(
                    shard ->
                        CompletableFuture.runAsync(
                            () -> run("shared", shard, 3, new StopRequest(), new StopRequest())))
                .toArray(CompletableFuture[]::new))
        .get();

    assertThat(summary("shared")).isEqualTo(summary("whole"));
    assertThat(summary("shared").at("/methods/0/seeds")).hasSize(3);
  }

  /** Without how long the runs took. */
  private JsonNode summary(String out) throws IOException {
    JsonNode summary =
        new JsonMapper().readTree(Files.readAllBytes(folder.resolve(out).resolve("summary.json")));
    summary.get("methods").forEach(method -> ((ObjectNode) method).remove("seconds"));
    return summary;
  }

  /** {@code pulled} is asked to stop after the first step. */
  private void run(String out, int shard, int shards, StopRequest stop, StopRequest pulled) {
    try {
      StudyListener listener =
          new StudyListener() {
            @Override
            public TrainingListener runBegins(RunName run, int number, int runs, int epochs) {
              return new TrainingListener() {
                @Override
                public void afterStep(long step, int epoch) {
                  pulled.request();
                }
              };
            }
          };
      study()
          .data(NoiseImages.splits(CLASSES, 16))
          .listener(listener)
          .stop(stop)
          .only(new RunSelection(Set.of(), Set.of(), shard, shards))
          .resume(true)
          .run(folder.resolve(out));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Study study() throws IOException {
    Path file = Files.createTempFile(folder, "study", ".yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        student: resnet8
        training: {epochs: 1, batchSize: 8, precision: fp32, threads: 1}
        methods:
          - cross-entropy
          - name: smoothed
            objectives:
              - cross-entropy: {labelSmoothing: 0.1}
        """);
    return Study.read(file);
  }
}
