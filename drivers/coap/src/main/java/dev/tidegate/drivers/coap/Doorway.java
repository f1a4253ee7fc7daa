package dev.tidegate.drivers.coap;

import dev.tidegate.driver.DriverException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.RawDataChannel;
import org.eclipse.californium.elements.UDPConnector;
import org.eclipse.californium.elements.config.Configuration;

/**
 * The client's UDP socket. Lets in nothing but what the device may say to a client: datagrams of
 * another sender, requests, and what comes faster than it can be worked off are dropped before
 * anybody parses or remembers them.
 *
 * <p>Datagrams arrive on the socket's own thread; the address may be changed by any.
 */
final class Doorway extends UDPConnector {
  private static final System.Logger LOG = System.getLogger(Doorway.class.getName());
  private static final int MAX_WAITING = 2_048;

  private final Worker worker;
  private final Counts counts;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile InetSocketAddress device;

  Doorway(Configuration config, InetSocketAddress device, Worker worker, Counts counts) {
    super(new InetSocketAddress(0), config);
    this.device = device;
    this.worker = worker;
    this.counts = counts;
  }

  InetSocketAddress device() {
    return device;
  }

  /**
   * A device behind a name may have moved: asks the resolver again, on a thread of its own, one
   * look-up at a time. As long as nobody knows the name, the last address stays.
   */
  void lookAgain(String name, Peer peer) {
    if (peer.isLiteral() || !looking.compareAndSet(false, true)) {
      return;
    }
    Thread.ofVirtual()
        .name("coap-look-again")
        .start(
            () -> {
              try {
                device = peer.resolve(name);
              } catch (DriverException e) {
                LOG.log(System.Logger.Level.DEBUG, e.getMessage());
              } finally {
                looking.set(false);
              }
            });
  }

  @Override
  public void setRawDataReceiver(RawDataChannel inside) {
    super.setRawDataReceiver(
        datagram -> {
          if (admits(datagram)) {
            inside.receiveData(datagram);
          }
        });
  }

  private boolean admits(RawData datagram) {
    if (!device.equals(datagram.getInetSocketAddress())) {
      counts.foreign.increment();
      return false;
    }
    // RFC 7252 section 3: the second byte is the code, class 0 with a detail is a request.
    byte[] bytes = datagram.getBytes();
    int code = bytes.length > 1 ? bytes[1] & 0xff : 0;
    if (code > 0 && code < 0x20) {
      counts.requests.increment();
      return false;
    }
    if (worker.waiting() > MAX_WAITING) {
      counts.overrun.increment();
      return false;
    }
    return true;
  }
}
