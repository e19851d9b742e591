package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

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

  @Test
  void twoKindsOfOneNameAreRefused() {
    assertThatThrownBy(() -> ObjectiveCatalog.withoutAdversaries().with(OWN, OWN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two objectives are named 'my-own'");
    ObjectiveKind kd = new ObjectiveKind("kd", new TestSettings(1), "nothing", "none");
    assertThatThrownBy(() -> ObjectiveCatalog.withoutAdversaries().with(kd))
        .hasMessage("two objectives are named 'kd'");
  }

  @Test
  void aNameThatYamlWouldNotReadBackIsRefused() {
    assertThatThrownBy(() -> new ObjectiveKind("My own", new TestSettings(1), "", ""))
        .hasMessageContaining("lower-case letters");
  }
}
