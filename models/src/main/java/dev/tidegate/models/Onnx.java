package dev.tidegate.models;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a model as ONNX: one graph over 32-bit floats, operators of the default domain, every
 * initializer inside the file. The same calls give the same bytes.
 *
 * <p>Field numbers are those of {@code onnx/onnx.proto}, IR version 8 (ONNX 1.12, operator set 17).
 *
 * <pre>{@code
 * ModelProto  1 ir_version  2 producer_name  3 producer_version  7 graph  8 opset_import
 *             +- GraphProto 1 node  2 name  5 initializer  11 input  12 output
 *                +- NodeProto      1 input  2 output  3 name  4 op_type  5 attribute
 *                |  +- AttributeProto  1 name  2 f  3 i  20 type
 *                +- TensorProto    1 dims  2 data_type  8 name  9 raw_data
 *                +- ValueInfoProto 1 name  2 type
 *                   +- TypeProto 1 tensor_type { 1 elem_type  2 shape { 1 dim { 1 dim_value } } }
 * }</pre>
 *
 * <p>Owned by one thread.
 */
public final class Onnx {
  public static final int IR_VERSION = 8;
  public static final int OPSET = 17;

  private static final int FLOAT = 1;
  private static final int ATTRIBUTE_FLOAT = 1;
  private static final int ATTRIBUTE_INT = 2;

  private final String name;
  private final Proto graph = new Proto();
  private final Set<String> known = new LinkedHashSet<>();
  private int nodes;

  /**
   * @param name the graph's name
   */
  public Onnx(String name) {
    this.name = name;
    graph.text(2, name);
  }

  /** An input of the graph: 32-bit floats of that shape. */
  public Onnx input(String input, long... shape) {
    known.add(input);
    graph.message(11, floats(input, shape));
    return this;
  }

  /** An output of the graph: 32-bit floats of that shape. */
  public Onnx output(String output, long... shape) {
    graph.message(12, floats(output, shape));
    return this;
  }

  /**
   * Constants inside the file.
   *
   * @param values row by row
   * @param shape no dimensions for a single number
   */
  public Onnx constant(String constant, float[] values, long... shape) {
    long count = 1;
    Proto tensor = new Proto();
    for (long dim : shape) {
      tensor.varint(1, dim);
      count *= dim;
    }
    if (count != values.length) {
      throw new IllegalArgumentException(
          constant + ": " + values.length + " values for a shape of " + count);
    }
    known.add(constant);
    tensor.varint(2, FLOAT).text(8, constant).bytes(9, Proto.rawFloats(values));
    graph.message(5, tensor);
    return this;
  }

  /**
   * One operator of the default domain.
   *
   * @param operator {@code op_type}, for example {@code Gemm}
   * @param inputs names that are there already
   * @param output the name of its single result
   * @param attributes from {@link #attribute}
   */
  public Onnx node(String operator, List<String> inputs, String output, Proto... attributes) {
    Proto node = new Proto();
    for (String input : inputs) {
      if (!known.contains(input)) {
        throw new IllegalArgumentException(operator + " reads '" + input + "', which nothing made");
      }
      node.text(1, input);
    }
    node.text(2, output).text(3, output + "." + nodes++).text(4, operator);
    for (Proto attribute : attributes) {
      node.message(5, attribute);
    }
    known.add(output);
    graph.message(1, node);
    return this;
  }

  /** An attribute of an operator with a whole number. */
  public static Proto attribute(String attribute, long value) {
    return new Proto().text(1, attribute).varint(3, value).varint(20, ATTRIBUTE_INT);
  }

  /** An attribute of an operator with a float. */
  public static Proto attribute(String attribute, float value) {
    return new Proto().text(1, attribute).fixed32(2, value).varint(20, ATTRIBUTE_FLOAT);
  }

  /** The finished file. */
  public byte[] toBytes() {
    return model(graph, IR_VERSION, OPSET).toBytes();
  }

  /** The message around a graph, for a graph that this class would not write. */
  public static Proto model(Proto graph, int irVersion, int opset) {
    return new Proto()
        .varint(1, irVersion)
        .text(2, "tidegate")
        .message(7, graph)
        .message(8, new Proto().text(1, "").varint(2, opset));
  }

  private static Proto floats(String value, long... shape) {
    Proto dims = new Proto();
    for (long dim : shape) {
      dims.message(1, new Proto().varint(1, dim));
    }
    Proto tensor = new Proto().varint(1, FLOAT).message(2, dims);
    return new Proto().text(1, value).message(2, new Proto().message(1, tensor));
  }

  @Override
  public String toString() {
    return name + " with " + nodes + " operators";
  }
}
