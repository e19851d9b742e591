package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.retort.engine.RandomSource;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class LayerPairTest {
  private final YAMLMapper yaml = new YAMLMapper();

  @Test
  void oneNameStandsForBothNetworks() throws Exception {
    assertThat(yaml.readValue("stage:3", LayerPair.class))
        .isEqualTo(new LayerPair("stage:3", "stage:3"))
        .hasToString("stage:3");
  }

  @Test
  void eachNetworkMayHaveItsOwnName() throws Exception {
    assertThat(yaml.readValue("{teacher: layer3, student: 'stage:3'}", LayerPair.class))
        .isEqualTo(new LayerPair("layer3", "stage:3"))
        .hasToString("layer3/stage:3");
  }

  @Test
  void aWrittenPairIsReadBack() throws Exception {
    for (LayerPair pair : List.of(LayerPair.of("stage:3"), new LayerPair("layer3", "stage:3"))) {
      assertThat(yaml.readValue(yaml.writeValueAsString(pair), LayerPair.class)).isEqualTo(pair);
    }
  }

  @Test
  void halfAPairIsRefused() {
    assertThatThrownBy(() -> yaml.readValue("{teacher: layer3}", LayerPair.class))
        .isInstanceOf(MismatchedInputException.class)
        .hasMessageContaining("'student'");
  }

  @Test
  void aLayerThatANetworkLacksIsNamedWithThoseThatItHas() {
    Pairing pairing =
        new Pairing(
            Map.of("logits", new long[] {10}, "stage:3", new long[] {64, 8, 8}),
            Map.of("logits", new long[] {10}),
            10,
            100,
            ScalarType.Float,
            new RandomSource(1));
    assertThatThrownBy(() -> LayerPair.of("stage:3").requireIn(pairing))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the student has no layer 'stage:3'; it has [logits]");
  }
}
