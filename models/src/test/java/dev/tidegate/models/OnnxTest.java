package dev.tidegate.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The ONNX writer, against the wire format's own examples and against ONNX Runtime. */
class OnnxTest {
  /** The examples of Protocol Buffers' "Encoding" page; a wrong varint breaks every file. */
  @Test
  void wireFormatIsThatOfTheDocumentation() {
    assertEquals("089601", hex(new Proto().varint(1, 150)));
    assertEquals("120774657374696e67", hex(new Proto().text(2, "testing")));
    assertEquals("1a03089601", hex(new Proto().message(3, new Proto().varint(1, 150))));
    assertEquals("08feffffffffffffffff01", hex(new Proto().varint(1, -2)));
    assertEquals("150000c03f", hex(new Proto().fixed32(2, 1.5f)));
  }

  /** Lengths change their width at 128: off by one there and no file above it can be read. */
  @Test
  void lengthsAtTheEdgesOfAByte() {
    for (int length : new int[] {0, 127, 128, 255, 256, 16_383, 16_384}) {
      byte[] message = new Proto().bytes(1, new byte[length]).toBytes();
      assertEquals(1 + (length < 128 ? 1 : length < 16_384 ? 2 : 3) + length, message.length);
    }
  }

  /** A model that ONNX Runtime reads otherwise than it was meant would score nonsense. */
  @Test
  void runtimeComputesWhatWasWritten() throws OrtException {
    byte[] model =
        new Onnx("sum")
            .input("x", 1, 2)
            .output("y", 1, 1)
            .constant("w", new float[] {2, 3}, 2, 1)
            .constant("b", new float[] {-1}, 1)
            .node("Gemm", List.of("x", "w", "b"), "y", Onnx.attribute("alpha", 0.5f))
            .toBytes();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model);
        OnnxTensor x = OnnxTensor.createTensor(environment, new float[][] {{10, 100}});
        OrtSession.Result result = session.run(Map.of("x", x))) {
      assertArrayEquals(new float[] {159}, ((float[][]) result.get(0).getValue())[0]);
    }
  }

  /** A typing error in a name must show when the graph is written, not on a gateway. */
  @Test
  void danglingNamesAndWrongShapesAreRefused() {
    Onnx onnx = new Onnx("bad").input("x", 1, 2);
    var dangling =
        assertThrows(IllegalArgumentException.class, () -> onnx.node("Relu", List.of("z"), "y"));
    assertTrue(String.valueOf(dangling.getMessage()).contains("'z'"));
    assertThrows(IllegalArgumentException.class, () -> onnx.constant("c", new float[3], 2, 2));
  }

  private static String hex(Proto proto) {
    return HexFormat.of().formatHex(proto.toBytes());
  }
}
