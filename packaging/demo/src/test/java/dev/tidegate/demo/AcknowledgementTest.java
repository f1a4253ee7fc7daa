package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.demo.CloudSide.Reply;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.sync.Sync;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The acknowledgement rule end to end, with a cloud side that answers as it should not. */
final class AcknowledgementTest {
  private static final long MILLI = 1_000_000L;

  @TempDir Path folder;

  private static EmbeddedBroker broker;

  private CloudStore store;
  private CloudSide cloud;
  private Rig rig;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = EmbeddedBroker.start(0);
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void start() throws Exception {
    store = CloudStore.open(Files.createDirectories(folder.resolve("cloud")));
    cloud = CloudSide.start(broker.uri(), "tg/+/+", store);
    assertTrue(cloud.awaitConnected(30_000 * MILLI));
    rig = new Rig(Files.createDirectories(folder.resolve("gateway")));
    Sync sync = rig.connect(Rig.quick(broker.uri()));
    rig.await("a connection", () -> sync.status().online());
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
    cloud.close();
    store.close();
  }

  /** The negative control: without the application's word nothing may be forgotten. */
  @Test
  void withoutAcknowledgementsNothingIsForgotten() throws Exception {
    cloud.reply(header -> Reply.SILENT);
    rig.rounds(20);
    rig.await("everything stored", () -> store.stored(Lane.RAW) == 40);
    rig.await("resends", () -> rig.counters.value("sync.ack-timeouts") >= 60);
    assertTrue(rig.counters.value("sync.pubacks") >= 60);
    assertEquals(0, rig.account().delivered());
    assertEquals(rig.account().accepted(), rig.account().buffered());
    cloud.reply(header -> Reply.STORED);
    rig.awaitEmpty();
    assertEquals(rig.account().accepted(), rig.account().delivered());
    assertTrue(cloud.verdict().duplicates() >= 60);
    assertEquals(0, cloud.verdict().differing(), "resends are byte-identical");
  }

  /** Without it, an overloaded far side would cost records. */
  @ParameterizedTest
  @ValueSource(ints = {408, 424, 500, 503})
  void aPassingRefusalIsAskedAgain(int code) throws Exception {
    Map<FrameHeader, Integer> seen = new ConcurrentHashMap<>();
    cloud.reply(
        header -> seen.merge(header, 1, Integer::sum) < 3 ? Reply.refused(code) : Reply.STORED);
    rig.rounds(20);
    rig.awaitEmpty();
    assertEquals(rig.account().accepted(), rig.account().delivered());
    assertTrue(cloud.verdict().complete(), cloud.verdict()::toString);
    assertTrue(rig.counters.value("sync.put-off") >= 100);
  }

  /** Without it, one frame that the far side cannot take would stop its lane for ever. */
  @Test
  void aFinalRefusalIsDeclaredLostAndTheRestFlowsOn() throws Exception {
    cloud.reply(
        header ->
            header.lane() == Lane.RAW && header.firstSequence() == 7
                ? Reply.refused(400)
                : Reply.STORED);
    rig.rounds(20);
    rig.awaitEmpty();
    assertEquals(2, rig.account().lost());
    assertTrue(rig.buffer.account().balances());
    CloudStore.Verdict verdict = cloud.verdict();
    assertTrue(verdict.complete(), verdict::toString);
    assertEquals(2, verdict.declaredLost(), "the loss record came, and stands for the gap");
    assertEquals(38, verdict.stored().get(Lane.RAW));
  }

  /** Without it, answers that come late or twice could settle the wrong thing. */
  @Test
  void lateAndRepeatedAnswersDoNoHarm() throws Exception {
    cloud.reply(header -> new Reply(true, 200, 2, (header.firstSequence() % 5) * 400 * MILLI));
    rig.rounds(20);
    rig.awaitEmpty();
    assertEquals(rig.account().accepted(), rig.account().delivered());
    assertEquals(0, rig.account().lost());
    assertTrue(cloud.verdict().complete(), cloud.verdict()::toString);
    assertTrue(rig.counters.value("sync.acks-unmatched") > 0, "some were repeated");
  }

  /** Without it, what the cloud side says that it has could be gone with its process. */
  @Test
  void whatIsAcknowledgedIsInTheFile() throws Exception {
    rig.rounds(10);
    rig.awaitEmpty();
    long raw =
        CloudStore.read(folder.resolve("cloud")).stream().filter(s -> s.lane() == Lane.RAW).count();
    assertEquals(20, raw);
    try (CloudStore again = CloudStore.open(folder.resolve("cloud"))) {
      assertEquals(store.verdict().stored(), again.verdict().stored());
    }
  }
}
