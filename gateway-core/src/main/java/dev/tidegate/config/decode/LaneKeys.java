package dev.tidegate.config.decode;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.BufferConfig.Send;
import dev.tidegate.config.BufferConfig.WhenFull;
import dev.tidegate.config.kind.Amount;
import dev.tidegate.config.kind.Block;
import dev.tidegate.config.kind.Key;
import dev.tidegate.config.kind.Section;
import dev.tidegate.config.kind.Words;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * The keys of the buffer's lanes. A lane has those rules alone that make sense for it: alarms are
 * never refused or held back, and events carry the answers to what the cloud asks for.
 */
final class LaneKeys {
  private static final Key<WhenFull> DROP_OR_REFUSE =
      whenFull(
          EnumSet.of(WhenFull.DROP_OLDEST, WhenFull.REFUSE),
          "What gives way: the oldest records, or new ones.");
  private static final Key<WhenFull> ANY_WHEN_FULL =
      whenFull(
          EnumSet.allOf(WhenFull.class),
          "What gives way: the oldest records, their detail (a coarser summary stays), or new"
              + " ones.");
  private static final Key<Send> SEND =
      Key.or(
          "always",
          "send",
          Words.Choice.of(Send.class),
          "Whether records are sent as they come, or only when the cloud asks for a time.");

  private static final Key<LaneQuota> ALARMS =
      lane("alarms", "16MiB", "90d", List.of(), "Alarms and loss records.");
  private static final Key<LaneQuota> EVENTS =
      lane(
          "events",
          "32MiB",
          "30d",
          List.of(DROP_OR_REFUSE),
          "Other decisions, and what happened to the gateway.");
  private static final Key<LaneQuota> SUMMARIES =
      lane("summaries", "256MiB", "30d", List.of(ANY_WHEN_FULL, SEND), "Closed windows.");
  private static final Key<LaneQuota> RAW =
      lane(
          "raw",
          "512MiB",
          "7d",
          List.of(ANY_WHEN_FULL, SEND),
          "Conditioned readings, as they came.");

  record Lanes(LaneQuota alarms, LaneQuota events, LaneQuota summaries, LaneQuota raw) {}

  static final Section<Lanes> LANES =
      Section.of(
          "lanes section",
          "How much each lane keeps, and what gives way beyond it; every loss is declared.",
          List.of(ALARMS, EVENTS, SUMMARIES, RAW),
          LaneKeys::lanes);

  private LaneKeys() {}

  private static Key<WhenFull> whenFull(EnumSet<WhenFull> rules, String doc) {
    return Key.or("drop-oldest", "when-full", Words.Choice.of(rules), doc);
  }

  private static Key<LaneQuota> lane(
      String name, String bytes, String age, List<Key<?>> rules, String doc) {
    Key<Long> maxBytes =
        Key.or(bytes, "max-bytes", Amount.size("64KiB", "1024GiB"), "Bytes of stored records.");
    Key<Long> maxAge =
        Key.or(
            age,
            "max-age",
            Amount.durationOrNever("1m", "3650d"),
            "The age at which a record expires.");
    List<Key<?>> keys = new ArrayList<>(List.of(maxBytes, maxAge));
    keys.addAll(rules);
    Section<LaneQuota> section =
        Section.of(
            name + " lane",
            doc,
            keys,
            block ->
                new LaneQuota(
                    block.or(maxBytes),
                    block.or(maxAge),
                    rules.contains(ANY_WHEN_FULL)
                        ? block.or(ANY_WHEN_FULL)
                        : rules.contains(DROP_OR_REFUSE)
                            ? block.or(DROP_OR_REFUSE)
                            : WhenFull.DROP_OLDEST,
                    rules.contains(SEND) ? block.or(SEND) : Send.ALWAYS));
    return Key.may(name, section, doc);
  }

  private static Lanes lanes(Block block) {
    BufferConfig defaults = BufferConfig.defaults();
    return new Lanes(
        block.or(ALARMS, defaults.alarms()),
        block.or(EVENTS, defaults.events()),
        block.or(SUMMARIES, defaults.summaries()),
        block.or(RAW, defaults.raw()));
  }
}
