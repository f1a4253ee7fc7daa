package dev.tidegate.config.decode;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.kind.Amount;
import dev.tidegate.config.kind.Block;
import dev.tidegate.config.kind.Key;
import dev.tidegate.config.kind.Many.ListOf;
import dev.tidegate.config.kind.Many.Placed;
import dev.tidegate.config.kind.Numbers;
import dev.tidegate.config.kind.Rule;
import dev.tidegate.config.kind.Section;
import dev.tidegate.config.kind.Words;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Place;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys of what is kept and where it goes: the buffer and the link to the cloud. */
final class SinkKeys {
  /** Characters of what all topics start with (docs/spec/wire.md). */
  private static final int MAX_PREFIX = 200;

  private static final Key<Long> COMMIT_EVERY =
      Key.or(
          "1s",
          "commit-every",
          Amount.duration("10ms", "60s"),
          "The longest that a reading waits in memory; alarms never wait.");
  private static final Key<LaneKeys.Lanes> LANES_KEY =
      Key.may("lanes", LaneKeys.LANES, LaneKeys.LANES.doc());

  static final Section<BufferConfig> BUFFER =
      Section.of(
          "buffer section",
          "What is kept on disk until the cloud has it.",
          List.of(COMMIT_EVERY, LANES_KEY),
          SinkKeys::buffer);

  private static final Key<URI> BROKER =
      Key.must(
          "broker",
          Words.BROKER,
          "The MQTT 5 broker; the port may be left out: 1883 for mqtt, 8883 for mqtts.");
  private static final Key<String> TENANT =
      Key.or("default", "tenant", Words.NAME, "Whose gateway it is; a part of the topics.");
  private static final Key<String> TOPICS =
      Key.or(
          "tg/{tenant}/{gateway}",
          "topics",
          new Words.Text(
              "(?:[A-Za-z0-9._:@-]|\\{tenant\\}|\\{gateway\\})+"
                  + "(?:/(?:[A-Za-z0-9._:@-]|\\{tenant\\}|\\{gateway\\})+)*",
              MAX_PREFIX,
              "topic levels of letters, digits and . _ : @ - in which {tenant} and {gateway} stand"
                  + " for their names"),
          "What all topics of this gateway start with.");
  private static final Key<Long> SEND_WINDOW =
      Key.or(
          "16",
          "send-window",
          new Numbers.Whole(1, 1_000),
          "How many messages may wait for the broker's acknowledgement at once.");
  private static final Key<Long> BATCH_BYTES =
      Key.or(
          "64KiB",
          "batch-bytes",
          Amount.size("1KiB", "1MiB"),
          "How much is read from the buffer at once.");
  private static final Key<Long> ACK_TIMEOUT =
      Key.or(
          "30s",
          "ack-timeout",
          Amount.duration("1s", "1h"),
          "How long the far side may take to say that it stored a record.");
  private static final Key<Long> KEEP_ALIVE =
      Key.or(
          "30s",
          "keep-alive",
          Amount.duration("5s", "1h"),
          "MQTT keep-alive, in whole seconds; 1.5 times as long without a packet ends the link.");

  private static final Key<Long> RECONNECT_MIN =
      Key.or(
          "1s",
          "min",
          Amount.duration("100ms", "1h"),
          "After a connection that held, the first pause is spread's part and a random part of this;"
              + " after a failure a random part of it, where spread is shorter.");
  private static final Key<Long> RECONNECT_MAX =
      Key.or(
          "5m",
          "max",
          Amount.duration("100ms", "24h"),
          "The longest pause, where spread is shorter.");

  private static final Key<Long> BACKLOG_RATE =
      Key.may(
          "backlog-rate",
          Amount.size("1KB", "1GB"),
          "How much of the backlog and of what was asked for may go each second, behind live data;"
              + " left out: as much as the link takes, and 128KB with a sparkplug-b that is not"
              + " acknowledged.");

