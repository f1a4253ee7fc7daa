package dev.tidegate.inference;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.models.Onnx;
import dev.tidegate.models.Proto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the scan lets through to ONNX Runtime, and what it does not. */
class OnnxScanTest {
  private static final byte[] GOOD = BundleFolder.weighted();

  /** The signature is what the manifest is held against; a wrong one refuses good models. */
  @Test
  void goodModelPassesWithItsSignature() throws Refused {
    OnnxScan.Signature signature = OnnxScan.scan(GOOD);
    assertEquals(17, signature.opset());
    assertEquals(new OnnxScan.Port("x", 1, List.of(1L, 2L)), signature.input());
    assertEquals(new OnnxScan.Port("y", 1, List.of(1L, 1L)), signature.output());
  }

  /** Exporters pack lists, leave the batch open and add notes; refusing that would refuse most. */
  @Test
  void otherWaysToWriteTheSameModelPass() throws Refused {
    Proto open = new Proto().message(1, new Proto().text(2, "batch"));
    open.message(1, new Proto().varint(1, 2));
    Proto graph =
        new Proto()
            .text(2, "g")
            .message(11, value("x", open))
            .message(12, value("y", open))
            .message(
                5,
                new Proto()
                    .bytes(1, new byte[] {2, 1}) // packed dims
                    .varint(2, 1)
                    .bytes(4, new byte[8]) // packed float_data
                    .text(8, "w"))
            .message(1, node("MatMul", "x", "w", "y"))
            .text(10, "a note");
    OnnxScan.Signature signature =
        OnnxScan.scan(
            Onnx.model(graph, 8, 17).message(14, new Proto().text(1, "k").text(2, "v")).toBytes());
    assertEquals(List.of(-1L, 2L), signature.input().dims());
  }

