package dev.retort.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BuffersTest {
  private final Buffers buffers = new Buffers();

  @Test
  void picturesOfAboutOneSizeUseTheSameMemory() {
    ByteBuffer first = buffers.take(3000);
    first.put(new byte[3000]);
    buffers.giveBack(first);

    assertThat(buffers.take(4096)).isSameAs(first);
    assertThat(first.remaining()).as("it is empty").isEqualTo(4096);
    assertThat(buffers.take(3000)).as("the first is in use").isNotSameAs(first);
    assertThat(buffers.take(1).capacity()).isEqualTo(1);
  }

  @Test
  void noMoreThanTheLimitIsKept() {
    int half = Buffers.KEPT / 2;
    ByteBuffer oldest = buffers.take(half);
    ByteBuffer newer = buffers.take(half / 2 + 1);
    ByteBuffer newest = buffers.take(half);
    ByteBuffer tooLarge = buffers.take(Buffers.KEPT + 1);
    for (ByteBuffer each : new ByteBuffer[] {oldest, newer, newest, tooLarge}) {
      buffers.giveBack(each);
    }

    assertThat(buffers.take(half)).isSameAs(newest);
    assertThat(buffers.take(half)).isSameAs(newer);
    assertThat(buffers.take(half)).isNotSameAs(oldest);
    assertThat(buffers.take(Buffers.KEPT + 1)).isNotSameAs(tooLarge);
  }
}
