package dev.tidegate.buffer.crash;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The preloaded library of {@code disk.c}, seen from both sides: a test makes it and starts
 * processes under it; the process itself steers it.
 */
@SuppressWarnings("restricted") // functions of our own library are called by name
public final class Disk {
  /** What a fault strikes; the numbers are {@code disk.c}'s. */
  public enum Fault {
    WRITES(1),
    SYNCS(2),
    OPENS(4),
    NAMES(8);

    private final int bit;

    Fault(int bit) {
      this.bit = bit;
    }
  }

  /** Error numbers of Linux. */
  public static final int EIO = 5;

  public static final int EROFS = 30;

  /** A fault that stays until {@link #heal}. */
  public static final long ALWAYS = -1;

  private static final String LIBRARY = "LD_PRELOAD";

  private final MethodHandle mark;
  private final MethodHandle fault;
  private final MethodHandle room;
  private final MethodHandle steps;
  private final MethodHandle failed;

  private Disk(Path library) {
    SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
    ValueLayout.OfLong number = ValueLayout.JAVA_LONG;
    ValueLayout.OfInt small = ValueLayout.JAVA_INT;
    mark = function(symbols, "disk_mark", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    fault =
        function(symbols, "disk_fault", FunctionDescriptor.ofVoid(small, small, number, number));
    room = function(symbols, "disk_room", FunctionDescriptor.ofVoid(number));
    steps = function(symbols, "disk_steps", FunctionDescriptor.of(number));
    failed = function(symbols, "disk_failed", FunctionDescriptor.of(number));
  }

  private static MethodHandle function(
      SymbolLookup symbols, String name, FunctionDescriptor signature) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), signature);
  }

  /**
   * Compiles the library into that folder with {@code cc}.
   *
   * @return null, with the reason printed, where that cannot be done
   */
  public static @Nullable Path compile(Path folder) throws IOException, InterruptedException {
    if (!System.getProperty("os.name").equals("Linux")) {
      System.out.println("not checked: preloading a library wants Linux");
      return null;
    }
    Path source = folder.resolve("disk.c");
    try (InputStream text = Disk.class.getResourceAsStream("disk.c")) {
      if (text == null) {
        throw new IOException("disk.c is not among the test's resources");
      }
      Files.copy(text, source, StandardCopyOption.REPLACE_EXISTING);
    }
    Path library = folder.resolve("disk.so");
    List<String> command = new ArrayList<>(List.of("cc", "-O1", "-fPIC", "-shared", "-Wall"));
    command.addAll(List.of("-Werror", "-o", library.toString(), source.toString()));
    command.addAll(List.of("-ldl", "-lpthread"));
    Process compiler;
    try {
      compiler = new ProcessBuilder(command).inheritIO().start();
    } catch (IOException e) {
      System.out.println("not checked: there is no C compiler (cc): " + e.getMessage());
      return null;
    }
    if (!compiler.waitFor(60, TimeUnit.SECONDS) || compiler.exitValue() != 0) {
      compiler.destroyForcibly();
      throw new IOException("disk.c does not compile");
    }
    return library;
  }

  /** Puts a process under the library, for that folder. */
  public static void under(Path library, Path folder, ProcessBuilder process) {
    Map<String, String> environment = process.environment();
    environment.put(LIBRARY, library.toString());
    environment.put("TIDEGATE_DISK_FOLDER", folder.toString());
  }

  /** Has the process's steps noted in that file, which must not exist. */
  public static void noting(Path log, ProcessBuilder process) {
    process.environment().put("TIDEGATE_DISK_LOG", log.toString());
  }

  /** Has the process killed at its nth durable step, from 1 on: just before, or just after it. */
  public static void killing(boolean after, long step, ProcessBuilder process) {
    process.environment().put("TIDEGATE_DISK_KILL", (after ? "after:" : "before:") + step);
  }

  /** The library in this process, which must have been started under it. */
  public static Disk ofThisProcess() {
    String library = System.getenv(LIBRARY);
    if (library == null) {
      throw new IllegalStateException("this process was not started under disk.so");
    }
    return new Disk(Path.of(library));
  }

  /** Puts a mark between the steps of the log. */
  public void mark(String text) {
    try (Arena arena = Arena.ofConfined()) {
      call(mark, arena.allocateFrom(text));
    }
  }

  /**
   * Has steps fail from now on; takes the place of an earlier fault.
   *
   * @param error what they fail with
   * @param skips how many of them succeed first
   * @param times how many of them; {@link #ALWAYS} for all
   */
  public void fail(int error, long skips, long times, Fault... kinds) {
    int bits = 0;
    for (Fault kind : kinds) {
      bits |= kind.bit;
    }
    call(fault, bits, error, skips, times);
  }

  /** Ends whatever fault there is. */
  public void heal() {
    fail(0, 0, 0);
    room(-1);
  }

  /** By how many bytes the files may grow, until ENOSPC; -1 for any. */
  public void room(long bytes) {
    call(room, bytes);
  }

  /** Durable steps so far. */
  public long steps() {
    return (long) call(steps);
  }

  /** Steps that were made to fail so far. */
  public long failed() {
    return (long) call(failed);
  }

  private static Object call(MethodHandle function, Object... arguments) {
    try {
      return function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