  private static final List<Key<Long>> LANE_BUDGETS =
      List.of(
          lanePerDay("events", "What happened, and what became of commands."),
          lanePerDay("summaries", "Closed windows."),
          lanePerDay("raw", "Readings one by one."));

  static final Section<Map<String, Long>> LINK_PER_DAY =
      Section.of(
          "link-per-day section",
          "How many bytes of a lane may go to the broker in any 24 hours; alarms are not limited.",
          List.copyOf(LANE_BUDGETS),
          SinkKeys::linkPerDay);

  private static final Key<Map<String, Long>> LINK_PER_DAY_KEY =
      Key.may("link-per-day", LINK_PER_DAY, LINK_PER_DAY.doc());
  private static final Key<Long> DSCP =
      Key.or(
          "0",
          "dscp",
          new Numbers.Whole(0, 63),
          "The differentiated services code point of every packet, for networks that rank by it.");
  private static final Key<List<Placed<String>>> POINTS =
      Key.may(
          "points",
          new ListOf<>("points", StreamKeys.POINT_OR_ALL, 1, 1_024),
          "The points whose values may leave the gateway; left out: all of them.");

  private static Key<Long> lanePerDay(String lane, String doc) {
    return Key.may(lane, Amount.size("64KiB", "1024GiB"), doc);
  }

  private static final Key<FarSideKeys.Sparkplug> SPARKPLUG_KEY =
      Key.may("sparkplug-b", FarSideKeys.SPARKPLUG, FarSideKeys.SPARKPLUG.doc());
  private static final Key<List<URI>> OTHER_BROKERS =
      Key.may(
          "other-brokers",
          new ListOf<>("brokers", Words.BROKER, 1, 8),
          "Brokers to try, one after another, when the connection to the one before fails or ends.");

  private static final Key<SyncConfig.FarSide> DITTO_KEY =
      Key.may("ditto", FarSideKeys.DITTO, FarSideKeys.DITTO.doc());
  private static final Key<SyncConfig.FarSide> PLAIN_KEY =
      Key.may("plain", FarSideKeys.PLAIN, FarSideKeys.PLAIN.doc());

  private static final Key<Long> RECONNECT_SPREAD =
      Key.or(
          "5s",
          "spread",
          Amount.duration("0s", "24h"),
          "Over how long a fleet comes back: after a connection that held, the first pause is a part"
              + " of this that is the gateway's own; after a failure, a random part of it, doubled"
              + " each time.");

  record Pauses(long min, long max, long spread) {}

  static final Section<Pauses> RECONNECT =
      Section.of(
          "reconnect section",
          "The pause before a reconnect: doubled from spread, or min, to max, and a random part of"
              + " it.",
          List.of(RECONNECT_MIN, RECONNECT_MAX, RECONNECT_SPREAD),
          SinkKeys::pauses);

  private static final Key<Pauses> RECONNECT_KEY = Key.may("reconnect", RECONNECT, RECONNECT.doc());
  private static final Key<String> USERNAME = Key.may("username", Words.ANY, "The MQTT user name.");
  private static final Key<Path> USERNAME_FILE =
      Key.may("username-file", Words.PATH, "A file that holds the user name and nothing else.");
  private static final Key<Path> PASSWORD_FILE =
      Key.may("password-file", Words.PATH, "A file that holds the password and nothing else.");
  private static final Key<Path> CA_FILE =
      Key.may(
          "ca-file",
          Words.PATH,
          "The authorities to trust with mqtts, as PEM; left out: those of the Java runtime.");

  private static final Key<Path> CERTIFICATE_FILE =
      Key.may(
          "certificate-file", Words.PATH, "The gateway's own certificate and its chain, as PEM.");
  private static final Key<Path> KEY_FILE =
      Key.may("key-file", Words.PATH, "The private key of that certificate, as PEM in PKCS #8.");
  private static final Key<Path> CRL_FILE =
      Key.may(
          "crl-file",
          Words.PATH,
          "Revocation lists, as PEM, against which the broker's certificate is checked; left out:"
              + " it is not.");

