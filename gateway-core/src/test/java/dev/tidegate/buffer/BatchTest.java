package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.reading.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  // Without it a replay that was answered would not happen where the disk was full for a moment.
  @Test
  void whatWaitsForRoomIsKeptWhenSettlementsGoAhead() {
    Command command =
        new Command(
            "c",
            Command.Action.WRITE,
            "d/p",
            Value.of(1.0),
            "",
            Command.Origin.TWIN,
            Command.NOT_SAID,
            Command.NOT_SAID);
    Handover.Note commanded = new Handover.Note.Commanded(command, () -> {});
    Handover.Note requested = new Handover.Note.Requested(new ReplayRequest("r", Lane.RAW, 1, 2));
    Batch batch = new Batch(Batch.MAX_BYTES);
    batch.add(
        List.of(
            commanded,
            new Handover.Note.Settled(new Delivery.Acked(Lane.RAW, 1, 2)),
            requested,
            new Handover.Note.Damaged(Lane.RAW, 1)));
    batch.clearSettlements();
    assertEquals(List.of(commanded, requested), batch.notes());
  }
}
