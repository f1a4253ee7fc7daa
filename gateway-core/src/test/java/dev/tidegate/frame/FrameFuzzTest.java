package dev.tidegate.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.FrameCodec.Stamp;
import dev.tidegate.time.TimeQuality;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Hostile bytes: decoded, or refused with the one exception, in bounded memory. */
class FrameFuzzTest {
  private static final int ROUNDS = 20_000;

  // Without it a peer or a rotten card could end the process, or fill its heap.
  @Test
  void mutatedFramesAreRefusedOrComeBackAsTheyWereRead() {
    Random random = new Random(20261123);
    List<byte[]> seeds = new ArrayList<>();
    FrameCodec codec = new FrameCodec("gw", FrameCodecTest.EPOCH, FrameCodecTest.BOOT);
    for (Lane lane : Lane.values()) {
      for (int i = 0; i < 5; i++) {
        List<Entry> entries = new RandomEntries(i).of(lane, 1 + i * i * 4);
        seeds.add(
            codec.encode(lane, 7, new Stamp(1, TimeQuality.SYNCHRONISED), entries, 0).bytes());
      }
    }
    int accepted = 0;
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] frame = seal(mutate(seeds.get(random.nextInt(seeds.size())), random));
      long before = allocatedBytes();
      try {
        Frame decoded = FrameCodec.decode(frame);
        assertBounded(frame, before);
        assertEquals(
            decoded.entries(), FrameCodec.decode(encode(decoded)).entries(), "round " + round);
        accepted++;
      } catch (FrameException e) {
        assertBounded(frame, before);
        refused++;
      }
    }
    // Both must happen, or the mutations say nothing.
    assertTrue(accepted > ROUNDS / 100 && refused > ROUNDS / 4, accepted + " / " + refused);
  }

  // Without it only bytes close to a frame would ever have been tried.
  @Test
  void randomBytesAreRefused() {
    Random random = new Random(4);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = new byte[random.nextInt(400)];
      random.nextBytes(bytes);
      if (round % 2 == 0 && bytes.length > 6) {
        bytes[0] = (byte) 0x8c;
        bytes[1] = 2;
        bytes = seal(bytes);
      }
      try {
        FrameCodec.decode(bytes);
        throw new AssertionError("accepted in round " + round);
      } catch (FrameException e) {
        assertTrue(e.getMessage() != null && !e.getMessage().isEmpty());
      }
    }
  }

  /** A few bytes may not claim many: what a full frame takes, and 100 bytes for each of input. */
  private static void assertBounded(byte[] frame, long before) {
    long bytes = allocatedBytes() - before;
    assertTrue(bytes < 100L * frame.length + (6 << 20), frame.length + " bytes cost " + bytes);
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static byte[] encode(Frame frame) {
    FrameHeader header = frame.header();
    return new FrameCodec(header.gatewayId(), header.epoch(), header.bootId())
        .encode(
            header.lane(),
            header.firstSequence(),
            new Stamp(header.wallOffsetNanos(), header.timeQuality()),
            frame.entries(),
            0)
        .bytes();
  }

  private static byte[] mutate(byte[] seed, Random random) {
    byte[] bytes = seed.clone();
    int edits = random.nextInt(3);
    for (int i = 0; i <= edits; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = Arrays.copyOf(bytes, Math.max(6, at));
        case 3 -> bytes = splice(bytes, at, random.nextInt(9), random);
        default -> bytes[at] = (byte) new int[] {0x1b, 0x9b, 0x5b, 0x7b, 0xff, 0x9f}[i * 2 % 6];
      }
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int at, int more, Random random) {
    byte[] longer = new byte[bytes.length + more];
    System.arraycopy(bytes, 0, longer, 0, at);
    for (int i = at; i < at + more; i++) {
      longer[i] = (byte) random.nextInt(256);
    }
    System.arraycopy(bytes, at, longer, at + more, bytes.length - at);
    return longer;
  }

  /** Gives the bytes the checksum they should have, so that the reader behind it is reached. */
  private static byte[] seal(byte[] bytes) {
    int end = Math.max(1, bytes.length - 5);
    byte[] sealed = Arrays.copyOf(bytes, end + 5);
    sealed[end] = 0x44;
    ByteBuffer.wrap(sealed, end + 1, 4).putInt(Crc.of(sealed, 0, end));
    return sealed;
  }
}
