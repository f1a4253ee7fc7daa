package dev.tidegate.testkit;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * A bus of chips with registers, as I2C knows them: a master names a 7-bit address, writes the
 * number of a register and reads or writes bytes from there on, the number counting up by itself
 * and wrapping after 255 (NXP UM10204, section 3.1.10). Chips can be pulled, and the next transfers
 * can be made to fail or to bring wrong bits. Safe for use by any thread; one transfer at a time.
 */
public final class SimulatedBus {
  private final Map<Integer, byte[]> chips = new HashMap<>();
  private int failures;
  private int flips;
  private long transfers;

  /** Plugs in a chip whose 256 registers hold 0. */
  public synchronized void plug(int address) {
    if (address < 0x08 || address > 0x77) {
      throw new IllegalArgumentException(
          "addresses from 0x08 to 0x77 are free for chips (UM10204, table 4): " + address);
    }
    chips.put(address, new byte[256]);
  }

  /** Pulls the chip: its address is not acknowledged any more. */
  public synchronized void pull(int address) {
    chips.remove(address);
  }

  /** Sets registers of a plugged chip from its own side, as a measurement would. */
  public synchronized void set(int address, int register, byte... values) {
    byte[] chip = chips.get(address);
    if (chip == null) {
      throw new IllegalStateException("no chip is plugged in at address " + address);
    }
    for (int i = 0; i < values.length; i++) {
      chip[(register + i) & 0xFF] = values[i];
    }
  }

  /** Lets the next transfers fail with a time-out. */
  public synchronized void failNext(int transfersToFail) {
    failures = transfersToFail;
  }

  /** Lets the next transfers bring the first byte with its lowest bit flipped. */
  public synchronized void flipNext(int transfersToSpoil) {
    flips = transfersToSpoil;
  }

  /** How many transfers were tried so far. */
  public synchronized long transfers() {
    return transfers;
  }

  /**
   * Reads bytes from a register on.
   *
   * @throws IOException when nobody acknowledges the address, or the bus timed out
   */
  public synchronized byte[] read(int address, int register, int count) throws IOException {
    byte[] chip = begin(address);
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      values[i] = chip[(register + i) & 0xFF];
    }
    if (flips > 0 && count > 0) {
      flips--;
      values[0] ^= 1;
    }
    return values;
  }

  /**
   * Writes bytes from a register on.
   *
   * @throws IOException when nobody acknowledges the address, or the bus timed out
   */
  public synchronized void write(int address, int register, byte... values) throws IOException {
    begin(address);
    set(address, register, values);
  }

  private byte[] begin(int address) throws IOException {
    transfers++;
    byte[] chip = chips.get(address);
    if (chip == null) {
      throw new IOException("address " + address + " was not acknowledged");
    }
    if (failures > 0) {
      failures--;
      throw new IOException("the bus timed out");
    }
    return chip;
  }
}
