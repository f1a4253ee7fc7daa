package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code tidegate} of a checkout. */
class LauncherTest {
  @TempDir Path folder;

  /** Most machines have another Java: whoever has, must read what to install, and nothing else. */
  @Test
  void withoutAJdk25ItSaysWhatToInstall() throws Exception {
    Path old = folder.resolve("jdk-17/bin");
    Files.createDirectories(old);
    for (String program : new String[] {"java", "javac"}) {
      assertTrue(Files.createFile(old.resolve(program)).toFile().setExecutable(true));
    }
    Files.writeString(folder.resolve("jdk-17/release"), "JAVA_VERSION=\"17.0.9\"\n");
    ProcessBuilder script =
        new ProcessBuilder("/bin/sh", Repository.ROOT.resolve("tidegate").toString(), "help");
    script.environment().put("HOME", folder.toString());
    script.environment().put("JAVA_HOME", folder.resolve("jdk-17").toString());
    script.environment().put("TIDEGATE_JAVA_PATH", folder + "/*");
    script.environment().remove("TIDEGATE_JAVA_HOME");
    try (Peer tidegate = Peer.start("tidegate", script.redirectErrorStream(true))) {
      assertEquals(1, tidegate.end(Duration.ofSeconds(20)), tidegate::text);
      assertEquals(1, tidegate.lines().size(), tidegate::text);
      assertTrue(tidegate.text().startsWith("tidegate: no JDK 25 found under "), tidegate::text);
      assertTrue(tidegate.text().contains("apt install temurin-25-jdk"), tidegate::text);
    }
  }
}
