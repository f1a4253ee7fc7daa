package dev.tidegate.gateway;

import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Leaving;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Outbox;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.flow.Stretch;
import dev.tidegate.flow.Withheld;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps what must not leave the gateway out of what is sent: {@link AllowedJournal} kept it out of
 * what is stored, but not while the list of what may leave was another one.
 *
 * <pre>
 *   stored   1 a   2 X   3 b   4 X   5 c          X must not leave
 *   sent     1 a   2 -   3 b   4 -   5 c          {@link Withheld}
 * </pre>
 *
 * What is stored stays as it is, every number keeps its record, and a frame is the same each time
 * that it is sent under the same list. Every frame is looked at, those of this run too: that is
 * cheap beside the link. Safe for use as what it is put before.
 */
final class AllowedOutbox implements Outbox {
  private final Outbox outbox;
  private final Leaving leaving;

  AllowedOutbox(Outbox outbox, Leaving leaving) {
    this.outbox = outbox;
    this.leaving = leaving;
  }

  @Override
  public List<Outbound> read(Lane lane, long from, long before, int maxBytes) {
    return outbox.read(lane, from, before, maxBytes).stream().map(this::allowed).toList();
  }

  private Outbound allowed(Outbound stored) {
    Frame frame;
    try {
      frame = FrameCodec.decode(stored.frame());
    } catch (FrameException e) {
      throw new IllegalStateException("a frame that was checked cannot be read: " + e, e);
    }
    List<Entry> entries = new ArrayList<>(frame.entries().size());
    for (Entry entry : frame.entries()) {
      Entry may = leaving.of(entry);
      entries.add(may == null ? Withheld.of(entry) : may);
    }
    return entries.equals(frame.entries())
        ? stored
        : new Outbound(
            stored.epoch(),
            stored.lane(),
            stored.firstSequence(),
            stored.lastSequence(),
            FrameCodec.again(frame.header(), entries));
  }

  @Override
  public String epoch() {
    return outbox.epoch();
  }

  @Override
  public long head(Lane lane) {
    return outbox.head(lane);
  }

  @Override
  public void settle(Delivery delivery) {
    outbox.settle(delivery);
  }

  @Override
  public boolean isOnRequest(Lane lane) {
    return outbox.isOnRequest(lane);
  }

  @Override
  public boolean request(ReplayRequest request) {
    return outbox.request(request);
  }

  @Override
  public List<Stretch> stretches() {
    return outbox.stretches();
  }

  @Override
  public void onCommit(Runnable listener) {
    outbox.onCommit(listener);
  }
}
