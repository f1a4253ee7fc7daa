package dev.tidegate.config.decode;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide.SparkplugB;
import dev.tidegate.config.kind.Amount;
import dev.tidegate.config.kind.Key;
import dev.tidegate.config.kind.Many.ListOf;
import dev.tidegate.config.kind.Many.Placed;
import dev.tidegate.config.kind.Many.PlacedKind;
import dev.tidegate.config.kind.Section;
import dev.tidegate.config.kind.Words;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Place;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The keys of the three far sides. */
final class FarSideKeys {
  private static final double SECOND = 1e9;
  private static final String NAMESPACE = "[a-zA-Z]\\w*(?:[.-][a-zA-Z]\\w*)*";
  private static final Key<String> DITTO_NAMESPACE =
      Key.must(
          "namespace",
          new Words.Text(NAMESPACE, 64, "a namespace of Ditto, for example org.example"),
          "The namespace of the things.");
  private static final Key<String> DITTO_POLICY =
      Key.must(
          "policy",
          new Words.Text(NAMESPACE + ":[^/\\p{Cntrl}]{1,128}", 200, "namespace:name"),
          "The policy that new things get; it must exist.");

  static final Section<SyncConfig.FarSide> DITTO =
      Section.of(
          "ditto section",
          "The far side is Eclipse Ditto; left out: a back end of your own, which takes frames.",
          List.of(DITTO_NAMESPACE, DITTO_POLICY),
          b -> {
            String namespace = b.get(DITTO_NAMESPACE);
            String policy = b.get(DITTO_POLICY);
            return namespace == null || policy == null
                ? null
                : new SyncConfig.FarSide.Ditto(namespace, policy);
          });

  private static final Key<List<String>> JSON_LANES =
      Key.must(
          "json",
          new ListOf<>(
              "lanes",
              new Words.Text("alarms|events|summaries|raw", 9, "alarms, events, summaries or raw"),
              1,
              4),
          "The lanes that are sent as JSON, each on a topic of its own; the others as frames.");

  static final Section<SyncConfig.FarSide> PLAIN =
      Section.of(
          "plain section",
          "The far side is a back end of your own.",
          List.of(JSON_LANES),
          b -> new SyncConfig.FarSide.Plain(Set.copyOf(b.or(JSON_LANES, List.of()))));

  private static final String SPARKPLUG_ID = "[^/+#\\p{Cntrl}]{1,64}";
  private static final Key<String> GROUP =
      Key.must(
          "group",
          new Words.Text(SPARKPLUG_ID, 64, "1 to 64 characters without / + #"),
          "The group id, a part of the topics.");
  private static final Key<String> HOST =
      Key.may(
          "primary-host",
          new Words.Text(SPARKPLUG_ID, 64, "1 to 64 characters without / + #"),
          "The host application without which nothing is sent; left out: none is waited for.");
  private static final Key<Boolean> ACKNOWLEDGED =
      Key.or(
          "false",
          "acknowledged",
          new Words.Flag(),
          "Whether the host writes Tidegate/Acked Through; left out, what was sent 3.5 keep-alives"
              + " ago on a link that still stands counts as delivered.");

  private static final Key<Placed<String>> TEMPLATE_ID =
      Key.must(
          "id",
          new PlacedKind<>(Words.NAME),
          "The template's name, for all gateways whose devices are like these.");
  private static final Key<List<Placed<String>>> TEMPLATE_DEVICES =
      Key.must(
          "devices",
          new ListOf<>("devices", new PlacedKind<>(Words.ID), 1, 1_024),
          "The devices that are its instances, each with the same points.");

  static final Section<Template> TEMPLATE =
      Section.of(
          "template",
          "Devices that are alike: their points become members of an instance of it.",
          List.of(TEMPLATE_ID, TEMPLATE_DEVICES),
          b -> {
            Placed<String> id = b.get(TEMPLATE_ID);
            List<Placed<String>> devices = b.or(TEMPLATE_DEVICES, List.of());
            return id == null ? null : new Template(id, devices);
          });

  private static final Key<List<Template>> TEMPLATES =
      Key.may(
          "templates",
          new ListOf<>("templates", TEMPLATE, 1, 256),
          "What kinds of device there are; left out: each point is a metric of its own.");

  static final Section<Sparkplug> SPARKPLUG =
      Section.of(
          "sparkplug-b section",
          "The far side is a Sparkplug B 3.0 host application.",
          List.of(GROUP, HOST, ACKNOWLEDGED, TEMPLATES),
          b -> {
            String group = b.get(GROUP);
            String host = b.get(HOST);
            boolean acknowledged = b.or(ACKNOWLEDGED);
            List<Template> templates = b.or(TEMPLATES, List.of());
            return group == null
                ? null
                : new Sparkplug(new SparkplugB(group, host, acknowledged), templates);
          });

  private FarSideKeys() {}

  /** A template whose devices were not looked up yet. */
  record Template(Placed<String> id, List<Placed<String>> devices) {}

  /**
   * An edge node whose templates were not looked up yet.
   *
   * @param config all but them
   */
  record Sparkplug(SparkplugB config, List<Template> templates) {}

  /** More frames than may wait until they count as delivered: live data would stop and go. */
  static void warnOfBursts(
      SyncConfig config, BufferConfig buffer, Place keepAlive, Findings findings) {
    if (!(config.farSide() instanceof SparkplugB far) || far.acknowledged()) {
      return;
    }
    double waits = config.keepAliveNanos() * SparkplugB.SETTLED_KEEP_ALIVES;
    double frames = waits / buffer.commitEveryNanos();
    if (frames > SparkplugB.MOST_UNSETTLED) {
      double most = SparkplugB.MOST_UNSETTLED / frames * config.keepAliveNanos();
      findings.warn(
          keepAlive,
          String.format(
              Locale.ROOT,
              "with 'keep-alive' %s, a frame counts as delivered %.0f s after it went, and with"
                  + " 'commit-every' %s up to %.0f of a lane go until then: %d may wait, and live data"
                  + " would come in bursts",
              Amount.words(config.keepAliveNanos()),
              waits / SECOND,
              Amount.words(buffer.commitEveryNanos()),
              frames,
              SparkplugB.MOST_UNSETTLED),
          String.format(
              Locale.ROOT,
              "at most %.0fs, a longer 'commit-every', or a host that acknowledges",
              Math.floor(most / SECOND)));
    }
  }
}
