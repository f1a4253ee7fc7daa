package dev.tidegate.inference;

import static dev.tidegate.inference.Wire.FIXED32;
import static dev.tidegate.inference.Wire.FIXED64;
import static dev.tidegate.inference.Wire.VARINT;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks through an ONNX file before ONNX Runtime sees it, and lets pass only what this gateway can
 * bound: numbers that lie in the file, in a flat graph of arithmetic from a fixed list.
 *
 * <h2>What is refused, and why</h2>
 *
 * <ul>
 *   <li>External data: older runtimes read any file that a model names.
 *   <li>Bytes that ONNX Runtime would take for its own format (a flatbuffer with {@code ORTM} at
 *       byte 4) whatever else they are: the scan would have looked at something else.
 *   <li>Graphs within graphs ({@code If}, {@code Loop}, {@code Scan}), functions and training
 *       parts: a loop has no bound in time, and without them the depth of the file is fixed.
 *   <li>Operators outside {@link #OPERATORS} and other domains: custom code, files, random numbers,
 *       strings, and operators that make a large result out of a small number.
 *   <li>Tensors whose shape promises more or less than their data holds.
 *   <li>Fields that {@code onnx.proto} (IR version 8) does not have, and single fields that come
 *       twice: readers differ in what they make of them.
 * </ul>
 *
 * <p>Field numbers are those of {@code onnx/onnx.proto}. No state; safe for use by any thread.
 */
final class OnnxScan {
  static final int MAX_BYTES = 64 << 20;
  static final int MAX_NODES = 4_096;
  static final int MAX_TENSORS = 4_096;
  static final int MAX_DIMS = 8;

  /** Arithmetic, without any operator whose result's shape comes out of the values it reads. */
  static final Set<String> OPERATORS =
      Set.of(
          ("Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Constant"
                  + " Conv Div Dropout Elu Equal Erf Exp Flatten Floor GRU Gather Gemm"
                  + " GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual HardSigmoid HardSwish"
                  + " Identity InstanceNormalization LSTM LayerNormalization LeakyRelu Less"
                  + " LessOrEqual Log LogSoftmax MatMul Max MaxPool Mean Min Mul Neg Not Or PRelu"
                  + " Pow RNN Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin"
                  + " ReduceProd ReduceSum ReduceSumSquare Relu Reshape Round Selu Shape Sigmoid"
                  + " Sign Slice Softmax Softplus Softsign Split Sqrt Squeeze Sub Sum Tanh"
                  + " Transpose Unsqueeze Where Xor")
              .split(" ", -1));

  private static final Wire.Message MODEL =
      Wire.Message.of("model", new int[] {1, 2, 3, 4, 5, 6, 7}, new int[] {8, 14, 20, 25});
  private static final Wire.Message OPSET =
      Wire.Message.of("operator set", new int[] {1, 2}, new int[] {});
  private static final Wire.Message GRAPH =
      Wire.Message.of("graph", new int[] {2, 10}, new int[] {1, 5, 11, 12, 13, 14, 15, 16});
  private static final Wire.Message NODE =
      Wire.Message.of("operator", new int[] {3, 4, 6, 7, 8}, new int[] {1, 2, 5, 9});
  private static final Wire.Message ATTRIBUTE =
      Wire.Message.of(
          "attribute",
          new int[] {1, 2, 3, 4, 5, 6, 13, 14, 20, 21, 22},
          new int[] {7, 8, 9, 10, 11, 15, 23});
  private static final Wire.Message TENSOR =
      Wire.Message.of(
          "tensor", new int[] {2, 3, 8, 9, 12, 14}, new int[] {1, 4, 5, 6, 7, 10, 11, 13, 16});
  private static final Wire.Message VALUE =
      Wire.Message.of("value", new int[] {1, 2, 3}, new int[] {4});
  private static final Wire.Message TYPE =
      Wire.Message.of("type", new int[] {1, 4, 5, 6, 7, 8, 9}, new int[] {});
  private static final Wire.Message TENSOR_TYPE =
      Wire.Message.of("tensor type", new int[] {1, 2}, new int[] {});
  private static final Wire.Message DIMS = Wire.Message.of("shape", new int[] {}, new int[] {1});
  private static final Wire.Message DIM =
      Wire.Message.of("dimension", new int[] {1, 2, 3}, new int[] {});

  /** {@code TensorProto.DataType} to bytes per element; 0 where the type is not allowed. */
  private static final int[] WIDTH = {0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8};

  /**
   * What the graph takes and gives.
   *
   * @param opset version of the default operator set
   * @param input the one input that has no constant of the same name
   * @param output the one output
   */
  record Signature(long opset, Port input, Port output) {}

  /**
   * One end of the graph.
   *
   * @param name of the tensor
   * @param type {@code TensorProto.DataType}: 1 is 32-bit float
   * @param dims -1 where the file leaves a dimension open
   */
  record Port(String name, long type, List<Long> dims) {
    Port {
      dims = List.copyOf(dims);
    }
  }

  private final List<Port> inputs = new ArrayList<>();
  private final List<Port> outputs = new ArrayList<>();
  private final Set<String> constants = new HashSet<>();
  private int nodes;
  private int tensors;
  private long opset;

  private OnnxScan() {}

  /**
   * Looks through the file. Takes time in proportion to its length and next to no memory.
   *
   * @throws Refused when anything in it is not on the list above
   */
  static Signature scan(byte[] file) throws Refused {
    if (file.length > MAX_BYTES) {
      throw new Refused("model.onnx has " + file.length + " bytes, and at most 64 MiB are allowed");
    }
    if (file.length >= 8 && file[4] == 'O' && file[5] == 'R' && file[6] == 'T' && file[7] == 'M') {
      throw new Refused("model.onnx is in ONNX Runtime's own format; export it as plain ONNX");
    }
    return new OnnxScan().model(new Wire(file, MODEL));
  }

  private Signature model(Wire model) throws Refused {
    boolean graph = false;
    for (int field = model.next(); field != 0; field = model.next()) {
      switch (field) {
        case 7 -> {
          graph = true;
          graph(model.message(GRAPH));
        }
        case 8 -> operatorSet(model.message(OPSET));
        case 20 -> throw model.bad("has a training part");
        case 25 -> throw model.bad("has functions of its own");
        default -> model.skip();
      }
    }
    if (!graph || opset == 0) {
      throw new Refused("model.onnx is no ONNX file: it has no graph or no operator set");
    }
    inputs.removeIf(input -> constants.contains(input.name));
    if (inputs.size() != 1 || outputs.size() != 1) {
      throw new Refused(
          "model.onnx has "
              + inputs.size()
              + " inputs and "
              + outputs.size()
              + " outputs, and one of each is needed");
    }
    return new Signature(opset, inputs.getFirst(), outputs.getFirst());
  }

  private void operatorSet(Wire set) throws Refused {
    String domain = "";
    long version = 0;
    for (int field = set.next(); field != 0; field = set.next()) {
      switch (field) {
        case 1 -> domain = set.text();
        case 2 -> version = set.varint();
        default -> set.skip();
      }
    }
    domain(domain, set);
    if (opset != 0 || version < 1) {
      throw set.bad("has version " + version + " or comes twice");
    }
    opset = version;
  }

  private static void domain(String domain, Wire at) throws Refused {
    if (!domain.isEmpty() && !domain.equals("ai.onnx")) {
      throw at.bad("is of the domain '" + domain + "', and only ONNX's own is allowed");
    }
  }

  private void graph(Wire graph) throws Refused {
    for (int field = graph.next(); field != 0; field = graph.next()) {
      switch (field) {
        case 1 -> node(graph.message(NODE));
        case 5 -> constants.add(tensor(graph.message(TENSOR)));
        case 11 -> add(inputs, graph);
        case 12 -> add(outputs, graph);
        case 13 -> value(graph.message(VALUE));
        case 14 -> throw graph.bad("has quantisation notes");
        case 15 -> throw graph.bad("has sparse tensors");
        default -> graph.skip();
      }
    }
  }

  private static void add(List<Port> ports, Wire graph) throws Refused {
    ports.add(value(graph.message(VALUE)));
    if (ports.size() > MAX_TENSORS) {
      throw graph.bad("has more than 4,096 inputs or outputs");
    }
  }

  private void node(Wire node) throws Refused {
    if (++nodes > MAX_NODES) {
      throw node.bad("is one of more than 4,096");
    }
    String operator = "";
    for (int field = node.next(); field != 0; field = node.next()) {
      switch (field) {
        case 4 -> operator = node.text();
        case 5 -> attribute(node.message(ATTRIBUTE));
        case 7 -> domain(node.text(), node);
        case 8 -> throw node.bad("calls a function");
        default -> node.skip();
      }
    }
    if (!OPERATORS.contains(operator)) {
      throw node.bad(
          "is '" + operator + "', which is not among the operators allowed (docs/spec/bundle.md)");
    }
  }

  private void attribute(Wire attribute) throws Refused {
    for (int field = attribute.next(); field != 0; field = attribute.next()) {
      switch (field) {
        case 5 -> tensor(attribute.message(TENSOR));
        case 6, 11 -> throw attribute.bad("holds a graph within the graph");
        case 10 -> throw attribute.bad("holds a list of tensors");
        case 14, 15 -> throw attribute.bad("holds a type");
        case 21 -> throw attribute.bad("refers to a function");
        case 22, 23 -> throw attribute.bad("holds a sparse tensor");
        default -> attribute.skip();
      }
    }
  }

  /** Returns the tensor's name. */
  private String tensor(Wire tensor) throws Refused {
    if (++tensors > MAX_TENSORS) {
      throw tensor.bad("is one of more than 4,096");
    }
    Extent extent = new Extent();
    long type = 0;
    long raw = -1;
    long listed = 0;
    String name = "";
    for (int field = tensor.next(); field != 0; field = tensor.next()) {
      switch (field) {
        case 1 -> tensor.numbers(dim -> extent.times(dim, tensor));
        case 2 -> type = tensor.varint();
        case 3 -> throw tensor.bad("comes in segments");
        case 4 -> listed += tensor.countNumbers(FIXED32);
        case 5, 7, 11 -> listed += tensor.countNumbers(VARINT);
        case 6 -> throw tensor.bad("holds texts");
        case 8 -> name = tensor.text();
        case 9 -> raw = tensor.type() == Wire.LENGTH ? tensor.skip() : -2;
        case 10 -> listed += tensor.countNumbers(FIXED64);
        case 13 -> throw tensor.bad("keeps its data in another file");
        case 14 -> {
          if (tensor.varint() != 0) {
            throw tensor.bad("keeps its data in another file");
          }
        }
        default -> tensor.skip();
      }
    }
    int width = type > 0 && type < WIDTH.length ? WIDTH[(int) type] : 0;
    if (width == 0) {
      throw tensor.bad("is of type " + type + ", which is not allowed");
    }
    boolean fits = raw == -1 ? listed == extent.count : listed == 0 && raw == extent.count * width;
    if (!fits) {
      throw tensor.bad(
          "'" + name + "' holds other than the " + extent.count + " numbers of its shape");
    }
    return name;
  }

  /** How many numbers a shape asks for; stays below 2²⁷, far from any overflow. */
  private static final class Extent {
    private long count = 1;
    private int dims;

    void times(long dim, Wire tensor) throws Refused {
      if (++dims > MAX_DIMS || dim < 0 || dim > MAX_BYTES || count * dim > MAX_BYTES) {
        throw tensor.bad("has a dimension " + dim + " too large or too many");
      }
      count *= dim;
    }
  }

  private static Port value(Wire value) throws Refused {
    String name = "";
    long type = 0;
    List<Long> dims = new ArrayList<>();
    for (int field = value.next(); field != 0; field = value.next()) {
      switch (field) {
        case 1 -> name = value.text();
        case 2 -> type = type(value.message(TYPE), dims);
        default -> value.skip();
      }
    }
    return new Port(name, type, dims);
  }

  /** Returns the element type. */
  private static long type(Wire type, List<Long> dims) throws Refused {
    long element = 0;
    for (int field = type.next(); field != 0; field = type.next()) {
      switch (field) {
        case 1 -> {
          Wire tensor = type.message(TENSOR_TYPE);
          for (int inner = tensor.next(); inner != 0; inner = tensor.next()) {
            switch (inner) {
              case 1 -> element = tensor.varint();
              case 2 -> shape(tensor.message(DIMS), dims);
              default -> tensor.skip();
            }
          }
        }
        case 6 -> type.skip();
        default -> throw type.bad("is no tensor");
      }
    }
    return element;
  }

  private static void shape(Wire shape, List<Long> dims) throws Refused {
    while (shape.next() != 0) {
      Wire dim = shape.message(DIM);
      long size = -1;
      for (int field = dim.next(); field != 0; field = dim.next()) {
        switch (field) {
          case 1 -> size = dim.varint();
          default -> dim.skip();
        }
      }
      if (dims.size() == MAX_DIMS || size < -1 || size > MAX_BYTES) {
        throw dim.bad("is too large or one too many");
      }
      dims.add(size);
    }
  }
}
