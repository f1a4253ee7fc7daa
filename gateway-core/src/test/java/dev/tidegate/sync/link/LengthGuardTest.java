package dev.tidegate.sync.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tidegate.testkit.ManualClock;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT 5, 2.1.4 and 1.5.5: the fixed header, at its edges. */
final class LengthGuardTest {
  private static final int MAX = 20_000;
  private final Pulse pulse = new Pulse(new ManualClock(), new LongAdder(), new LongAdder());

  private LengthGuard guard(InputStream in) {
    return new LengthGuard(in, MAX, pulse, () -> {});
  }

  private static byte[] packet(int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x30);
    int left = length;
    do {
      out.write(left > 127 ? (left & 0x7f) | 0x80 : left);
      left >>= 7;
    } while (left > 0);
    for (int i = 0; i < length; i++) {
      out.write(i);
    }
    return out.toByteArray();
  }

  /** Without it, packets at the edges of the length's bytes would be cut or run together. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 255, 256, 16_383, 16_384, MAX - 4})
  void packetsPassUnchangedOneAfterAnother(int length) throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.writeBytes(packet(length));
    stream.writeBytes(packet(2));
    stream.writeBytes(packet(length));
    assertArrayEquals(
        stream.toByteArray(), guard(new ByteArrayInputStream(stream.toByteArray())).readAllBytes());
  }

  /** Without it, Paho would be handed a length that it makes an array of. */
  @ParameterizedTest
  @ValueSource(ints = {MAX - 3, MAX, 2_097_151, 2_097_152, 268_435_455})
  void aLongerPacketBreaksTheStreamBeforeItsHeaderIsSeen(int length) {
    byte[] head = java.util.Arrays.copyOf(packet(Math.min(length, 2_097_152)), 5);
    if (length == 268_435_455) {
      head = new byte[] {0x30, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f};
    }
    LengthGuard guard = guard(new ByteArrayInputStream(head));
    assertThrows(IOException.class, guard::read);
  }

  /**
   * Without it, a socket that is closed while Paho begins would leave a thread looking for ever.
   */
  @Test
  void nothingIsAvailableBeforeTheFirstRead() throws IOException {
    InputStream closed = new BufferedInputStream(InputStream.nullInputStream());
    closed.close();
    LengthGuard guard = guard(closed);
    assertEquals(0, guard.available());
    assertThrows(IOException.class, guard::read);
    assertThrows(IOException.class, guard::available);
  }

  /** Without it, a connection that dies within a header would look like one that ended well. */
  @Test
  void anEndWithinAHeaderIsAnError() {
    LengthGuard guard = guard(new ByteArrayInputStream(new byte[] {0x30, (byte) 0x80}));
    assertThrows(EOFException.class, guard::read);
  }

  /** Without it, an idle second between two header bytes would put Paho out of step for good. */
  @Test
  void aTimeOutBetweenPacketsIsPassedOnAndOneWithinAHeaderIsWaitedOut() throws IOException {
    byte[] bytes = packet(200);
    AtomicInteger at = new AtomicInteger();
    AtomicInteger timeouts = new AtomicInteger();
    InputStream slow =
        new InputStream() {
          private boolean late = true;

          @Override
          public int read(byte[] to, int offset, int length) throws IOException {
            int one = read();
            to[offset] = (byte) one;
            return one < 0 ? -1 : 1;
          }

          @Override
          public int read() throws IOException {
            late = !late;
            if (!late) {
              timeouts.incrementAndGet();
              throw new SocketTimeoutException();
            }
            return at.get() < bytes.length ? bytes[at.getAndIncrement()] & 255 : -1;
          }
        };
    LengthGuard guard = guard(slow);
    assertThrows(SocketTimeoutException.class, guard::read);
    assertEquals(0x30, guard.read());
    assertEquals(3, timeouts.get(), "one passed on, two waited out");
    assertEquals((200 & 0x7f) | 0x80, guard.read());
  }

  /** Without it, a dead reader would look alive. */
  @Test
  void thePulseIsWhatWasReadAndNothingElse() throws IOException {
    ManualClock clock = new ManualClock();
    Pulse here = new Pulse(clock, new LongAdder(), new LongAdder());
    long start = here.inboundNanos();
    LengthGuard guard = new LengthGuard(new ByteArrayInputStream(packet(3)), MAX, here, () -> {});
    clock.advance(5);
    assertEquals(start, here.inboundNanos());
    assertEquals(0x30, guard.read());
    assertEquals(start + 5, here.inboundNanos());
  }
}
