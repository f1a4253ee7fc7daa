package dev.tidegate.sync.link;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;

/**
 * Reads an MQTT stream packet by packet and breaks it off at a packet that is longer than we said
 * we take: Paho makes an array of whatever length the header claims, up to 256 MB.
 *
 * <pre>
 *   byte 1              bytes 2 to 5                     then
 *   +------+-------+    +---------------------------+    +------------------------+
 *   | type | flags |    | remaining length, 7 bits  |    | remaining length bytes |
 *   | 4    | 4     |    | a byte, low ones first    |    |                        |
 *   +------+-------+    +---------------------------+    +------------------------+
 * </pre>
 *
 * <p>MQTT 5, 2.1.4 (remaining length), 1.5.5 (variable byte integer), 3.1.2.11.4 (maximum packet
 * size). The fixed header is handed on whole: where the socket's read times out between its bytes,
 * Paho would lose its place in the stream. Used by Paho's receiving thread alone.
 */
final class LengthGuard extends InputStream {
  private final InputStream in;
  private final int maxBytes;
  private final Pulse pulse;
  private final Runnable firstRead;
  private final byte[] header = new byte[5];
  private int headerLength;
  private int headerGiven;
  private int bodyLeft;
  private boolean begun;

  /**
   * @param maxBytes longest packet let through, fixed header included
   * @param firstRead called once, on the thread that reads, before it reads
   */
  LengthGuard(InputStream in, int maxBytes, Pulse pulse, Runnable firstRead) {
    this.in = in;
    this.maxBytes = maxBytes;
    this.pulse = pulse;
    this.firstRead = firstRead;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!begun) {
      begun = true;
      firstRead.run();
    }
    if (headerGiven == headerLength && bodyLeft == 0 && !readHeader()) {
      return -1;
    }
    if (headerGiven < headerLength) {
      int count = Math.min(length, headerLength - headerGiven);
      System.arraycopy(header, headerGiven, to, offset, count);
      headerGiven += count;
      return count;
    }
    int count = in.read(to, offset, Math.min(length, bodyLeft));
    if (count > 0) {
      bodyLeft -= count;
      pulse.inbound();
    }
    return count;
  }

  /** Reads a fixed header; false at the end of the stream. */
  private boolean readHeader() throws IOException {
    int first = in.read(); // a time-out here is between packets, and Paho's to handle
    if (first < 0) {
      return false;
    }
    header[0] = (byte) first;
    int at = 1;
    int value = 0;
    int digit;
    do {
      if (at == 5) {
        throw new IOException("the server sent a remaining length of more than four bytes");
      }
      digit = readOn();
      value |= (digit & 0x7f) << (7 * (at - 1));
      header[at++] = (byte) digit;
    } while ((digit & 0x80) != 0);
    if (value > maxBytes - at) {
      throw new IOException(
          "the server sent a packet of " + value + " bytes, at most " + maxBytes + " are taken");
    }
    headerLength = at;
    headerGiven = 0;
    bodyLeft = value;
    pulse.inbound();
    return true;
  }

  /** One more byte of a header that has begun; a connection that ends here is closed by us. */
  private int readOn() throws IOException {
    while (true) {
      try {
        int b = in.read();
        if (b < 0) {
          throw new EOFException("the connection ended within a packet's header");
        }
        return b;
      } catch (SocketTimeoutException e) {
        // The socket's own time-out, 1 s: wait on. Closing the socket ends the wait.
      }
    }
  }

  /** Nothing before the first read: asked on a closed socket, it would end Paho's receiver. */
  @Override
  public int available() throws IOException {
    return begun ? headerLength - headerGiven + in.available() : 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
