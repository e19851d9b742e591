package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopRequestTest {
  @Test
  void aRankIsHeardWhenAllKnowItOrWhenItIsAlone() {
    StopRequest agreed = new StopRequest();
    agreed.share();
    agreed.request();
    assertThat(agreed.isRequested()).isFalse();
    agreed.agree();
    assertThat(agreed.isRequested()).isTrue();

    StopRequest ofOthers = new StopRequest();
    ofOthers.share();
    ofOthers.agree();
    ofOthers.alone();
    assertThat(ofOthers.isRequested()).as("asked of another rank").isTrue();

    StopRequest alone = new StopRequest();
    alone.share();
    alone.request();
    alone.alone();
    assertThat(alone.isRequested()).as("asked while others waited").isTrue();

    StopRequest later = new StopRequest();
    later.share();
    later.alone();
    assertThat(later.isRequested()).isFalse();
    later.request();
    assertThat(later.isRequested()).as("asked afterwards").isTrue();
  }

  @Test
  void aLookAtPicturesLeavesAtTheNextPicture() {
    StopRequest stop = new StopRequest();
    List<Integer> heard = new ArrayList<>();
    var look = stop.during((data, done, total) -> heard.add(done));

    look.looked("pictures", 1, 3);
    stop.request();

    assertThatThrownBy(() -> look.looked("pictures", 2, 3)).isInstanceOf(StoppedException.class);
    assertThat(heard).containsExactly(1);
  }
}
