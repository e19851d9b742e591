package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeerVerdictTest {
  @Test
  void anHonestPeerCounts() {
    PeerVerdict verdict = new PeerVerdict(1e-6, 1e-6, 0.9, 0.005, true, 1.2, 0.8);

    assertThat(verdict.reasons("plain")).isEmpty();
    assertThat(verdict.reasonsAgainstModel("plain")).isEmpty();
  }

  @Test
  void aPeerWhoseStepIsSlowerThanABareLoopIsAStrawMan() {
    assertThat(new PeerVerdict(0, 0, 0.89, 0, true, 1, 1).reasons("plain"))
        .containsExactly(
            "plain takes the student's step at 0.89 of the speed of a bare loop in PyTorch, not at"
                + " least 0.9");
  }

  @Test
  void otherWorkIsNamed() {
    assertThat(new PeerVerdict(0.01, 0.01, 1, 0.0101, false, 1, 1).reasons("tuned"))
        .hasSize(4)
        .anyMatch(reason -> reason.contains("the networks differ"))
        .anyMatch(reason -> reason.contains("the methods differ"))
        .anyMatch(reason -> reason.contains("a step's loss differs by 1.01 %, more than 0.5 %"))
        .anyMatch(reason -> reason.contains("does not fall"));
  }

  @Test
  void aModelThatDoesNotHoldCostsTheStudysRatioAlone() {
    PeerVerdict verdict = new PeerVerdict(0, 0, 1, 0, true, 1.3, 0.7);

    assertThat(verdict.reasons("tuned")).isEmpty();
    assertThat(verdict.reasonsAgainstModel("tuned"))
        .containsExactly(
            "the cost model gives 1.30 of the time that tuned's small study took",
            "the cost model gives 0.70 of the time that our small study took");
  }

  @Test
  void whatCouldNotBeComputedDoesNotCountAsEqual() {
    double unknown = Double.NaN;
    PeerVerdict verdict = new PeerVerdict(unknown, unknown, unknown, unknown, true, 1, 1);

    assertThat(verdict.reasons("x")).hasSize(4);
  }
}
