package dev.tidegate.sync;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/**
 * A server on loopback that speaks MQTT 5 byte by byte, as a test's script says: well, badly, or
 * not at all. Each connection runs the script on a thread of its own.
 */
final class ScriptedBroker implements AutoCloseable {
  static final int CONNECT = 1;
  static final int PUBLISH = 3;
  static final int PUBACK = 4;
  static final int SUBSCRIBE = 8;
  static final int PINGREQ = 12;
  static final int DISCONNECT = 14;

  private final ServerSocket server;
  private final String scheme;
  private final Script script;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  final AtomicInteger connects = new AtomicInteger();

  /** Frames and states that were published, in the order of arrival. */
  final BlockingQueue<Published> published = new LinkedBlockingQueue<>();

  /** Packet identifiers of the messages whose receipt the gateway has confirmed. */
  final BlockingQueue<Integer> pubAcks = new LinkedBlockingQueue<>();

  /** Connections whose other side is gone. */
  final BlockingQueue<Integer> gone = new LinkedBlockingQueue<>();

  /** What the server does on a connection; returns when it has nothing more to say. */
  interface Script {
    void run(Peer peer) throws IOException;
  }

  /** A packet as it came. */
  @SuppressWarnings("ArrayRecordComponent")
  record Packet(int type, int flags, byte[] body) {}

  /** A publish as it came. */
  @SuppressWarnings("ArrayRecordComponent")
  record Published(int connection, String topic, int packetId, boolean retained, byte[] rest) {}

  ScriptedBroker(Script script) throws IOException {
    this("mqtt", ServerSocketFactory.getDefault(), script);
  }

  ScriptedBroker(String scheme, ServerSocketFactory sockets, Script script) throws IOException {
    this.scheme = scheme;
    this.script = script;
    this.server = sockets.createServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().name("scripted-accept").daemon(true).start(this::accept);
  }

  URI uri() {
    return URI.create(scheme + "://127.0.0.1:" + server.getLocalPort());
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        int number = connects.incrementAndGet();
        Thread.ofPlatform().daemon(true).start(() -> serve(socket, number));
      }
    } catch (IOException e) {
      gone.add(0); // the test is over
    }
  }

  private void serve(Socket socket, int number) {
    try (socket) {
      socket.setTcpNoDelay(true);
      script.run(new Peer(socket, number));
    } catch (IOException e) {
      gone.add(number);
      return;
    }
    gone.add(number);
  }

  /** The next publish on that topic's end; fails the test when none comes. */
  Published next(String topicEnd) throws InterruptedException {
    while (true) {
      Published next = published.poll(20, TimeUnit.SECONDS);
      Assertions.assertNotNull(next, "nothing was published on " + topicEnd);
      if (next.topic().endsWith(topicEnd)) {
        return next;
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** One connection, as the script sees it. */
  final class Peer {
    final int number;
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    Peer(Socket socket, int number) throws IOException {
      this.socket = socket;
      this.number = number;
      this.in = new DataInputStream(socket.getInputStream());
      this.out = socket.getOutputStream();
    }

    /** What the gateway has shown of itself with TLS. */
    Certificate certificate() throws IOException {
      return ((SSLSocket) socket).getSession().getPeerCertificates()[0];
    }

    /** Reads a packet. */
    Packet read() throws IOException {
      int first = in.readUnsignedByte();
      int length = 0;
      int shift = 0;
      int digit;
      do {
        digit = in.readUnsignedByte();
        length |= (digit & 0x7f) << shift;
        shift += 7;
      } while ((digit & 0x80) != 0);
      byte[] body = new byte[length];
      in.readFully(body);
      return new Packet(first >> 4, first & 15, body);
    }

    /** Bytes that came and were not read. */
    int unread() throws IOException {
      return in.available();
    }

    /** Writes bytes as they are. */
    void raw(int... bytes) throws IOException {
      ByteBuffer packet = ByteBuffer.allocate(bytes.length);
      for (int b : bytes) {
        packet.put((byte) b);
      }
      raw(packet.array());
    }

    /** The same. */
    void raw(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    /** Reads CONNECT and accepts it with these properties. */
    void accept(int... properties) throws IOException {
      Assertions.assertEquals(CONNECT, read().type());
      int[] packet = new int[5 + properties.length];
      packet[0] = 0x20;
      packet[1] = 3 + properties.length;
      packet[4] = properties.length;
      System.arraycopy(properties, 0, packet, 5, properties.length);
      raw(packet);
    }

    /** Reads SUBSCRIBE and grants QoS 1. */
    void grant() throws IOException {
      Packet subscribe = read();
      Assertions.assertEquals(SUBSCRIBE, subscribe.type());
      raw(0x90, 4, subscribe.body()[0], subscribe.body()[1], 0, 1);
    }

    /** Reads until the next publish, answering pings; null at the end. */
    @Nullable Published publish() throws IOException {
      while (true) {
        Packet packet = read();
        switch (packet.type()) {
          case PINGREQ -> raw(0xd0, 0);
          case DISCONNECT -> {
            return null;
          }
          case PUBLISH -> {
            Published one = decode(packet);
            published.add(one);
            return one;
          }
          case PUBACK -> pubAcks.add((packet.body()[0] & 255) << 8 | (packet.body()[1] & 255));
          default -> {}
        }
      }
    }

    private Published decode(Packet packet) {
      ByteBuffer body = ByteBuffer.wrap(packet.body());
      byte[] topic = new byte[body.getShort()];
      body.get(topic);
      int id = Short.toUnsignedInt(body.getShort());
      byte[] rest = new byte[body.remaining()];
      body.get(rest);
      String name = new String(topic, StandardCharsets.UTF_8);
      return new Published(number, name, id, (packet.flags() & 1) != 0, rest);
    }

    /** Acknowledges a publish. */
    void pubAck(@Nullable Published one, int reasonCode) throws IOException {
      if (one == null) {
        throw new EOFException("the gateway left");
      }
      raw(0x40, 3, one.packetId() >> 8, one.packetId() & 255, reasonCode);
    }

    /** Publishes to the gateway with QoS 0. */
    void say(String topic, byte[] payload) throws IOException {
      say(topic, 0, payload);
    }

    /** Publishes to the gateway with QoS 1, or 0 where the packet identifier is 0. */
    void say(String topic, int packetId, byte[] payload) throws IOException {
      byte[] name = topic.getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream packet = new ByteArrayOutputStream();
      packet.write(packetId == 0 ? 0x30 : 0x32);
      int left = 2 + name.length + (packetId == 0 ? 0 : 2) + 1 + payload.length;
      while (left > 127) {
        packet.write((left & 0x7f) | 0x80);
        left >>= 7;
      }
      packet.write(left);
      packet.write(name.length >> 8);
      packet.write(name.length);
      packet.writeBytes(name);
      if (packetId != 0) {
        packet.write(packetId >> 8);
        packet.write(packetId);
      }
      packet.write(0);
      packet.writeBytes(payload);
      out.write(packet.toByteArray());
      out.flush();
    }

    /** Takes everything, acknowledges publishes, until the other side goes. */
    void takeAll() throws IOException {
      Published one = publish();
      while (one != null) {
        pubAck(one, 0);
        one = publish();
      }
    }

    /** Reads and answers nothing, until the other side goes. */
    void fallSilent() throws IOException {
      while (in.read() >= 0) {
        // whatever it says
      }
    }
  }
}
