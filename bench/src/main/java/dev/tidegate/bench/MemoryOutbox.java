package dev.tidegate.bench;

import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Outbox;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.flow.Stretch;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Frames of one record each, in memory: what is measured is the link. */
final class MemoryOutbox implements Outbox {
  private static final int MOST = 256;
  private final String epoch;
  private final ConcurrentSkipListMap<Long, Outbound> frames = new ConcurrentSkipListMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile long head = 1;

  MemoryOutbox(String id) {
    epoch = id;
  }

  /** One thread's alone. */
  void store(int count, int bytes) {
    for (int i = 0; i < count; i++) {
      long next = head;
      frames.put(next, new Outbound(epoch, Lane.EVENTS, next, next, new byte[bytes]));
      head = next + 1;
    }
    listeners.forEach(Runnable::run);
  }

  boolean isEmpty() {
    return frames.isEmpty();
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public long head(Lane lane) {
    return lane == Lane.EVENTS ? head : 1;
  }

  @Override
  public List<Outbound> read(Lane lane, long from, long before, int maxBytes) {
    return lane == Lane.EVENTS && from < before
        ? frames.subMap(from, true, before, false).values().stream().limit(MOST).toList()
        : List.of();
  }

  @Override
  public void settle(Delivery delivery) {
    frames.subMap(delivery.firstSequence(), true, delivery.lastSequence(), true).clear();
  }

  @Override
  public boolean isOnRequest(Lane lane) {
    return false;
  }

  @Override
  public boolean request(ReplayRequest request) {
    return false;
  }

  @Override
  public List<Stretch> stretches() {
    return List.of();
  }

  @Override
  public void onCommit(Runnable listener) {
    listeners.add(listener);
  }
}
