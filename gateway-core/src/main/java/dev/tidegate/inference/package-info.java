/**
 * Features to decision in bounded time; the only package that sees ONNX.
 *
 * <p>May import {@code flow}, {@code config}, {@code health}, {@code timekeeping} and {@code
 * driver-api}. No type of ONNX Runtime shows in a public signature.
 */
@NullMarked
package dev.tidegate.inference;

import org.jspecify.annotations.NullMarked;
