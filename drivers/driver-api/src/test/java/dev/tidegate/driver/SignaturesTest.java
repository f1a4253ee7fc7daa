package dev.tidegate.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The contract with driver authors changes knowingly: its public signatures are kept in {@code
 * driver-api.api}. To change them, run the test with {@code -Dtidegate.golden=write} and commit the
 * file with the reason.
 */
class SignaturesTest {
  private static final Path GOLDEN =
      Path.of(System.getProperty("tidegate.root"), "drivers/driver-api/driver-api.api");

  /** Every class has them; they say nothing about the contract. */
  private static final Set<String> COMMON = Set.of("equals", "hashCode", "toString");

  private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([\\w/$]+);");

  /** By package, the packages of ours that it may refer to. */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "dev.tidegate.reading", Set.of(),
          "dev.tidegate.time", Set.of(),
          "dev.tidegate.driver", Set.of("dev.tidegate.reading", "dev.tidegate.time"));

  private static Path classes() throws URISyntaxException {
    return Path.of(Driver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static List<Path> classFiles() throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.walk(classes())) {
      List<Path> found =
          files
              .filter(file -> file.toString().endsWith(".class"))
              .filter(file -> !file.endsWith("package-info.class"))
              .sorted()
              .toList();
      assertTrue(found.size() > 15, found::toString);
      return found;
    }
  }

  // Without it a driver built last year could stop to compile or to load, unnoticed.
  @Test
  void publicSignaturesAreThoseOfTheGoldenFile() throws Exception {
    StringBuilder found = new StringBuilder();
    for (Path file : classFiles()) {
      String name = classes().relativize(file).toString();
      name = name.substring(0, name.length() - ".class".length()).replace('/', '.');
      Class<?> type = Class.forName(name);
      if (isVisible(type)) {
        describe(type, found);
      }
    }
    if ("write".equals(System.getProperty("tidegate.golden"))) {
      Files.writeString(GOLDEN, found);
    }
    assertEquals(
        Files.readString(GOLDEN),
        found.toString(),
        "the driver contract changed: if that is meant, run this test with"
            + " -Dtidegate.golden=write");
  }

  private static boolean isVisible(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return Modifier.isPublic(type.getModifiers()) && (outer == null || isVisible(outer));
  }

  private static void describe(Class<?> type, StringBuilder out) {
    String kind =
        type.isRecord()
            ? "record "
            : type.isEnum() ? "enum " : type.isInterface() ? "interface " : "class ";
    out.append(type.isSealed() ? "sealed " : "");
    out.append(Modifier.isFinal(type.getModifiers()) && !type.isRecord() ? "final " : "");
    out.append(kind).append(type.getName());
    if (type.isRecord()) {
      out.append(
          Arrays.stream(type.getRecordComponents())
              .map(SignaturesTest::component)
              .collect(Collectors.joining(", ", "(", ")")));
    } else if (!type.isEnum()
        && type.getSuperclass() != null
        && type.getSuperclass() != Object.class) {
      out.append(" extends ").append(type.getSuperclass().getName());
    }
    String parents =
        Arrays.stream(type.getAnnotatedInterfaces())
            .map(SignaturesTest::text)
            .collect(Collectors.joining(", "));
    String word = type.isInterface() ? " extends " : " implements ";
    out.append(parents.isEmpty() ? "" : word + parents);
    if (type.isSealed()) {
      out.append(
          Arrays.stream(type.getPermittedSubclasses())
              .map(Class::getName)
              .collect(Collectors.joining(", ", " permits ", "")));
    }
    out.append('\n');
    for (String member : members(type)) {
      out.append("  ").append(member).append('\n');
    }
  }

  private static String component(RecordComponent component) {
    return text(component.getAnnotatedType()) + " " + component.getName();
  }

  private static List<String> members(Class<?> type) {
    List<String> constants = new ArrayList<>(); // an enum's, in their order
    TreeSet<String> others = new TreeSet<>();
    for (Field field : type.getDeclaredFields()) {
      if (field.isEnumConstant()) {
        constants.add(field.getName());
      } else if (isContract(field.getModifiers()) && !field.isSynthetic()) {
        others.add(
            Modifier.toString(field.getModifiers())
                + " "
                + text(field.getAnnotatedType())
                + " "
                + field.getName());
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isContract(constructor.getModifiers()) && !constructor.isSynthetic()) {
        others.add(call(constructor, "", "new"));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      boolean own = !method.isSynthetic() && !COMMON.contains(method.getName());
      if (own && isContract(method.getModifiers())) {
        others.add(call(method, text(method.getAnnotatedReturnType()) + " ", method.getName()));
      }
    }
    constants.addAll(others);
    return constants;
  }

  private static boolean isContract(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static String call(Executable executable, String returns, String name) {
    String modifiers = Modifier.toString(executable.getModifiers() & ~Modifier.TRANSIENT);
    String given = executable instanceof Method m && m.isDefault() ? " default " : " ";
    String thrown =
        Arrays.stream(executable.getExceptionTypes())
            .map(Class::getName)
            .collect(Collectors.joining(", "));
    return modifiers
        + given
        + returns
        + name
        + Arrays.stream(executable.getAnnotatedParameterTypes())
            .map(SignaturesTest::text)
            .collect(Collectors.joining(", ", "(", ")"))
        + (thrown.isEmpty() ? "" : " throws " + thrown);
  }

  private static String text(AnnotatedType type) {
    return type.toString()
        .replaceAll("@org\\.jspecify\\.annotations\\.Nullable(\\(\\))? ", "?")
        .replaceAll("java\\.lang\\.(?=[A-Z])", "");
  }

  // Without it a driver author would have to ship what driver-api drags in.
  @Test
  void javaBaseIsAllThatIsNeeded() throws Exception {
    Set<String> base = ModuleLayer.boot().findModule("java.base").orElseThrow().getPackages();
    Set<String> foreign = new TreeSet<>();
    for (Path file : classFiles()) {
      ClassModel model = ClassFile.of().parse(file);
      String own = packageOf(model.thisClass().asInternalName());
      for (String other : references(model)) {
        String to = packageOf(other);
        boolean allowed =
            base.contains(to) || to.equals(own) || ARROWS.getOrDefault(own, Set.of()).contains(to);
        if (!allowed) {
          foreign.add(model.thisClass().asInternalName() + " -> " + other);
        }
      }
    }
    // annotations that javac keeps for readers of the class file; nothing loads them
    foreign.removeIf(arrow -> arrow.contains(" -> org/jspecify/annotations/"));
    assertEquals(Set.of(), foreign);
  }

  // Without it the test above could pass because it sees nothing.
  @Test
  void referencesBeyondJavaBaseAreSeen() throws Exception {
    Path own =
        Path.of(SignaturesTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ClassModel model =
        ClassFile.of().parse(own.resolve("dev/tidegate/driver/SignaturesTest.class"));
    Set<String> packages =
        references(model).stream().map(SignaturesTest::packageOf).collect(Collectors.toSet());
    assertTrue(packages.contains("org.junit.jupiter.api"), packages::toString);
  }

  private static Set<String> references(ClassModel model) {
    Set<String> found = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof ClassEntry type && !type.asInternalName().startsWith("[")) {
        found.add(type.asInternalName());
      } else if (entry instanceof Utf8Entry utf8) {
        Matcher matcher = CLASS_IN_DESCRIPTOR.matcher(utf8.stringValue());
        while (matcher.find()) {
          if (matcher.group(1).indexOf('/') > 0) {
            found.add(matcher.group(1));
          }
        }
      }
    }
    return found;
  }

  private static String packageOf(String internalName) {
    return internalName.substring(0, Math.max(0, internalName.lastIndexOf('/'))).replace('/', '.');
  }
}