  static Stream<Arguments> hostile() {
    return Stream.of(
        bad("nothing at all", new byte[0], "no graph"),
        bad("a text", "hello, this is not a model".getBytes(US_ASCII), "no ONNX file"),
        bad("JSON", "{\"format\": 1}".getBytes(US_ASCII), "no ONNX file"),
        bad("the runtime's own format", polyglot(), "own format"),
        bad(
            "external data",
            tensor(t -> t.message(13, entry("location", "/etc/passwd"))),
            "another file"),
        bad("external location alone", tensor(t -> t.varint(14, 1)), "another file"),
        bad(
            "external data in an attribute",
            attribute(
                new Proto()
                    .text(1, "value")
                    .message(5, new Proto().varint(2, 1).message(13, entry("location", "x")))),
            "another file"),
        bad(
            "a graph in an attribute",
            attribute(new Proto().text(1, "body").message(6, new Proto())),
            "within the graph"),
        bad(
            "graphs in an attribute",
            attribute(new Proto().text(1, "body").message(11, new Proto())),
            "within the graph"),
        bad("a sparse tensor", graph(g -> g.message(15, new Proto())), "sparse"),
        bad("a sparse attribute", attribute(new Proto().message(22, new Proto())), "sparse"),
        bad("a loop", graph(g -> g.message(1, node("Loop", "x", "x", "y"))), "'Loop'"),
        bad(
            "a call",
            graph(g -> g.message(1, node("Add", "x", "x", "y").text(8, "over"))),
            "calls a function"),
        bad(
            "a file reader",
            graph(g -> g.message(1, node("EPContext", "x", "x", "y"))),
            "'EPContext'"),
        bad(
            "a memory bomb",
            graph(g -> g.message(1, node("ConstantOfShape", "x", "x", "y"))),
            "'ConstantOfShape'"),
        bad(
            "a foreign domain",
            graph(g -> g.message(1, node("Add", "x", "x", "y").text(7, "com.microsoft"))),
            "com.microsoft"),
        bad(
            "a foreign operator set",
            good().message(8, new Proto().text(1, "x.y").varint(2, 1)).toBytes(),
            "x.y"),
        bad("two operator sets", good().message(8, new Proto().varint(2, 16)).toBytes(), "twice"),
        bad("two graphs", good().message(7, new Proto()).toBytes(), "twice"),
        bad("functions", good().message(25, new Proto()).toBytes(), "functions"),
        bad("training", good().message(20, new Proto()).toBytes(), "training"),
        bad("an unknown field", good().varint(63, 1).toBytes(), "field 63"),
        bad("a field number beyond all", new Proto().varint(1 << 28, 1).toBytes(), "not known"),
        bad("field 0", new byte[] {0, 0}, "field 0"),
        bad("a group", new byte[] {11, 12}, "wire type 3"),
        bad(
            "a number without end",
            new byte[] {8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1},
            "ten bytes"),
        bad("a length beyond the end", new byte[] {58, -1, -1, -1, -1, 7}, "cut off"),
        bad("a negative length", new byte[] {58, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}, "cut off"),
        bad(
            "more shape than data",
            tensor(t -> t.varint(1, 1_000).varint(1, 1_000).bytes(9, new byte[8])),
            "holds other"),
        bad(
            "an overflowing shape",
            tensor(t -> t.varint(1, 1L << 40).varint(1, 1L << 40)),
            "too large"),
        bad("a negative shape", tensor(t -> t.varint(1, -1)), "too large"),
        bad(
            "a shape of nine",
            tensor(t -> t.bytes(1, new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 1})),
            "too many"),
        bad(
            "data twice",
            tensor(t -> t.varint(1, 1).bytes(9, new byte[4]).bytes(4, new byte[4])),
            "holds other"),
        bad(
            "a list cut in a number",
            tensor(t -> t.bytes(7, new byte[] {-1}).varint(1, 1)),
            "list whose last number"),
        bad(
            "floats of three bytes",
            tensor(t -> t.varint(1, 1).bytes(4, new byte[3])),
            "no multiple of 4"),
        bad("texts", tensor(t -> t.varint(1, 1).text(6, "a")), "texts"),
        bad("segments", tensor(t -> t.message(3, new Proto())), "segments"),
        bad(
            "an unknown type",
            graph(g -> g.message(5, new Proto().varint(2, 99).text(8, "w"))),
            "type 99"),
        bad(
            "no tensor as input",
            graph(
                g ->
                    g.message(
                        11,
                        new Proto().text(1, "z").message(2, new Proto().message(4, new Proto())))),
            "no tensor"),
        bad("a second input", graph(g -> g.message(11, value("z", new Proto()))), "2 inputs"),
        bad(
            "no output",
            Onnx.model(new Proto().message(11, value("x", new Proto())), 8, 17).toBytes(),
            "0 outputs"),
        bad(
            "a long name",
            graph(g -> g.message(11, value("z".repeat(5_000), new Proto()))),
            "5000 bytes"),
        bad(
            "a name that is no text",
            graph(g -> g.message(11, new Proto().bytes(1, new byte[] {-1, -2}))),
            "UTF-8"),
        bad(
            "5,000 operators",
            graph(
                g -> {
                  for (int i = 0; i < 5_000; i++) {
                    g.message(1, node("Relu", "x", "x", "y"));
                  }
                }),
            "more than 4,096"),
        bad(
            "5,000 tensors",
            graph(
                g -> {
                  for (int i = 0; i < 5_000; i++) {
                    g.message(5, new Proto().varint(2, 1).varint(1, 0).text(8, "t" + i));
                  }
                }),
            "more than 4,096"),
        bad(
            "5,000 inputs",
            graph(
                g -> {
                  for (int i = 0; i < 5_000; i++) {
                    g.message(11, value("i" + i, new Proto()));
                  }
                }),
            "more than 4,096"));
  }

  /** Each of these could otherwise reach native code that was not written for it. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void hostileModelIsRefusedWithItsReason(String name, byte[] file, String reason) {
    Refused refused = assertThrows(Refused.class, () -> OnnxScan.scan(file));
    assertTrue(refused.reason().contains(reason), refused.reason());
  }

  /** Nesting costs an attacker two bytes a level: a reader that recursed would end the process. */
  @Test
  void deepNestingIsRefusedWithoutRecursion() {
    Proto type = new Proto();
    for (int i = 0; i < 2_000; i++) {
      type = new Proto().message(4, new Proto().message(1, type));
    }
    Proto deep = type;
    byte[] file = graph(g -> g.message(11, new Proto().text(1, "z").message(2, deep)));
    assertThrows(Refused.class, () -> OnnxScan.scan(file));
  }

  /** A copy that was cut off, at any byte, must not pass for a smaller model. */
  @Test
  void everyTruncationIsRefused() {
    for (int length = 0; length < GOOD.length; length++) {
      byte[] cut = Arrays.copyOf(GOOD, length);
      assertThrows(Refused.class, () -> OnnxScan.scan(cut), "cut at " + length);
    }
  }

  /** A file larger than the limit must be turned away before anything is read from it. */
  @Test
  void fileAboveTheLimitIsRefused() {
    Refused refused =
        assertThrows(Refused.class, () -> OnnxScan.scan(new byte[OnnxScan.MAX_BYTES + 1]));
    assertTrue(refused.reason().contains("64 MiB"), refused.reason());
  }

  /** A scan that throws anything else, or hangs, would take the gateway down with a bad file. */
  @Test
  void mutatedModelsPassOrAreRefused() {
    Random random = new Random(20_261_123);
    int passed = 0;
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      try {
        OnnxScan.scan(Mutation.of(GOOD, random));
        passed++;
      } catch (Refused e) {
        refused++;
      }
    }
    assertEquals(2_000, passed + refused);
    assertTrue(passed > 100 && refused > 1_000, passed + " passed, " + refused + " refused");
  }

  /** A list in the papers that is not the one in the code sends people in circles. */
  @Test
  void operatorsAreThoseOfTheSpecification() throws IOException {
    String spec =
        Files.readString(Path.of(System.getProperty("tidegate.root", ".."), "docs/spec/bundle.md"));
    int from = spec.indexOf("Abs Add ");
    String listed = spec.substring(from, spec.indexOf("```", from)).strip();
    assertEquals(OnnxScan.OPERATORS, Set.of(listed.split("\\s+", -1)));
  }

  private interface Writer {
    void write(Proto proto);
  }

  private static Arguments bad(String name, byte[] file, String reason) {
    return Arguments.of(name, file, reason);
  }

  private static Proto good() {
    Proto proto = new Proto();
    return Onnx.model(goodGraph(g -> {}), 8, 17).bytes(14, proto.toBytes());
  }

  private static Proto goodGraph(Writer more) {
    Proto graph =
        new Proto()
            .text(2, "g")
            .message(11, value("x", new Proto()))
            .message(12, value("y", new Proto()))
            .message(1, node("Add", "x", "x", "y"));
    more.write(graph);
    return graph;
  }

  private static byte[] graph(Writer more) {
    return Onnx.model(goodGraph(more), 8, 17).toBytes();
  }

  private static byte[] tensor(Writer more) {
    Proto tensor = new Proto().varint(2, 1).text(8, "w");
    more.write(tensor);
    return graph(g -> g.message(5, tensor));
  }

  private static byte[] attribute(Proto attribute) {
    return graph(g -> g.message(1, node("Relu", "x", "x", "z").message(5, attribute)));
  }

  private static Proto node(String operator, String a, String b, String out) {
    return new Proto().text(1, a).text(1, b).text(2, out).text(4, operator);
  }

  private static Proto entry(String key, String value) {
    return new Proto().text(1, key).text(2, value);
  }

  private static Proto value(String name, Proto dims) {
    Proto tensor = new Proto().varint(1, 1).message(2, dims);
    return new Proto().text(1, name).message(2, new Proto().message(1, tensor));
  }

  /** A valid ONNX file that ONNX Runtime would read as a flatbuffer: its producer is "..ORTM". */
  private static byte[] polyglot() {
    byte[] good = good().toBytes();
    byte[] producer = new Proto().text(3, "--ORTM").toBytes();
    byte[] both = Arrays.copyOf(producer, producer.length + good.length);
    System.arraycopy(good, 0, both, producer.length, good.length);
    return both;
  }
}
