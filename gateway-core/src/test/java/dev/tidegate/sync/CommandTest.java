package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.reading.Value;
import dev.tidegate.sync.binding.DownMessages;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How commands come in. */
final class CommandTest {
  private static final String DOWN = "tg/default/g1/down";

  @TempDir Path folder;

  private final BlockingQueue<ScriptedBroker.Peer> peers = new LinkedBlockingQueue<>();

  private ScriptedBroker broker() throws Exception {
    return new ScriptedBroker(
        peer -> {
          peer.accept();
          peer.grant();
          peers.add(peer);
          peer.takeAll();
        });
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Without it a power cut between PUBACK and commit would lose a command that the broker let go.
   */
  @Test
  void theTransportIsToldOnlyOnceTheCommandIsStored() throws Exception {
    List<Received> executed = new ArrayList<>();
    try (ScriptedBroker broker = broker();
        Workbench bench = new Workbench(folder, new ManualClock(), Workbench.quick(broker.uri()))) {
      bench.buffer.onCommand(executed::add);
      bench.until("the connection", () -> bench.count("pubacks") == 1);
      ScriptedBroker.Peer peer = peers.take();
      String command =
          "{\"type\":\"command\",\"id\":\"c1\",\"point\":\"pump/speed\",\"value\":1500,"
              + "\"by\":\"ops\",\"issued\":\"2026-11-23T00:00:00Z\"}";
      peer.say(DOWN, 7, bytes("{\"type\":\"nonsense\"}")); // what needs no storing is told at once
      peer.say(DOWN, 8, bytes(command));
      for (int i = 0; i < 1_000 && bench.count("commands") == 0; i++) {
        bench.sync.step(5 * Workbench.MILLI);
      }
      assertEquals(7, broker.pubAcks.poll(10, TimeUnit.SECONDS));
      assertEquals(null, broker.pubAcks.poll(200, TimeUnit.MILLISECONDS));
      assertEquals(List.of(), executed);
      bench.until("the commit", () -> !executed.isEmpty());
      bench.settle();
      assertEquals(8, broker.pubAcks.poll(10, TimeUnit.SECONDS));
      Command was = executed.getFirst().command();
      assertEquals("c1 pump/speed ops", was.id() + " " + was.subject() + " " + was.issuer());
      assertEquals(Value.of(1_500.0), was.value());
      assertEquals(ManualClock.START_NANOS, was.issuedNanos());
      peer.say(DOWN, 9, bytes(command)); // once more: told, and not carried out
      bench.until("the second", () -> bench.count("commands") == 2);
      bench.settle();
      assertEquals(9, broker.pubAcks.poll(10, TimeUnit.SECONDS));
      assertEquals(1, executed.size());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"command\"}",
        "{\"type\":\"command\",\"id\":\"\",\"point\":\"a/b\",\"value\":1}",
        "{\"type\":\"command\",\"id\":\"a b\",\"point\":\"a/b\",\"value\":1}",
        "{\"type\":\"command\",\"id\":7,\"point\":\"a/b\",\"value\":1}",
        "{\"type\":\"command\",\"id\":\"c\",\"value\":1}",
        "{\"type\":\"command\",\"id\":\"c\",\"point\":\"a/b\"}",
        "{\"type\":\"command\",\"id\":\"c\",\"point\":\"a/b\",\"value\":null}",
        "{\"type\":\"command\",\"id\":\"c\",\"point\":\"a/b\",\"value\":[1]}",
        "{\"type\":\"command\",\"id\":\"c\",\"point\":\"a/b\",\"value\":1,\"expires\":\"soon\"}",
        "{\"type\":\"command\",\"id\":\"c\",\"point\":\"a/b\",\"value\":1,\"issued\":1}",
        "{\"type\":\"command\",\"id\":\"c\",\"point\":\"a/b\",\"value\":1,\"action\":\"explode\"}",
        "{\"type\":\"command\",\"id\":\"c\",\"point\":\"a/b\",\"value\":1,\"by\":\"a b\"}",
        "{\"type\":\"command\",\"id\":\"c\",\"point\":\"a\\u0000\",\"value\":1}",
        "{\"type\":\"command\",\"id\":\"c\",\"id\":\"d\",\"point\":\"a/b\",\"value\":1}"
      })
  void whatDoesNotFitHasNoEffect(String json) {
    assertTrue(DownMessages.read(bytes(json)) instanceof Incoming.Unreadable, json);
  }

  /** Without it, a command whose limit is misspelt would act without one, hours later. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"command\",\"id\":\"c\",\"point\":\"a/b\",\"value\":1,\"expire\":\"2026-11-23T00:00:00Z\"}",
        "{\"type\":\"command\",\"id\":\"c\",\"action\":\"rebirth\",\"expire\":\"2026-11-23T00:00:00Z\"}",
        "{\"type\":\"replay\",\"id\":\"c\",\"lane\":\"raw\",\"from\":\"2026-11-23T00:00:00Z\","
            + "\"to\":\"2026-11-24T00:00:00Z\",\"expire\":\"2026-11-23T00:00:00Z\"}"
      })
  void aKeyThatNobodyKnowsIsNamed(String json) {
    assertTrue(
        DownMessages.read(bytes(json)) instanceof Incoming.Unreadable refused
            && refused.why().endsWith("has no key 'expire'"),
        json);
    String right = json.replace("\"expire\"", "\"expires\"");
    assertTrue(DownMessages.read(bytes(right)) instanceof Incoming.Commanded, right);
  }
}
