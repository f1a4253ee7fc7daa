package dev.tidegate.demo;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** Turns each Enter into a cut or a restored link. {@link #act} is called by the demo's thread. */
final class Keyboard {
  private final Broker link;
  private final AtomicInteger pressed = new AtomicInteger();

  private Keyboard(Broker link) {
    this.link = link;
  }

  /** Listens to standard input until it ends. */
  static Keyboard listen(Broker link) {
    Keyboard keyboard = new Keyboard(link);
    Thread.ofPlatform().daemon(true).name("keyboard").start(keyboard::read);
    return keyboard;
  }

  /** Does what was asked for since the last call. */
  void act() throws IOException {
    for (int presses = pressed.getAndSet(0); presses > 0; presses--) {
      link.toggle();
    }
  }

  private void read() {
    try {
      for (int c = System.in.read(); c >= 0; c = System.in.read()) {
        if (c == '\n') {
          pressed.incrementAndGet();
        }
      }
    } catch (IOException e) {
      // nobody types any more
    }
  }
}
