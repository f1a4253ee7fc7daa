package dev.tidegate.inference;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The shipped ONNX Runtime sends nothing: its Linux libraries, as they lie in the jar, are searched
 * for the endpoints and the vocabulary of Microsoft's upload client (which 1.29.0 brought to Linux)
 * and, in their symbol tables, for every function by which a library could reach the network.
 */
class NativeLibraryTest {
  private static final List<String> UPLOAD =
      List.of(
          "events.data.microsoft.com",
          "vortex.data",
          "OneCollector",
          "x-apikey",
          "applicationinsights",
          "ORT_DISABLE_TELEMETRY",
          "sqlite3_open");

  /** Whole entries of the string table of dynamic symbols, with or without glibc's version. */
  private static final List<String> NETWORK =
      List.of(
          "\0socket\0",
          "\0connect\0",
          "\0getaddrinfo\0",
          "\0gethostbyname\0",
          "\0sendto\0",
          "\0curl_easy_perform\0");

  /** Without it an update of the library could send data from every gateway unnoticed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "linux-x64/libonnxruntime.so",
        "linux-x64/libonnxruntime4j_jni.so",
        "linux-aarch64/libonnxruntime.so",
        "linux-aarch64/libonnxruntime4j_jni.so"
      })
  void shippedLibraryHasNoWayToUpload(String library) throws IOException {
    String content = resource("/ai/onnxruntime/native/" + library);
    assertTrue(content.startsWith("\u007fELF"), library);
    assertTrue(content.contains("OrtGetApiBase"), "not the library that was meant: " + library);
    assertEquals(List.of(), found(content, UPLOAD));
    assertEquals(List.of(), found(content, NETWORK));
  }

  /** The control: the JDK's own network library does import these, so the search can find them. */
  @Test
  void searchFindsNetworkFunctionsWhereThereAreSome() throws IOException {
    Path library = Path.of(System.getProperty("java.home"), "lib", "libnet.so");
    String content = new String(Files.readAllBytes(library), ISO_8859_1);
    assertFalse(found(content, NETWORK).isEmpty());
  }

  /** The control for the words: each is found at the start, in the middle and at the end. */
  @Test
  void searchFindsEveryWordAnywhere() throws IOException {
    String content = resource("/ai/onnxruntime/native/linux-x64/libonnxruntime4j_jni.so");
    int middle = content.length() / 2;
    for (String word : UPLOAD) {
      assertEquals(List.of(word), found(word + content, UPLOAD));
      assertEquals(List.of(word), found(content + word, UPLOAD));
      assertEquals(
          List.of(word),
          found(content.substring(0, middle) + word + content.substring(middle), UPLOAD));
    }
  }

  private static List<String> found(String content, List<String> words) {
    return words.stream().filter(content::contains).toList();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = OrtEnvironment.class.getResourceAsStream(name)) {
      assertNotNull(in, name);
      return new String(in.readAllBytes(), ISO_8859_1); // one byte, one character
    }
  }
}
