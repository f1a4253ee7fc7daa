package dev.tidegate.config.decode;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.config.kind.Many.Placed;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Place;
import dev.tidegate.config.yaml.Problem;
import dev.tidegate.reading.PointId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the names by which windows, models and actuators refer to points and windows. Used once,
 * by one thread.
 */
final class References {
  /** How many points all windows together may summarise; one counts once in each window. */
  static final int MAX_WINDOW_POINTS = 65_536;

  private final Findings findings;
  private final Map<String, List<String>> pointsByDevice = new LinkedHashMap<>();
  private final Set<String> points = new LinkedHashSet<>();
  private final Map<String, Set<String>> pointsByWindow = new LinkedHashMap<>();
  private final Set<String> summarised = new HashSet<>();
  private int windowPoints;

  /** The points that may leave; null for all. */
  private @Nullable Set<String> leaving;

  References(List<DeviceKeys.Draft> devices, Findings findings) {
    this.findings = findings;
    Map<String, Place> names = new HashMap<>();
    for (DeviceKeys.Draft device : devices) {
      DeviceKeys.noteTwice("device", device.id(), names, findings);
      pointsByDevice.put(device.id().value(), device.points());
      points.addAll(device.points());
    }
  }

  List<WindowConfig> windows(List<StreamKeys.Window> drafts) {
    Map<String, Place> names = new HashMap<>();
    List<WindowConfig> windows = new ArrayList<>();
    for (StreamKeys.Window draft : drafts) {
      DeviceKeys.noteTwice("window", draft.id(), names, findings);
      Set<String> meant = new LinkedHashSet<>();
      Set<String> written = new HashSet<>();
      for (Placed<String> point : draft.points()) {
        if (!written.add(point.value())) {
          findings.add(point.place(), Problem.quote(point.value()) + " is in this list already");
        }
        meant.addAll(named(point));
        if (windowPoints + meant.size() > MAX_WINDOW_POINTS) {
          String wrong = "the windows up to here summarise more than " + MAX_WINDOW_POINTS;
          findings.add(point.place(), wrong + " points", "fewer points in fewer windows");
          return windows;
        }
      }
      windowPoints += meant.size();
      summarised.addAll(meant);
      pointsByWindow.put(draft.id().value(), meant);
      if (findings.count() == 0) {
        windows.add(
            new WindowConfig(
                draft.id().value(),
                meant.stream().map(PointId::new).toList(),
                draft.size(),
                draft.slide(),
                draft.lateness()));
      }
    }
    return windows;
  }

  List<ModelConfig> models(List<StreamKeys.Model> drafts) {
    Map<String, Place> names = new HashMap<>();
    List<ModelConfig> models = new ArrayList<>();
    for (StreamKeys.Model draft : drafts) {
      DeviceKeys.noteTwice("model", draft.id(), names, findings);
      String window = draft.window().value();
      Set<String> inWindow = pointsByWindow.get(window);
      if (inWindow == null) {
        String near = findings.nearest(window, pointsByWindow.keySet());
        String wrong = "there is no window " + Problem.quote(window);
        findings.add(draft.window().place(), wrong, "the id of a window", near);
      }
      for (Placed<String> input : draft.inputs().values()) {
        if (!named(input).isEmpty() && inWindow != null && !inWindow.contains(input.value())) {
          String wrong = "window '" + window + "' does not summarise " + input.value();
          findings.add(input.place(), wrong, "a point of that window");
        }
      }
      if (findings.count() == 0) {
        Map<String, PointId> inputs = new LinkedHashMap<>();
        draft.inputs().forEach((name, point) -> inputs.put(name, new PointId(point.value())));
        models.add(
            new ModelConfig(draft.id().value(), draft.bundle(), window, inputs, draft.threshold()));
      }
    }
    return models;
  }

  List<ActuatorConfig> actuators(List<ActuatorKeys.Draft> drafts) {
    Map<String, Place> names = new HashMap<>();
    List<ActuatorConfig> actuators = new ArrayList<>();
    for (ActuatorKeys.Draft draft : drafts) {
      DeviceKeys.noteTwice("actuator", draft.point(), names, findings);
      draft.points().forEach(used -> summarised.add(used.value())); // they are read for it
      PointId point = point(draft.point());
      ActuatorKeys.ReadBack back = draft.readBack();
      ActuatorConfig.ReadBack readBack =
          back == null
              ? null
              : new ActuatorConfig.ReadBack(
                  back.point() == null ? point : point(back.point()),
                  back.tolerance(),
                  back.within());
      List<ActuatorConfig.Interlock> interlocks = new ArrayList<>();
      for (ActuatorKeys.Interlock each : draft.interlocks()) {
        interlocks.add(
            new ActuatorConfig.Interlock(
                point(each.point()),
                each.above(),
                each.below(),
                each.hysteresis(),
                each.hold(),
                each.staleAfter(),
                each.trip()));
      }
      ActuatorKeys.DeadMan man = draft.deadMan();
      ActuatorConfig.DeadMan deadMan =
          man == null
              ? null
              : new ActuatorConfig.DeadMan(
                  man.value(),
                  man.linkAfter(),
                  man.point() == null ? null : point(man.point()),
                  man.pointAfter());
      actuators.add(
          new ActuatorConfig(
              point,
              draft.low(),
              draft.high(),
              draft.maxStep(),
              draft.slew(),
              draft.minOn(),
              draft.minOff(),
              draft.allow() == null ? List.of() : draft.allow().value(),
              draft.mode(),
              draft.expireAfter(),
              readBack,
              interlocks,
              deadMan));
    }
    return actuators;
  }

