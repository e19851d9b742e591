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
  void aKindIsFoundByItsNameAndByItsSettings() {
    ObjectiveCatalog catalog = ObjectiveCatalog.standard().with(OWN);
    assertThat(catalog.named("my-own")).isSameAs(OWN);
    assertThat(catalog.of(new TestSettings(7))).isSameAs(OWN);
    assertThat(catalog.of(new Hinton.Settings(1.0, 2.0, 3.0)).name()).isEqualTo("hinton");
  }

  @Test
  void aMistypedNameIsAnsweredWithTheNearest() {
    assertThatThrownBy(() -> ObjectiveCatalog.standard().named("hintn"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no objective is named 'hintn'; did you mean hinton");
  }

  @Test
  void twoKindsOfOneNameAreRefused() {
    assertThatThrownBy(() -> ObjectiveCatalog.standard().with(OWN, OWN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two objectives are named 'my-own'");
  }

  @Test
  void aNameThatYamlWouldNotReadBackIsRefused() {
    assertThatThrownBy(() -> new ObjectiveKind("My own", new TestSettings(1), "", ""))
        .hasMessageContaining("lower-case letters");
  }
}
