package dev.tidegate.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The negative control of the contract: a check that no driver can fail checks nothing. */
class DriverContractTest {
  @TempDir private Path temp;

  static List<Method> checks() {
    return Arrays.stream(DriverContract.class.getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .toList();
  }

  // Without it a check could be there that has never been seen to fail.
  @Test
  void everyCheckHasADriverThatFailsIt() {
    Set<String> checks = checks().stream().map(Method::getName).collect(Collectors.toSet());
    Set<String> failed =
        Arrays.stream(Flaw.values())
            .filter(flaw -> flaw != Flaw.NONE)
            .map(Flaw::check)
            .collect(Collectors.toSet());
    assertEquals(checks, failed);
  }

  // Without it the flawed driver could fail for another reason than its flaw.
  @ParameterizedTest
  @MethodSource("checks")
  void driverWithoutAFlawPasses(Method check) throws Throwable {
    run(check, Flaw.NONE);
  }

  // Without it a broken driver could ship with a green contract.
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void driverWithTheFlawFailsItsCheck(Flaw flaw) {
    Method check =
        checks().stream().filter(m -> m.getName().equals(flaw.check())).findFirst().orElseThrow();
    Throwable failure = assertThrows(Throwable.class, () -> run(check, flaw));
    assertTrue(failure instanceof AssertionError || failure instanceof DriverException);
  }

  private void run(Method check, Flaw flaw) throws Throwable {
    FlawedDriver driver = new FlawedDriver(flaw);
    writeFolder(driver, flaw);
    check.setAccessible(true);
    try {
      check.invoke(new FlawedContract(driver, temp));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      driver.end();
    }
  }

  private void writeFolder(Driver driver, Flaw flaw) throws IOException {
    Files.writeString(
        temp.resolve("README.md"), flaw == Flaw.README_WITHOUT_OPTION ? "port" : "the `port`");
    Files.writeString(
        temp.resolve("sample.yaml"),
        "driver: " + (flaw == Flaw.SAMPLE_OF_ANOTHER_DRIVER ? "coap" : driver.type()));
    Path testcase = Files.createDirectories(temp.resolve("testcases/one"));
    if (flaw != Flaw.NO_TESTCASE) {
      Files.writeString(testcase.resolve("input.txt"), "1");
    }
  }
}
