package dev.tidegate.config.decode;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.Mode;
import dev.tidegate.config.BudgetConfig;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.config.kind.Amount;
import dev.tidegate.config.kind.Block;
import dev.tidegate.config.kind.Key;
import dev.tidegate.config.kind.Many.ListOf;
import dev.tidegate.config.kind.Many.Placed;
import dev.tidegate.config.kind.Section;
import dev.tidegate.config.kind.Words;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.driver.Driver;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The keys of the file itself, for a gateway with certain drivers. Immutable. */
final class GatewayKeys {
  private static final Key<String> ID =
      Key.must("id", Words.NAME, "The gateway's name towards the cloud.");
  private static final Key<Path> DATA =
      Key.must("data", Words.PATH, "The folder for the buffer file; made when it is not there.");

  record Itself(String id, Path data) {}

  static final Section<Itself> GATEWAY =
      Section.of(
          "gateway section",
          "The gateway itself.",
          List.of(ID, DATA),
          b -> {
            String id = b.get(ID);
            Path data = b.get(DATA);
            return id == null || data == null ? null : new Itself(id, data);
          });

  private static final Key<Itself> GATEWAY_KEY = Key.must("gateway", GATEWAY, GATEWAY.doc());
  private static final Key<List<StreamKeys.Window>> WINDOWS =
      Key.may(
          "windows",
          new ListOf<>("windows", StreamKeys.WINDOW, 0, 256),
          "What is summarised over time.");
  private static final Key<List<StreamKeys.Model>> MODELS =
      Key.may("models", new ListOf<>("models", StreamKeys.MODEL, 0, 64), "What is scored.");
  private static final Key<List<ActuatorKeys.Draft>> ACTUATORS =
      Key.may(
          "actuators",
          new ListOf<>("actuators", ActuatorKeys.ACTUATOR, 0, 256),
          "What may be written, and within which limits; nothing else is ever written.");
  private static final Key<BufferConfig> BUFFER =
      Key.may("buffer", SinkKeys.BUFFER, SinkKeys.BUFFER.doc());
  private static final Key<SinkKeys.Link> SYNC =
      Key.may("sync", SinkKeys.SYNC, SinkKeys.SYNC.doc());

  private static final Key<Long> FLASH =
      Key.may(
          "flash-per-day",
          Amount.size("1MiB", "1024GiB"),
          "Bytes that the gateway may write to its disk in a day.");
  private static final Key<Long> LINK =
      Key.may(
          "link-per-day",
          Amount.size("64KiB", "1024GiB"),
          "Bytes that it may exchange with the broker in a day, above TLS.");

  static final Section<BudgetConfig> BUDGET =
      Section.of(
          "budget section",
          "What it may cost; beyond it, raw readings are thinned out before they are stored.",
          List.of(FLASH, LINK),
          b -> new BudgetConfig(b.or(FLASH, BudgetConfig.NONE), b.or(LINK, BudgetConfig.NONE)));

  private static final Key<BudgetConfig> BUDGET_KEY = Key.may("budget", BUDGET, BUDGET.doc());

  private final DeviceKeys device;
  private final Section<GatewayConfig> root;

  /**
   * @throws IllegalArgumentException when the drivers' options clash: a mistake in a driver
   */
  GatewayKeys(List<Driver> drivers) {
    this.device = new DeviceKeys(drivers);
    Key<List<DeviceKeys.Draft>> devices =
        Key.must("devices", new ListOf<>("devices", device, 1, 1_024), "What is read.");
    this.root =
        Section.of(
            "file",
            "Everything that one Tidegate gateway is told.",
            List.of(GATEWAY_KEY, devices, WINDOWS, MODELS, ACTUATORS, BUFFER, SYNC, BUDGET_KEY),
            b -> build(b, devices));
  }

  Section<GatewayConfig> root() {
    return root;
  }

  DeviceKeys device() {
    return device;
  }