  /** The point; where there is none of that name, that is noted. */
  private PointId point(Placed<String> reference) {
    named(reference);
    return new PointId(reference.value());
  }

  /** The names of the points that may leave; null for all. */
  @Nullable Set<String> leaving(@Nullable List<Placed<String>> drafts) {
    if (drafts == null) {
      return null;
    }
    Set<String> meant = new LinkedHashSet<>();
    drafts.forEach(d -> meant.addAll(named(d)));
    leaving = meant;
    return meant;
  }

  /** Names that records have taken (docs/spec/sparkplug.md, "Templates"). */
  private static final Set<String> TAKEN = Set.of("window", "event", "loss");

  List<SyncConfig.AssetTemplate> templates(List<FarSideKeys.Template> drafts) {
    Map<String, Place> names = new HashMap<>();
    Map<String, String> templateOf = new HashMap<>();
    List<SyncConfig.AssetTemplate> templates = new ArrayList<>();
    for (FarSideKeys.Template draft : drafts) {
      String name = draft.id().value();
      DeviceKeys.noteTwice("template", draft.id(), names, findings);
      if (TAKEN.contains(name.toLowerCase(Locale.ROOT))) {
        String wrong = "the template of what the gateway itself says is called so";
        findings.add(draft.id().place(), wrong, "another name than " + Problem.quote(name));
      }
      List<String> devices = new ArrayList<>();
      for (Placed<String> device : draft.devices()) {
        String other = templateOf.putIfAbsent(device.value(), name);
        if (other != null) {
          findings.add(
              device.place(),
              "device " + Problem.quote(device.value()) + " has a template already",
              "it in one list alone, here or under '" + other + "'");
        } else if (isLike(device, draft, devices)) {
          devices.add(device.value());
        }
      }
      templates.add(new SyncConfig.AssetTemplate(name, devices));
    }
    return templates;
  }

  /**
   * Whether the device tells the points that those before it tell, and none that is called as the
   * template.
   */
  private boolean isLike(
      Placed<String> device, FarSideKeys.Template template, List<String> before) {
    String name = device.value();
    List<String> own = pointsByDevice.get(name);
    if (own == null) {
      String near = findings.nearest(name, pointsByDevice.keySet());
      String wrong = "there is no device " + Problem.quote(name);
      findings.add(device.place(), wrong, "the id of a device", near);
      return false;
    }
    Set<String> points = told(own);
    if (points.contains(template.id().value())) {
      findings.add(
          device.place(),
          "device '" + name + "' has a point that is called as its template is",
          "another name for the template");
      return false;
    }
    if (before.isEmpty()) {
      return true;
    }
    String first = before.getFirst();
    Set<String> wanted = told(pointsByDevice.getOrDefault(first, List.of()));
    Set<String> odd = new LinkedHashSet<>(wanted);
    odd.removeAll(points);
    String has = odd.isEmpty() ? first : name;
    if (odd.isEmpty()) {
      odd.addAll(points);
      odd.removeAll(wanted);
    }
    if (!odd.isEmpty()) {
      findings.add(
          device.place(),
          "device '"
              + has
              + "' has no point '"
              + odd.iterator().next()
              + (leaving == null ? "'" : "', or sync.points does not list it"),
          "the same points in '" + first + "' and '" + name + "', or a template for each");
    }
    return odd.isEmpty();
  }

  /** Those of the points that may leave, without their device. */
  private Set<String> told(List<String> points) {
    Set<String> names = new LinkedHashSet<>();
    for (String point : points) {
      if (leaving == null || leaving.contains(point)) {
        names.add(point.substring(point.indexOf('/') + 1));
      }
    }
    return names;
  }

  /** Whether some window summarises the point. */
  boolean isSummarised(String point) {
    return summarised.contains(point);
  }

  /** The points of that name: none when there is none, and then that is noted. */
  private List<String> named(Placed<String> reference) {
    String name = reference.value();
    if (points.contains(name)) {
      return List.of(name);
    }
    String device = name.substring(0, name.indexOf('/'));
    List<String> ofDevice = pointsByDevice.get(device);
    if (ofDevice == null) {
      String near = findings.nearest(device, pointsByDevice.keySet());
      String rest = name.substring(device.length());
      findings.add(
          reference.place(),
          Problem.quote(name) + ": there is no device " + Problem.quote(device),
          "the id of a device",
          near == null || !(rest.equals("/*") || points.contains(near + rest))
              ? near
              : near + rest);
      return List.of();
    }
    if (name.endsWith("/*")) {
      return ofDevice;
    }
    String near = findings.nearest(name, ofDevice);
    String example = ofDevice.isEmpty() ? "" : ", for example " + ofDevice.getFirst();
    String wrong =
        "device '"
            + device
            + "' has no point "
            + Problem.quote(name.substring(device.length() + 1));
    findings.add(reference.place(), wrong, "one of its points" + example, near);
    return List.of();
  }
}
