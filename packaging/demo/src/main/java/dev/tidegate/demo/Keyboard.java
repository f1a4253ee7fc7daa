package dev.tidegate.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Turns each Enter into a cut or a restored link, and each number into a speed that the cloud wants
 * of the pump; says what the gateway reports of it. {@link #act} is called by the demo's thread.
 */
final class Keyboard {
  private static final int MAX_LINES = 64;
  private static final String PREFIX = "tg/demo/demo";
  private static final String SPEED = "pump/speed-setpoint";

  private final Broker link;
  private final CloudSide cloud;
  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(MAX_LINES);
  private String told = "";

  private Keyboard(Broker link, CloudSide cloud) {
    this.link = link;
    this.cloud = cloud;
  }

  /** Listens to standard input until it ends. */
  static Keyboard listen(Broker link, CloudSide cloud) {
    Keyboard keyboard = new Keyboard(link, cloud);
    Thread.ofPlatform().daemon(true).name("keyboard").start(keyboard::read);
    return keyboard;
  }

  /** Does what was asked for since the last call. */
  void act() throws IOException {
    for (String line = lines.poll(); line != null; line = lines.poll()) {
      if (line.isBlank()) {
        link.toggle();
      } else {
        want(line.strip());
      }
    }
    tell(cloud.reported(PREFIX));
  }

  private void want(String text) {
    try {
      double speed = Double.parseDouble(text);
      if (Double.isFinite(speed)) {
        cloud.desire(PREFIX, SPEED, speed);
        System.out.printf("the cloud wants the pump at %s rev/min%n", text);
        return;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    System.out.println("Enter cuts or restores the link; a number is a speed for the pump");
  }

  /** Says once what became of what the cloud wanted last. */
  private void tell(Map<String, Object> reported) {
    String path = "actuators/" + SPEED;
    Object command = reported.get(path + "/command");
    if (command == null || told.equals(command)) {
      return;
    }
    told = String.valueOf(command);
    boolean isDone = Double.valueOf(200).equals(reported.get(path + "/status"));
    System.out.printf(
        "the gateway reports: %s, %s%n",
        isDone ? "the pump's speed is set" : "not done", reported.get(path + "/message"));
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.offer(line);
      }
    } catch (IOException e) {
      // nobody types any more
    }
  }
}
