package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Lane;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A back end that reads JSON, acknowledges, and gets the rest as frames. */
final class JsonLanesTest {
  private static final String ACK =
      "{\"type\":\"ack\",\"epoch\":\"%s\",\"acks\":[{\"lane\":\"%s\",\"first\":%d,\"last\":%d,\"code\":200}]}";

  @TempDir Path folder;

  private static JsonNode record(
      Map<String, NavigableMap<Long, JsonNode>> records, String lane, long number) {
    return java.util.Objects.requireNonNull(
        records.getOrDefault(lane, new TreeMap<>()).get(number), lane);
  }

  /** Without it, whoever has no decoder for frames could not use a gateway at all. */
  @Test
  void chosenLanesComeAsJsonAndAreAcknowledgedLikeFrames() throws Exception {
    Map<String, NavigableMap<Long, JsonNode>> records = new TreeMap<>();
    TreeMap<Long, Long> raw = new TreeMap<>();
    try (TestBroker broker =
            TestBroker.start(
                TestBroker.Kind.EMBEDDED, Files.createDirectories(folder.resolve("broker")));
        Rig rig = new Rig(Files.createDirectories(folder.resolve("gateway")))) {
      CloudLink far = new CloudLink(broker.uri(), "tg/default/g1/up/#");
      far.next(1);
      assertTrue(far.awaitConnected(30_000_000_000L));
      rig.connectWithJson(Rig.quick(broker.uri()), Set.of("alarms", "events", "summaries"));
      rig.rounds(5);
      rig.summaries();
      long end = rig.clock.monotonicNanos() + 60_000_000_000L;
      while (rig.account().buffered() > 0) {
        assertTrue(rig.clock.monotonicNanos() < end, () -> "not in time: " + rig.account());
        CloudLink.Arrived arrived = far.next(20_000_000L);
        if (arrived == null) {
          continue;
        }
        String ack;
        if (arrived.topic().endsWith("/up/batch")) {
          Frame frame = FrameCodec.decode(arrived.payload());
          assertEquals(Lane.RAW, frame.header().lane(), "the others are JSON");
          raw.put(frame.header().firstSequence(), frame.header().lastSequence());
          ack =
              ACK.formatted(
                  rig.buffer.epoch(),
                  "raw",
                  frame.header().firstSequence(),
                  frame.header().lastSequence());
        } else {
          JsonNode root = JsonMapper.shared().readTree(arrived.payload());
          String lane = root.get("lane").stringValue();
          assertEquals("tg/default/g1/up/" + lane, arrived.topic());
          for (JsonNode record : root.get("records")) {
            records
                .computeIfAbsent(lane, l -> new TreeMap<>())
                .put(record.get("number").longValue(), record);
          }
          ack =
              ACK.formatted(
                  root.get("epoch").stringValue(),
                  lane,
                  root.get("first").longValue(),
                  root.get("last").longValue());
        }
        far.publish("tg/default/g1/down", ack);
      }
      far.close();
      for (Lane lane : new Lane[] {Lane.ALARMS, Lane.EVENTS, Lane.SUMMARIES}) {
        NavigableMap<Long, JsonNode> all = records.getOrDefault(lane.word(), new TreeMap<>());
        assertEquals(rig.buffer.account().of(lane).accepted(), all.size(), lane.word());
        assertEquals(all.size(), all.lastKey(), "numbered without gaps");
      }
      assertEquals(10, raw.lastEntry().getValue());
      JsonNode alarm = record(records, "alarms", 3);
      assertEquals("decision", alarm.get("type").stringValue());
      assertEquals("pump", alarm.get("model").stringValue());
      assertEquals(3.0, alarm.get("score").doubleValue());
      JsonNode summary = record(records, "summaries", 1);
      assertEquals("test/flow", summary.get("point").stringValue());
      assertEquals("w", summary.get("window").stringValue());
      assertTrue(summary.get("timeMean").isNull(), "what does not exist is null");
      assertTrue(summary.get("at").stringValue().endsWith("Z"));
    }
  }
}
