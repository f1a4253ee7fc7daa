package dev.tidegate.drivers.coap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A device that follows a script, byte by byte: nothing of Californium is between the test and the
 * wire.
 *
 * <pre>
 *    0                   1                   2                   3     RFC 7252, figure 7
 *   +---+---+-------+---------------+-------------------------------+
 *   |Ver| T |  TKL  |      Code     |          Message ID           |
 *   +---+---+-------+---------------+-------------------------------+
 *   |   Token … | Options … | 0xff | Payload …
 * </pre>
 */
final class ScriptedPeer implements AutoCloseable {
  static final int CON = 0;
  static final int NON = 1;
  static final int ACK = 2;
  static final int RST = 3;
  static final int CONTENT = 0x45; // 2.05
  private static final int WAIT_MILLIS = 5_000;

  /** One message as it came. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Message(int type, int code, int mid, byte[] token, byte[] rest) {
    @Override
    public String toString() {
      return "type %d, code %d.%02d, id %d, %s"
          .formatted(type, code >> 5, code & 0x1f, mid, HexFormat.of().formatHex(rest));
    }
  }

  private final DatagramSocket socket;
  private @Nullable SocketAddress client;

  ScriptedPeer() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  }

  String uri() {
    return "coap://127.0.0.1:" + socket.getLocalPort();
  }

  SocketAddress client() {
    return client == null ? fail("nobody has said anything yet") : client;
  }

  /** The next message, which must be a GET. */
  Message expectGet() throws IOException {
    Message message = next();
    assertEquals(1, message.code, "expected a GET, got " + message);
    return message;
  }

  /** The next GET among what comes before it is quiet for that long; null when there is none. */
  @Nullable Message awaitGet(int quietMillis) throws IOException {
    Message message = receive(quietMillis);
    while (message != null && message.code != 1) {
      message = receive(quietMillis);
    }
    return message;
  }

  /** The next message, which must be the empty acknowledgement of that message id. */
  void expectAck(int mid) throws IOException {
    Message message = next();
    assertEquals(ACK, message.type, "expected an acknowledgement, got " + message);
    assertEquals(0, message.code);
    assertEquals(mid, message.mid);
  }

  /** The next message, which must be the reset of that message id. */
  void expectReset(int mid) throws IOException {
    Message message = next();
    assertEquals(RST, message.type, "expected a reset, got " + message);
    assertEquals(mid, message.mid);
  }

  /** Nothing comes for that long. */
  void expectSilence(int millis) throws IOException {
    Message message = receive(millis);
    if (message != null) {
      fail("expected nothing, got " + message);
    }
  }

  private Message next() throws IOException {
    Message message = receive(WAIT_MILLIS);
    return message == null ? fail("nothing came within " + WAIT_MILLIS + " ms") : message;
  }

  private @Nullable Message receive(int millis) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    socket.setSoTimeout(millis);
    try {
      socket.receive(packet);
    } catch (SocketTimeoutException _) {
      return null;
    }
    client = packet.getSocketAddress();
    byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
    int tokenLength = bytes[0] & 0x0f;
    return new Message(
        (bytes[0] >> 4) & 3,
        bytes[1] & 0xff,
        ((bytes[2] & 0xff) << 8) | (bytes[3] & 0xff),
        Arrays.copyOfRange(bytes, 4, 4 + tokenLength),
        Arrays.copyOfRange(bytes, 4 + tokenLength, bytes.length));
  }

  /** Sends a message without options and payload. */
  void empty(int type, int mid) throws IOException {
    send(new byte[] {(byte) (0x40 | (type << 4)), 0, (byte) (mid >> 8), (byte) mid});
  }

  /**
   * Sends a 2.05 with text.
   *
   * @param observe the Observe option's value, below 0: none
   */
  void content(int type, int mid, byte[] token, int observe, String text) throws IOException {
    send(message(type, CONTENT, mid, token, observe, text));
  }

  static byte[] message(int type, int code, int mid, byte[] token, int observe, String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x40 | (type << 4) | token.length);
    out.write(code);
    out.write(mid >> 8);
    out.write(mid);
    out.writeBytes(token);
    int option = 0;
    if (observe >= 0) {
      out.write((6 << 4) | 3); // Observe is option 6, its value here of 3 bytes
      out.writeBytes(HexFormat.of().parseHex("%06x".formatted(observe)));
      option = 6;
    }
    out.write((12 - option) << 4); // Content-Format is option 12, text/plain is 0, in no bytes
    out.write(0xff);
    out.writeBytes(text.getBytes(UTF_8));
    return out.toByteArray();
  }

  void send(byte[] bytes) throws IOException {
    socket.send(new DatagramPacket(bytes, bytes.length, client()));
  }

  @Override
  public void close() {
    socket.close();
  }
}
