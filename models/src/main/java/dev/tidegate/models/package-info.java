/**
 * Builds model bundles reproducibly from our own plant simulator: trainer, ONNX writer, manifest,
 * golden vectors, model card. The same seed gives the same bytes on every machine: {@code
 * StrictMath}, an own generator, one thread.
 *
 * <p>May import {@code driver-api} and the simulator's plant. Nothing here runs on a gateway; a
 * gateway reads the finished bundles from the class path.
 */
@NullMarked
package dev.tidegate.models;

import org.jspecify.annotations.NullMarked;
