package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.testkit.ManualClock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HandoverTest {
  private static Handover.Appended record(int number) {
    Event event = new Event(number, Event.Severity.INFO, "test", "", "");
    return new Handover.Appended(Lane.EVENTS, event, null, 10);
  }

  // Without it a disk that takes nothing would also stop what must be written to a device.
  @Test
  void whoeverWaitsForRoomDoesWhatMustNotStandStill() throws Exception {
    Handover handover = new Handover(new ManualClock(), Long.MAX_VALUE);
    for (int i = 0; i < Handover.MAX_RECORDS; i++) {
      assertTrue(!handover.put(record(i)));
    }
    CountDownLatch done = new CountDownLatch(2);
    Thread[] by = new Thread[1];
    handover.whileWaiting(
        () -> {
          by[0] = Thread.currentThread();
          done.countDown();
        });
    FutureTask<Boolean> put = new FutureTask<>(() -> handover.put(record(-1)));
    Thread waits = Thread.ofPlatform().start(put);
    assertTrue(done.await(30, TimeUnit.SECONDS), "again and again");
    assertTrue(waits.equals(by[0]), "by the thread that waits");
    handover.drain(1, Long.MAX_VALUE, 0);
    assertTrue(put.get(30, TimeUnit.SECONDS), "it goes on as soon as there is room");
    waits.join();
  }
}
