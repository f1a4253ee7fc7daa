package dev.tidegate.drivers.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.driver.Complaint;
import dev.tidegate.testkit.DeviceSketch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The offline check: what a file says wrongly is said before anything starts. */
class CheckTest {
  private final CoapDriver driver = new CoapDriver();

  private List<Complaint> check(String uri, String... point) {
    return driver.check(DeviceSketch.of(driver, "d").set("uri", uri).point("p", point).config());
  }

  // Without it the check refuses addresses that work.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "coap://10.0.0.7",
        "coap://sensor-7.plant.example:5683",
        "coap://[2001:db8::7]:61616",
        "coap://localhost:1/",
        "COAP://localhost:65535"
      })
  void goodAddressesPass(String uri) {
    assertEquals(List.of(), check(uri));
  }

  // Without it these fail at night, when the device is first asked.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          coaps://10.0.0.7      | scheme
          http://10.0.0.7       | scheme
          10.0.0.7              | scheme
          coap:10.0.0.7         | no host
          coap://               | no URI
          coap://10.0.0.7:70000 | port 70000
          coap://10.0.0.7:0     | port 0
          coap://a b            | no URI
          coap://x_y:5683       | no host
          coap://me@10.0.0.7    | no host
          coap://10.0.0.7/t     | a path belongs
          coap://10.0.0.7?x=1   | a path belongs
          """)
  void badAddressesAreSaidWithTheirReason(String uri, String says) {
    List<Complaint> complaints = check(uri);
    assertEquals(1, complaints.size());
    assertEquals("uri", complaints.getFirst().option());
    assertTrue(complaints.getFirst().message().contains(says), complaints.toString());
  }

  // Without it a path is refused, or sent as other segments than the device has.
  @Test
  void pathsBecomeSegmentsAndQueries() {
    Resource resource = Resource.of("/a%20b/c%2Fd/+?x=1&y=%26", List.of());
    assertEquals(List.of("a b", "c/d", "+"), resource.segments());
    assertEquals(List.of("x=1", "y=&"), resource.queries());
    assertEquals(List.of(), Resource.of("/", List.of()).segments());
  }

  // Without it each of these is found out by an answer 4.04 or by no value.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          resource | temperature | auto       | one slash
          resource | //t         | auto       | one slash
          resource | /a b        | auto       | no path
          resource | /t#1        | auto       | fragment
          resource | /%zz        | auto       | no path
          pointer  | a/b         | json       | no JSON pointer
          pointer  | /a          | text       | is for json
          pointer  | /a          | senml+json | is for json
          name     | t           | json       | is for SenML
          name     | t           | text       | is for SenML
          """)
  void badPointKeysAreSaid(String option, String value, String format, String says) {
    List<Complaint> complaints = check("coap://h", option, value, "format", format);
    assertEquals(1, complaints.size(), complaints.toString());
    assertEquals(option, complaints.getFirst().option());
    assertTrue(complaints.getFirst().message().contains(says), complaints.toString());
  }

  // Without it one of the two is silently ignored.
  @Test
  void nameAndPointerExcludeEachOther() {
    List<Complaint> complaints = check("coap://h", "name", "t", "pointer", "/a");
    assertEquals(1, complaints.size());
    assertTrue(complaints.getFirst().message().contains("one of them"), complaints.toString());
  }

  // Without it a segment of 300 bytes throws when the device is opened.
  @Test
  void segmentsHaveAtMost255Bytes() {
    assertEquals(List.of(), check("coap://h", "resource", "/" + "x".repeat(255)));
    assertEquals(1, check("coap://h", "resource", "/" + "x".repeat(256)).size());
  }

  // Without it a fleet comes back in step, or hammers a device that refuses.
  @Test
  void pausesGrowFromOneToSixtySeconds() {
    Pacing pacing = Pacing.standard();
    for (int round = 0; round < 100; round++) {
      for (int failures = 1; failures < 40; failures++) {
        long pause = pacing.pauseMillis(failures);
        assertTrue(pause >= 1_000 && pause <= 60_000, "pause " + pause);
        assertTrue(failures < 6 || pause >= 30_000, "pause " + pause + " after " + failures);
      }
      long lapse = pacing.lapseMillis(60);
      assertTrue(lapse >= 65_000 && lapse <= 75_000, "lapse " + lapse);
    }
  }
}
