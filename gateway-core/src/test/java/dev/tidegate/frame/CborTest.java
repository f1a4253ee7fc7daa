package dev.tidegate.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The CBOR subset, against the examples of RFC 8949, appendix A. */
class CborTest {
  private static final HexFormat HEX = HexFormat.of();

  private static CborReader reader(String hex) {
    return new CborReader(HEX.parseHex(hex));
  }

  // Without the exact widths a frame would not be deterministic, or not be CBOR.
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "10, 0a",
    "23, 17",
    "24, 1818",
    "100, 1864",
    "127, 187f",
    "128, 1880",
    "255, 18ff",
    "256, 190100",
    "1000, 1903e8",
    "65535, 19ffff",
    "65536, 1a00010000",
    "1000000, 1a000f4240",
    "4294967295, 1affffffff",
    "4294967296, 1b0000000100000000",
    "1000000000000, 1b000000e8d4a51000",
    "9223372036854775807, 1b7fffffffffffffff",
    "-1, 20",
    "-10, 29",
    "-24, 37",
    "-25, 3818",
    "-100, 3863",
    "-256, 38ff",
    "-257, 390100",
    "-1000, 3903e7",
    "-9223372036854775808, 3b7fffffffffffffff"
  })
  void integersHaveTheShortestHead(long value, String hex) throws FrameException {
    CborWriter out = new CborWriter();
    out.integer(value);
    assertEquals(hex, HEX.formatHex(out.toBytes()));
    assertEquals(value, reader(hex).integer());
  }

  // Without it -0.0, an infinity or a small number would come back as something else.
  @ParameterizedTest
  @CsvSource({
    "0.0, f90000",
    "-0.0, f98000",
    "1.0, f93c00",
    "1.1, fb3ff199999999999a",
    "1.5, f93e00",
    "65504.0, f97bff",
    "100000.0, fa47c35000",
    "3.4028234663852886e+38, fa7f7fffff",
    "1.0e+300, fb7e37e43c8800759c",
    "5.960464477539063e-8, f90001",
    "0.00006103515625, f90400",
    "-4.0, f9c400",
    "-4.1, fbc010666666666666",
    "Infinity, f97c00",
    "NaN, f97e00",
    "-Infinity, f9fc00",
    "4.9e-324, fb0000000000000001",
    "2.98023223876953125e-8, fa33000000"
  })
  void floatsHaveTheShortestWidthThatKeepsThem(double value, String hex) throws FrameException {
    CborWriter out = new CborWriter();
    out.real(value);
    assertEquals(hex, HEX.formatHex(out.toBytes()));
    assertEquals(
        Double.doubleToLongBits(value), Double.doubleToLongBits(reader(hex).real()), "bit for bit");
  }

  // Without it two NaNs that look alike would make two different frames.
  @Test
  void everyNanIsWrittenAlike() {
    CborWriter out = new CborWriter();
    out.real(Double.longBitsToDouble(0xfff8_dead_beef_0001L));
    assertEquals("f97e00", HEX.formatHex(out.toBytes()));
  }

  // Without it names outside ASCII would be garbled; the lengths are those around each head width.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 23, 24, 127, 128, 255, 256, 65535, 65536})
  void textsComeBackAtEveryHeadWidth(int length) throws FrameException {
    for (String unit : new String[] {"a", "ü", "水"}) {
      String text = unit.repeat(length);
      CborWriter out = new CborWriter();
      out.text(text);
      CborReader in = new CborReader(out.toBytes());
      assertEquals(text, in.text(3 * length));
      assertTrue(in.atEnd());
    }
  }

  // RFC 8949, sections 3.2 and 4.2.1: each of these is CBOR, or close to it, but not deterministic.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1800", "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "1c", "1d", "1e",
        "1f", "3800", "1b8000000000000000", "3bffffffffffffffff", "18", "1b00", "", "c000", "f4"
      })
  void integersInAnyOtherFormAreRefused(String hex) {
    assertThrows(FrameException.class, () -> reader(hex).integer());
  }

  // Without it one value would have several encodings.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "fa3f800000",
        "fb3ff0000000000000",
        "fb7ff8000000000000",
        "fa7fc00000",
        "f97e01",
        "f97c01",
        "f9fe00",
        "fa47c350",
        "fb00",
        "f5",
        "00",
        "fb7ff0000000000000",
        "fa7f800000"
      })
  void floatsInAnyOtherFormAreRefused(String hex) {
    assertThrows(FrameException.class, () -> reader(hex).real());
  }

  // Without it a broken text would be replaced in silence, or a short one read past its end.
  @ParameterizedTest
  @ValueSource(strings = {"61ff", "62c328", "63eda080", "62c0af", "6261", "7f6161ff", "7800", "40"})
  void brokenTextsAreRefused(String hex) {
    assertThrows(FrameException.class, () -> reader(hex).text(100));
  }

  // Without it nine bytes could claim the whole heap.
  @ParameterizedTest
  @ValueSource(strings = {"9b7fffffffffffffff", "9bffffffffffffffff", "9a7fffffff", "9f", "83"})
  void arraysLongerThanTheirBytesAreRefused(String hex) {
    assertThrows(FrameException.class, () -> reader(hex).array(Integer.MAX_VALUE));
  }

  // Without it the writer would keep the memory of one large frame for ever.
  @Test
  void theWriterStartsAgainAfterALargeFrame() {
    CborWriter out = new CborWriter();
    out.byteString(new byte[3 << 20]);
    out.clear();
    out.integer(1);
    assertEquals("01", HEX.formatHex(out.toBytes()));
  }
}
