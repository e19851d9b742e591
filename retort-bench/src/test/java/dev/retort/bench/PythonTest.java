package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.bench.PeerComparisonResult.OfPeer;
import dev.retort.bench.PeerComparisonResult.Own;
import dev.retort.bench.PeerComparisonResult.Ratios;
import dev.retort.serving.Estimate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PythonTest {
  private static final Estimate ONE = new Estimate(1, null, null);

  /** 2.5 from 2 to 3.125: half the interval, √(3.125 / 2) − 1, is 25 %. */
  private static final Ratios RATIOS = new Ratios(new Estimate(2.5, 2.0, 3.125), ONE, ONE, null);

  private static OfPeer peer(String name, @Nullable Ratios ratios, List<String> whyVoid) {
    return new OfPeer(
        name,
        "3.13.5",
        "2.6.0",
        "fp32",
        ratios,
        whyVoid,
        List.of(),
        ONE,
        9,
        8,
        7,
        List.of(2.0, 1.0),
        0.001);
  }

  @Test
  void aRatioHasItsIntervalAndAVoidComparisonHasNone() {
    PeerComparisonResult result =
        new PeerComparisonResult(
            "resnet56",
            "resnet20",
            "airnet95",
            "resnet8",
            List.of("hinton"),
            new StudySize(5, 30, 351, 5_000),
            new Own(ONE, ONE, ONE, ONE, 3, 2, 1, List.of(2.0, 1.0)),
            List.of(peer("plain", RATIOS, List.of()), peer("tuned", null, List.of("it errs"))));

    assertThat(Python.lines(result, "2.10.0-1.5.13"))
        .contains("plain    Python 3.13.5, PyTorch 2.6.0: fp32", "VOID: it errs")
        .anyMatch(line -> line.matches("plain +2\\.000 … 1\\.000 +0\\.100 % +1\\.00 +7\\.0 +8\\.0"))
        .anyMatch(line -> line.matches(".*, hinton, teacher in the loop +2\\.50 ± 25\\.0 % +–"))
        .anyMatch(line -> line.matches(".*, a study of 1 methods × 5 seeds +– +–"))
        .anyMatch(line -> line.startsWith("The peers run PyTorch 2.6.0, which is older than"));
  }
}