  private static @Nullable GatewayConfig build(
      Block block, Key<List<DeviceKeys.Draft>> devicesKey) {
    Findings findings = block.findings();
    Itself itself = block.get(GATEWAY_KEY);
    List<DeviceKeys.Draft> devices = block.or(devicesKey, List.of());
    List<StreamKeys.Window> windowDrafts = block.or(WINDOWS, List.of());
    List<StreamKeys.Model> modelDrafts = block.or(MODELS, List.of());
    List<ActuatorKeys.Draft> actuatorDrafts = block.or(ACTUATORS, List.of());
    BufferConfig buffer = block.or(BUFFER, BufferConfig.defaults());
    SinkKeys.Link link = block.get(SYNC);
    if (link != null && itself != null) {
      link.check(itself.id(), buffer, findings);
    }
    References references = new References(devices, findings);
    SyncConfig sync = link == null ? null : sync(link, references);
    List<WindowConfig> windows = references.windows(windowDrafts);
    List<ModelConfig> models = references.models(modelDrafts);
    List<ActuatorConfig> actuators = references.actuators(actuatorDrafts);
    List<DeviceEntry> entries =
        devices.stream().map(DeviceKeys.Draft::entry).flatMap(Stream::ofNullable).toList();
    if (findings.count() > 0) {
      return null;
    }
    warnOfUseless(devices, references, findings);
    warnOfLeaks(actuatorDrafts, sync, findings);
    warnOfNoLink(actuatorDrafts, sync, findings);
    warnOfNameless(actuatorDrafts, sync, findings);
    Itself named = Objects.requireNonNull(itself, "a sound file names its gateway");
    return new GatewayConfig(
        named.id(),
        named.data(),
        entries,
        windows,
        models,
        actuators,
        buffer,
        sync,
        block.or(BUDGET_KEY, BudgetConfig.UNBOUNDED));
  }

  private static SyncConfig sync(SinkKeys.Link link, References references) {
    SyncConfig config = link.config();
    SyncConfig.Limits limits = config.limits();
    SyncConfig limited =
        config.with(
            new SyncConfig.Limits(
                limits.bytesPerDay(), limits.dscp(), references.leaving(link.points())));
    List<SyncConfig.AssetTemplate> templates = references.templates(link.templates());
    return config.farSide() instanceof SyncConfig.FarSide.SparkplugB host
        ? limited.with(
            new SyncConfig.FarSide.SparkplugB(
                host.group(), host.host(), host.acknowledged(), templates))
        : limited;
  }

  /** A dead man that watches a link that there is not. */
  private static void warnOfNoLink(
      List<ActuatorKeys.Draft> actuators, @Nullable SyncConfig sync, Findings findings) {
    for (ActuatorKeys.Draft actuator : actuators) {
      ActuatorKeys.DeadMan deadMan = actuator.deadMan();
      if (sync == null && deadMan != null && deadMan.linkAfter() != PointConfig.NEVER) {
        findings.warn(
            actuator.point().place(),
            "'link-after' of the dead man does nothing: there is no 'sync', and so no link that"
                + " could be silent",
            "a 'sync' section, or a 'point' that the dead man watches");
      }
    }
  }

  /** A point whose values must not leave, and that the answers to commands speak of. */
  private static void warnOfLeaks(
      List<ActuatorKeys.Draft> actuators, @Nullable SyncConfig sync, Findings findings) {
    Set<String> leaving = sync == null ? null : sync.limits().points();
    if (leaving == null) {
      return;
    }
    for (ActuatorKeys.Draft actuator : actuators) {
      for (Placed<String> point : actuator.points()) {
        if (!leaving.contains(point.value())) {
          findings.warn(
              point.place(),
              "'" + point.value() + "' is not in sync.points, and answers to commands may show it",
              "it in sync.points, or another point here");
        }
      }
    }
  }

  /**
   * Who desired a value, Ditto says with the event alone: one that is found later has no issuer.
   */
  private static void warnOfNameless(
      List<ActuatorKeys.Draft> actuators, @Nullable SyncConfig sync, Findings findings) {
    if (sync == null || !(sync.farSide() instanceof SyncConfig.FarSide.Ditto)) {
      return;
    }
    for (ActuatorKeys.Draft actuator : actuators) {
      Placed<List<String>> allow = actuator.allow();
      if (allow != null && actuator.mode() == Mode.REMOTE) {
        findings.warn(
            allow.place(),
            "with 'allow', a desired value of '"
                + actuator.point().value()
                + "' passes with its event alone: one that is found in the twin after a connect or"
                + " a lost event is refused (403), since Ditto does not say who desired it",
            "live messages for this actuator, or no 'allow' and a policy in Ditto that says who may"
                + " write desiredProperties");
      }
    }
  }

  private static void warnOfUseless(
      List<DeviceKeys.Draft> devices, References references, Findings findings) {
    for (DeviceKeys.Draft device : devices) {
      DeviceEntry entry = device.entry();
      for (int i = 0; entry != null && i < entry.points().size(); i++) {
        PointConfig point = entry.points().get(i);
        if (point.report() == PointConfig.Report.NONE
            && !references.isSummarised(point.id().name())) {
          findings.warn(
              device.places().get(i),
              "point '" + point.id() + "' is read for nothing",
              "another 'report' than none, or a window that summarises it");
        }
      }
    }
  }
}