  static final Section<Link> SYNC =
      Section.of(
              "sync section",
              "Where the buffer is emptied to; without it everything stays on the gateway.",
              List.of(
                  BROKER,
                  TENANT,
                  TOPICS,
                  SEND_WINDOW,
                  BATCH_BYTES,
                  ACK_TIMEOUT,
                  KEEP_ALIVE,
                  BACKLOG_RATE,
                  LINK_PER_DAY_KEY,
                  DSCP,
                  POINTS,
                  RECONNECT_KEY,
                  OTHER_BROKERS,
                  PLAIN_KEY,
                  DITTO_KEY,
                  SPARKPLUG_KEY,
                  USERNAME,
                  USERNAME_FILE,
                  PASSWORD_FILE,
                  CA_FILE,
                  CERTIFICATE_FILE,
                  KEY_FILE,
                  CRL_FILE),
              SinkKeys::sync)
          .with(
              new Rule.Excludes("username", "username-file"),
              new Rule.OnlyWithOne("password-file", "username", "username-file"),
              new Rule.OnlyWith("certificate-file", "key-file", null),
              new Rule.OnlyWith("key-file", "certificate-file", null),
              new Rule.OnlyWith("crl-file", "ca-file", null),
              new Rule.Excludes("ditto", "sparkplug-b"),
              new Rule.Excludes("plain", "ditto"),
              new Rule.Excludes("plain", "sparkplug-b"),
              new Rule.Excludes("topics", "sparkplug-b"),
              new Rule.Excludes("tenant", "sparkplug-b"));

  private SinkKeys() {}

  /**
   * The link of a gateway whose name is not known yet.
   *
   * @param config what it was told
   * @param topics where its topics stand
   * @param keepAlive where its keep-alive stands
   * @param ditto where the section {@code ditto} stands
   * @param points the points that may leave, not looked up yet; null for all
   * @param templates Sparkplug's, their devices not looked up yet
   */
  record Link(
      SyncConfig config,
      Place topics,
      Place keepAlive,
      Place ditto,
      @Nullable List<Placed<String>> points,
      List<FarSideKeys.Template> templates) {
    /** Notes what does not go together with the gateway's name, or with its lanes. */
    void check(String gatewayId, BufferConfig buffer, Findings findings) {
      if (config.farSide() instanceof SyncConfig.FarSide.Ditto
          && buffer.summaries().send() == BufferConfig.Send.ON_REQUEST) {
        findings.add(
            ditto,
            "'ditto' shows the latest summaries alone, and takes none of an earlier stretch of time:"
                + " the lane 'summaries' cannot be on-request",
            "'send: always' for it");
      }
      FarSideKeys.warnOfBursts(config, buffer, keepAlive, findings);
      String filled =
          config.topics().replace("{tenant}", config.tenant()).replace("{gateway}", gatewayId);
      if (filled.length() > MAX_PREFIX) {
        findings.add(
            topics,
            "'topics' has " + filled.length() + " characters with the names filled in",
            "at most " + MAX_PREFIX);
      }
    }
  }

  private static BufferConfig buffer(Block block) {
    BufferConfig defaults = BufferConfig.defaults();
    long commitEvery = block.or(COMMIT_EVERY);
    LaneKeys.Lanes lanes = block.get(LANES_KEY);
    return lanes == null
        ? new BufferConfig(
            commitEvery, defaults.alarms(), defaults.events(), defaults.summaries(), defaults.raw())
        : new BufferConfig(
            commitEvery, lanes.alarms(), lanes.events(), lanes.summaries(), lanes.raw());
  }

  private static Pauses pauses(Block block) {
    Pauses pauses =
        new Pauses(block.or(RECONNECT_MIN), block.or(RECONNECT_MAX), block.or(RECONNECT_SPREAD));
    if (pauses.min() > pauses.max()) {
      String wrong =
          "'min' "
              + Amount.words(pauses.min())
              + " is longer than 'max' "
              + Amount.words(pauses.max());
      block.findings().add(block.valuePlace(block.has("min") ? "min" : "max"), wrong);
    }
    return pauses;
  }

