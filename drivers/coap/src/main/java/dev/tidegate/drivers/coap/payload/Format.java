package dev.tidegate.drivers.coap.payload;

import org.jspecify.annotations.Nullable;

/** How a payload is written, with its number in the CoAP Content-Formats registry. */
public enum Format {
  /** One number, flag or word in UTF-8. */
  TEXT(0, "text"),
  /** RFC 8259. */
  JSON(50, "json"),
  /** RFC 8949. */
  CBOR(60, "cbor"),
  /** RFC 8428 section 5. */
  SENML_JSON(110, "senml+json"),
  /** RFC 8428 section 6. */
  SENML_CBOR(112, "senml+cbor");

  private final int contentFormat;
  private final String word;

  Format(int contentFormat, String word) {
    this.contentFormat = contentFormat;
    this.word = word;
  }

  /** The word that names it in the configuration. */
  public String word() {
    return word;
  }

  /** The format of that registry number; null for one that is not understood. */
  public static @Nullable Format ofContentFormat(int number) {
    for (Format format : values()) {
      if (format.contentFormat == number) {
        return format;
      }
    }
    return null;
  }

  /** The format of that word; null for {@code auto} and any other word. */
  public static @Nullable Format ofWord(String word) {
    for (Format format : values()) {
      if (format.word.equals(word)) {
        return format;
      }
    }
    return null;
  }
}
