package dev.tidegate.sync.link;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes the one socket of a connection: TCP_NODELAY, a small send buffer, TLS where asked, and a
 * {@link LengthGuard} on what comes in.
 *
 * <p>TLS is done in here rather than by Paho: the host name is always checked (RFC 9525, as JSSE's
 * {@code HTTPS} algorithm does it), and the socket under TLS can be closed without waiting for the
 * peer. The send buffer is small so that an alarm waits behind {@value #SEND_BUFFER_BYTES} bytes of
 * backlog rather than behind megabytes, and so that a dead link shows.
 *
 * <p>Why TLS ended is what the server said: with TLS 1.3 a client's certificate is refused after
 * the handshake, when CONNECT is on its way. Writing that fails would end TLS before the alert is
 * read, so the reader alone says that a connection under TLS has ended.
 *
 * <p>Nothing is read before something was written: Paho starts its receiver first, and looks a
 * tenth of a second later, again and again, whether it runs; where a server has ended the
 * connection by then, that thread would look for ever (Paho's issue 850).
 *
 * <p>Used by Paho's threads; {@link #close} by the sync thread.
 */
final class GuardedSockets extends SocketFactory {
  /** Longest packet that we take; a server is told so, and cut off beyond. */
  static final int MAX_PACKET_BYTES = 256 << 10;

  static final int SEND_BUFFER_BYTES = 128 << 10;
  private static final int READ_BUFFER_BYTES = 8 << 10;
  private static final int FIRST_WRITE_SECONDS = 10;
  private static final int WHY_MILLIS = 500;

  private final @Nullable SSLSocketFactory tls;
  private final int dscp;
  private final Pulse pulse;
  private final Runnable firstRead;
  private final Socket raw = new Raw();
  private final CountDownLatch wrote = new CountDownLatch(1);
  private final CountDownLatch unreadable = new CountDownLatch(1);
  private volatile @Nullable SSLException alert;
  private volatile @Nullable Thread writer;
  private boolean given;
  private boolean closed;

  /**
   * @param dscp differentiated services code point, 0 to 63
   */
  GuardedSockets(@Nullable SSLSocketFactory tls, int dscp, Pulse pulse, Runnable firstRead) {
    this.tls = tls;
    this.dscp = dscp;
    this.pulse = pulse;
    this.firstRead = firstRead;
  }

  @Override
  public synchronized Socket createSocket() throws IOException {
    if (closed || given) {
      throw new SocketException("one connection, one socket");
    }
    given = true;
    return new Guarded();
  }

  /** Whether anything was written, or tried to be. */
  boolean hasWritten() {
    return wrote.getCount() == 0;
  }

  /**
   * Wakes the thread that writes, once the connection is over: Paho tells it to end with a single
   * notification, which it misses where it is on its way to wait, and then it waits for ever.
   */
  void wakeWriter() {
    Thread waiting = writer;
    if (waiting != null) {
      waiting.interrupt();
    }
  }

  /** Closes the socket, whatever its threads are doing with it. */
  synchronized void close() {
    closed = true;
    try {
      raw.close();
    } catch (IOException e) {
      // Nothing can be done about it and nothing depends on it: the descriptor is gone either way.
      return;
    }
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException("only unconnected sockets are made here");
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException("only unconnected sockets are made here");
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException("only unconnected sockets are made here");
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException("only unconnected sockets are made here");
  }

  /** The socket under TLS, or alone. */
  private final class Raw extends Socket {
    @Override
    public OutputStream getOutputStream() throws IOException {
      OutputStream out = super.getOutputStream();
      return tls == null ? out : new Unfailing(out);
    }
  }

  /** Leaves it to the reader to find that the other side has gone, and to say why. */
  private final class Unfailing extends OutputStream {
    private final OutputStream out;

    Unfailing(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        if (raw.isClosed()) {
          throw e;
        }
      }
    }
  }

  /** What Paho sees; it calls no other methods than these, apart from the first two. */
  private final class Guarded extends Socket {
    private @Nullable Socket top;
    private @Nullable InputStream in;

    @Override
    public int getTrafficClass() throws SocketException {
      return raw.getTrafficClass();
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
      return raw.getTcpNoDelay();
    }

    @Override
    public void connect(SocketAddress address, int timeoutMillis) throws IOException {
      raw.setTcpNoDelay(true);
      raw.setSendBufferSize(SEND_BUFFER_BYTES);
      if (dscp > 0) {
        raw.setTrafficClass(dscp << 2); // the upper six bits (RFC 2474, section 3)
      }
      raw.connect(address, timeoutMillis);
      if (tls == null || !(address instanceof InetSocketAddress to)) {
        top = raw;
        return;
      }
      raw.setSoTimeout(timeoutMillis);
      SSLSocket secured = (SSLSocket) tls.createSocket(raw, to.getHostString(), to.getPort(), true);
      SSLParameters parameters = secured.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setProtocols(new String[] {Tls.VERSION}); // the context would speak 1.2 as well
      secured.setSSLParameters(parameters);
      secured.startHandshake();
      top = secured;
    }

    private Socket top() throws SocketException {
      if (top == null) {
        throw new SocketException("not connected");
      }
      return top;
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
      raw.setSoTimeout(millis);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      if (in == null) {
        InputStream buffered =
            new BufferedInputStream(new Counted(top().getInputStream()), READ_BUFFER_BYTES);
        in = new LengthGuard(buffered, MAX_PACKET_BYTES, pulse, this::beforeFirstRead);
      }
      return in;
    }

    private void beforeFirstRead() {
      firstRead.run();
      try {
        if (!wrote.await(FIRST_WRITE_SECONDS, TimeUnit.SECONDS)) {
          GuardedSockets.this.close();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // Paho ends this thread: the read that follows fails
      }
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      try {
        return new Noted(top().getOutputStream());
      } catch (IOException e) {
        wrote.countDown(); // nothing will be, and the receiver runs
        throw e;
      }
    }

    /** Does nothing: closing follows, and TLS would complain about the missing farewell. */
    @Override
    public void shutdownInput() {}

    @Override
    public void close() {
      GuardedSockets.this.close();
    }
  }

  /** What TLS ended with where a write failed: the reader meets the server's alert. */
  private IOException why(IOException failure) {
    if (tls != null) {
      try {
        boolean known = unreadable.await(WHY_MILLIS, TimeUnit.MILLISECONDS);
        SSLException said = alert;
        return known && said != null ? said : failure;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // Paho ends this thread: what failed is enough
      }
    }
    return failure;
  }

  /** Counts what comes, and keeps why nothing comes any more. */
  private final class Counted extends FilterInputStream {
    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        int count = super.read(bytes, offset, length);
        pulse.came(Math.max(0, count));
        return count;
      } catch (SSLException e) {
        alert = e;
        unreadable.countDown();
        throw e;
      } catch (IOException e) {
        unreadable.countDown();
        throw e;
      }
    }
  }

  /** Notes that bytes were taken. */
  private final class Noted extends OutputStream {
    private final OutputStream out;

    Noted(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      writer = Thread.currentThread(); // Paho has one for that
      wrote.countDown();
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw why(e);
      }
      pulse.outbound(length);
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (IOException e) {
        throw why(e);
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