  private static @Nullable Link sync(Block block) {
    URI broker = block.get(BROKER);
    String tenant = block.or(TENANT);
    String topics = block.or(TOPICS);
    int sendWindow = block.or(SEND_WINDOW).intValue();
    int batchBytes = block.or(BATCH_BYTES).intValue();
    long ackTimeout = block.or(ACK_TIMEOUT);
    long keepAlive = block.or(KEEP_ALIVE);
    if (keepAlive % 1_000_000_000L != 0) {
      String wrong = "'keep-alive' " + Amount.words(keepAlive) + " is no whole number of seconds";
      block.findings().add(block.valuePlace("keep-alive"), wrong, "whole seconds, for example 30s");
    }
    Pauses pauses =
        block.or(RECONNECT_KEY, new Pauses(1_000_000_000L, 300_000_000_000L, 5_000_000_000L));
    String username = block.get(USERNAME);
    Path passwordFile = block.get(PASSWORD_FILE);
    Path caFile = block.get(CA_FILE);
    SyncConfig.Identity identity =
        new SyncConfig.Identity(
            block.get(CERTIFICATE_FILE),
            block.get(KEY_FILE),
            block.get(CRL_FILE),
            block.get(USERNAME_FILE));
    Long backlogRate = block.get(BACKLOG_RATE);
    Map<String, Long> linkPerDay = block.or(LINK_PER_DAY_KEY, Map.of());
    int dscp = block.or(DSCP).intValue();
    List<Placed<String>> points = block.get(POINTS);
    SyncConfig.FarSide ditto = block.get(DITTO_KEY);
    FarSideKeys.Sparkplug sparkplug = block.get(SPARKPLUG_KEY);
    List<URI> others = block.or(OTHER_BROKERS, List.of());
    SyncConfig.FarSide plain = block.or(PLAIN_KEY, new SyncConfig.FarSide.Plain());
    SyncConfig.FarSide farSide =
        ditto != null ? ditto : sparkplug != null ? sparkplug.config() : plain;
    boolean isAnswered = sparkplug == null || sparkplug.config().acknowledged();
    if (broker == null) {
      return null;
    }
    if (broker.getScheme().equals("mqtt")) {
      for (String key : List.of("ca-file", "certificate-file")) {
        if (block.has(key)) {
          block
              .findings()
              .add(block.keyPlace(key), "'" + key + "' says nothing without an mqtts:// broker");
        }
      }
      if (passwordFile != null && !isLoopback(broker.getHost())) {
        block
            .findings()
            .warn(
                block.valuePlace("broker"),
                "the password goes over the network in the clear",
                "mqtts://" + broker.getHost());
      }
    }
    return new Link(
        new SyncConfig(
            broker,
            tenant,
            topics,
            sendWindow,
            batchBytes,
            ackTimeout,
            keepAlive,
            pauses.min(),
            pauses.max(),
            username,
            passwordFile,
            caFile,
            backlogRate != null
                ? backlogRate
                : isAnswered ? SyncConfig.UNLIMITED : SyncConfig.UNANSWERED,
            new SyncConfig.Limits(linkPerDay, dscp, null),
            farSide,
            identity,
            others,
            pauses.spread()),
        block.valuePlace(TOPICS.name()),
        block.valuePlace(KEEP_ALIVE.name()),
        block.keyPlace("ditto"),
        points,
        sparkplug == null ? List.of() : sparkplug.templates());
  }

  private static Map<String, Long> linkPerDay(Block block) {
    Map<String, Long> perDay = new HashMap<>();
    for (Key<Long> lane : LANE_BUDGETS) {
      Long bytes = block.get(lane);
      if (bytes != null) {
        perDay.put(lane.name(), bytes);
      }
    }
    return perDay;
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }
}
