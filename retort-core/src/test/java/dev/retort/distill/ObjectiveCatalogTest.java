package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.engine.SingleProcess;
import dev.retort.engine.TensorScope;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodPresets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ObjectiveCatalogTest {
  record TestSettings(double weight) implements ObjectiveSettings {
    @Override
    public List<Objective> build(Pairing pairing) {
      return List.of();
    }
  }

  private static final ObjectiveKind OWN =
      new ObjectiveKind("my-own", new TestSettings(1), "nothing", "none");

  @Test
  void aKindIsFoundByEachOfItsNamesAndListedOnce() {
    ObjectiveCatalog catalog = ObjectiveCatalog.withoutAdversaries().with(OWN);
    assertThat(catalog.byName())
        .containsEntry("my-own", OWN)
        .containsEntry("hinton", Hinton.KIND)
        .containsEntry("kd", Hinton.KIND)
        .containsEntry("lskd", HintonStandardized.KIND);
    assertThat(catalog.kinds()).doesNotHaveDuplicates().contains(OWN, Hinton.KIND).hasSize(18);
  }

  /** The loss would be 0, with a gradient of 0, and say nothing. */
  @Test
  void aTermWithBothOfItsFactorsZeroIsRefused() {
    assertThatThrownBy(() -> new Dkd(0, 0, 4, 0, 1, 1))
        .hasMessageStartingWith("alpha and beta are 0, so the term teaches nothing");
    assertThatThrownBy(() -> new Dist(0, 0, 4, 1, 1)).hasMessageContaining("beta and gamma");
    List<LayerPair> on = List.of(LayerPair.of("embedding"));
    assertThatThrownBy(() -> new Rkd(0, 0, on, 1, 1)).hasMessageContaining("distance and angle");
    assertThat(new Rkd(0, 1, on, 1, 1).angle()).isEqualTo(1);
  }

  /** Each kind with its defaults, and the critic with its other bound. */
  private static Stream<String> terms() {
    return Stream.concat(
        MethodPresets.objectives().kinds().stream().map(ObjectiveKind::name),
        Stream.of(WASSERSTEIN));
  }

  private static final String WASSERSTEIN = "cooperative-critic: {bound: wasserstein}";

  /**
   * Logarithms of densities, and differences of scores. An adversary's term may be negative, too,
   * but its weight is measured, and it does not count where terms are compared by their values.
   */
  private static final Set<String> MAY_BE_NEGATIVE = Set.of("adversary", "vid", WASSERSTEIN);

  /**
   * Those to which a batch is no more than its images: no similarities within it, no normalisation
   * by its statistics, and no random number that depends on who else is there.
   */
  private static final Set<String> MEAN_OVER_IMAGES =
      Set.of(
          "cross-entropy",
          "hinton",
          "logit-regression",
          "hinton-standardized",
          "ttm",
          "wttm",
          "dkd",
          "attention-transfer",
          "vid",
          "crd",
          "adversary");

  @ParameterizedTest
  @MethodSource("terms")
  void eachTermSaysWhetherItMayBeNegativeAndWhetherRanksMayEachTakeTheirOwnImages(String term) {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, long[]> shapes =
          Map.of(
              "stage:1", new long[] {3, 4, 4},
              "stage:2", new long[] {3, 4, 4},
              "stage:3", new long[] {3, 4, 4},
              "embedding", new long[] {4},
              "logits", new long[] {RandomNetworks.CLASSES});
      RandomNetworks networks = new RandomNetworks(shapes, shapes);
      Objective objective =
          ConfigurationReader.standard()
              .method("{name: made, objectives: [" + term + "]}")
              .objectives()
              .get(0)
              .build(networks.pairing(10))
              .get(0);
      assertThat(objective.isAtLeastZero()).isNotEqualTo(MAY_BE_NEGATIVE.contains(term));

      Step whole = networks.step(0, 0, new int[] {4, 2, 3, 1}, 0, 1, 2, 0);
      Step part = networks.step(0, 0, new int[] {4, 2}, 0, 1);
      Step shared = part.sharedBy(SingleProcess.INSTANCE, whole, false);
      assertThat(shared.readBy(objective))
          .isSameAs(MEAN_OVER_IMAGES.contains(term) ? shared : whole);
      assertThat(part.sharedBy(SingleProcess.INSTANCE, whole, true).readBy(objective))
          .isSameAs(whole);
    }
  }

  @Test
  void twoKindsOfOneNameAreRefused() {
    assertThatThrownBy(() -> ObjectiveCatalog.withoutAdversaries().with(OWN, OWN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two objectives have the name 'my-own'");
    ObjectiveKind kd = new ObjectiveKind("kd", new TestSettings(1), "nothing", "none");
    assertThatThrownBy(() -> ObjectiveCatalog.withoutAdversaries().with(kd))
        .hasMessage("two objectives have the name 'kd'");
  }

  @Test
  void aNameThatYamlWouldNotReadBackIsRefused() {
    assertThatThrownBy(() -> new ObjectiveKind("My own", new TestSettings(1), "", ""))
        .hasMessageContaining("lower-case letters");
  }
}
