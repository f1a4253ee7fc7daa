package dev.tidegate.acceptance;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The compiled classes of the checkout, read with {@code java.lang.classfile}: which package uses
 * which, which class calls which method, and which types public signatures show.
 *
 * @param uses for each of our packages, every package it refers to (itself left out)
 * @param calls for each of our classes, the methods it refers to, as {@code owner.name}
 * @param signatures for each of our public classes, the packages in its public and protected
 *     signatures
 */
record House(
    Map<String, Set<String>> uses,
    Map<String, Set<String>> calls,
    Map<String, Set<String>> signatures) {
  private static final Pattern TYPE = Pattern.compile("L([a-zA-Z0-9_$/]+);");

  /** Reads every {@code target/classes} below the root. */
  static House read() throws IOException {
    Map<String, Set<String>> uses = new TreeMap<>();
    Map<String, Set<String>> calls = new TreeMap<>();
    Map<String, Set<String>> signatures = new TreeMap<>();
    try (Stream<Path> all = java.nio.file.Files.walk(Repository.ROOT)) {
      for (Path file : all.filter(House::isOurs).toList()) {
        ClassModel model = ClassFile.of().parse(file);
        String name = model.thisClass().asInternalName();
        if (name.endsWith("package-info") || name.contains("jmh_generated")) {
          continue;
        }
        String from = packageOf(name);
        Set<String> used = uses.computeIfAbsent(from, p -> new TreeSet<>());
        Set<String> called = calls.computeIfAbsent(name.replace('/', '.'), c -> new TreeSet<>());
        for (PoolEntry entry : model.constantPool()) {
          collect(entry, used, called);
        }
        used.remove(from);
        signatures.put(name.replace('/', '.'), shown(model));
      }
    }
    return new House(uses, calls, signatures);
  }

  private static boolean isOurs(Path file) {
    String path = file.toString();
    return path.contains("/target/classes/dev/tidegate/") && path.endsWith(".class");
  }

  private static void collect(PoolEntry entry, Set<String> used, Set<String> called) {
    switch (entry) {
      case ClassEntry c -> addType(c.asInternalName(), used);
      case NameAndTypeEntry n -> addDescriptor(n.type().stringValue(), used);
      case MemberRefEntry m ->
          called.add(m.owner().asInternalName().replace('/', '.') + "." + m.name().stringValue());
      case Utf8Entry u when u.stringValue().startsWith("(") || u.stringValue().startsWith("L") ->
          addDescriptor(u.stringValue(), used);
      default -> {}
    }
  }

  private static void addType(String internal, Set<String> used) {
    if (internal.startsWith("[")) {
      addDescriptor(internal, used);
    } else if (internal.indexOf('/') > 0) {
      used.add(packageOf(internal));
    }
  }

  private static void addDescriptor(String descriptor, Set<String> used) {
    Matcher types = TYPE.matcher(descriptor);
    while (types.find()) {
      if (types.group(1).indexOf('/') > 0) {
        used.add(packageOf(types.group(1)));
      }
    }
  }

  private static Set<String> shown(ClassModel model) {
    Set<String> shown = new TreeSet<>();
    if (!isVisible(model.flags().flagsMask())) {
      return shown;
    }
    model.methods().stream()
        .filter(m -> isVisible(m.flags().flagsMask()))
        .forEach(m -> addDescriptor(m.methodType().stringValue(), shown));
    model.fields().stream()
        .filter(f -> isVisible(f.flags().flagsMask()))
        .forEach(f -> addDescriptor(f.fieldType().stringValue(), shown));
    model.superclass().ifPresent(s -> addType(s.asInternalName(), shown));
    model.interfaces().forEach(i -> addType(i.asInternalName(), shown));
    return shown;
  }

  private static boolean isVisible(int flags) {
    return (flags & (ClassFile.ACC_PUBLIC | ClassFile.ACC_PROTECTED)) != 0
        && (flags & ClassFile.ACC_SYNTHETIC) == 0;
  }

  static String packageOf(String internal) {
    int slash = internal.lastIndexOf('/');
    return slash < 0 ? "" : internal.substring(0, slash).replace('/', '.');
  }

  /** The arrows between our own packages alone. */
  Map<String, Set<String>> arrows() {
    Map<String, Set<String>> own = new TreeMap<>();
    uses.forEach(
        (from, to) -> {
          Set<String> kept = new TreeSet<>(to);
          kept.retainAll(uses.keySet());
          own.put(from, kept);
        });
    return own;
  }

  /** Every package that can reach itself along the arrows. */
  static Set<String> loops(Map<String, Set<String>> arrows) {
    Set<String> looping = new TreeSet<>();
    for (String start : arrows.keySet()) {
      Set<String> seen = new TreeSet<>();
      java.util.ArrayDeque<String> open = new java.util.ArrayDeque<>(arrows.get(start));
      while (!open.isEmpty()) {
        String next = open.pop();
        if (next.equals(start)) {
          looping.add(start);
        }
        if (seen.add(next)) {
          open.addAll(arrows.getOrDefault(next, Set.of()));
        }
      }
    }
    return looping;
  }
}
