package dev.tidegate.testkit;

import dev.tidegate.driver.Option;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What every driver's options keep to, so that files, schema and editors can rely on it. */
final class OptionRules {
  static final Pattern DASH_CASE = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  /** Keys that the gateway reads itself, on devices and on points. */
  private static final Set<String> RESERVED =
      Set.of(
          "id",
          "driver",
          "poll-every",
          "on-error",
          "points",
          "unit",
          "source-unit",
          "calibrate",
          "range",
          "max-rate",
          "stuck-after",
          "gap-after",
          "report",
          "deadband",
          "max-silence");

  private OptionRules() {}

  /** One sentence for each rule that is broken. */
  static List<String> broken(List<Option> options) {
    List<String> broken = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Option option : options) {
      String name = "option '" + option.name() + "' ";
      if (!DASH_CASE.matcher(option.name()).matches()) {
        broken.add(name + "is not dash-case");
      }
      if (RESERVED.contains(option.name())) {
        broken.add(name + "is a key of the gateway's own");
      }
      if (!seen.add(option.scope() + " " + option.name())) {
        broken.add(name + "is there twice");
      }
      if (option.doc().isBlank() || option.doc().length() > 200 || option.doc().contains("\n")) {
        broken.add(name + "wants one sentence of documentation, at most 200 characters");
      }
      if (option.required() && option.fallback() != null) {
        broken.add(name + "is required and has a fallback: it cannot be both");
      }
      boolean choice = option.kind() == Option.Kind.CHOICE;
      if (choice == option.choices().isEmpty()
          || new HashSet<>(option.choices()).size() < option.choices().size()) {
        broken.add(name + "wants choices that differ if it is a CHOICE, and none otherwise");
      }
      if (!(option.min() <= option.max())) {
        broken.add(name + "has bounds that nothing can lie within");
      }
      boolean bounded = Double.isFinite(option.min()) || Double.isFinite(option.max());
      if (bounded && !isNumeric(option.kind())) {
        broken.add(name + "has bounds, and is no number");
      }
      if (option.fallback() != null) {
        try {
          OptionText.parse(option, option.fallback());
        } catch (IllegalArgumentException e) {
          broken.add(name + "has a fallback that it would refuse: " + e.getMessage());
        }
      }
    }
    return broken;
  }

  private static boolean isNumeric(Option.Kind kind) {
    return switch (kind) {
      case INTEGER, NUMBER, DURATION -> true;
      case TEXT, FLAG, CHOICE, PATH -> false;
    };
  }
}
