package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static final List<String> NETWORKS = List.of("resnet8", "resnet20");
  private static final List<String> KNOWN = List.of("cross-entropy", "hinton");

  @Test
  void nothingNamedIsEverything() {
    assertThat(Selection.of(List.of(), NETWORKS, KNOWN))
        .isEqualTo(new Selection(true, NETWORKS, KNOWN));
  }

  @Test
  void kindsAndSinglesAreSelectedInTheOrderOfTheirLists() {
    assertThat(Selection.of(List.of("hinton", "networks"), NETWORKS, KNOWN))
        .isEqualTo(new Selection(false, NETWORKS, List.of("hinton")));
    assertThat(Selection.of(List.of("resnet20", "loader", "resnet8"), NETWORKS, KNOWN))
        .isEqualTo(new Selection(true, NETWORKS, List.of()));
  }

  @Test
  void anUnknownNameIsRefusedWithTheNearest() {
    assertThatThrownBy(() -> Selection.of(List.of("hintn"), NETWORKS, KNOWN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'hintn'; did you mean hinton");
  }
}
