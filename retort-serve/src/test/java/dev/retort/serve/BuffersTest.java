package dev.retort.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuffersTest {
  private final Buffers buffers = new Buffers(ByteBuffer::allocateDirect);

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

  /** Else pictures of one size would be refused for ever because of those of another. */
  @Test
  void whatIsKeptGivesWayWhereMemoryIsShort() {
    List<Integer> asked = new ArrayList<>();
    Buffers scarce =
        new Buffers(
            bytes -> {
              asked.add(bytes);
              if (bytes == 4096) {
                throw new OutOfMemoryError();
              }
              return ByteBuffer.allocate(bytes);
            });
    scarce.giveBack(scarce.take(1000));
    scarce.giveBack(scarce.take(3000)); // of which no other picture's size is
    scarce.take(3000);
    scarce.take(1000);
    assertThat(asked).containsExactly(1024, 4096, 3000, 4096, 3000, 1024);
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
