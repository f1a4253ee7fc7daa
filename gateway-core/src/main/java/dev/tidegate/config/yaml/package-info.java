/**
 * A YAML file as a tree of nodes that know their line and column, and everything that is wrong with
 * it, with a suggestion. The only package that sees the YAML library.
 *
 * <p>Imports the YAML library alone. Knows nothing of gateways: which keys there are and what they
 * mean is {@code config.decode}'s.
 */
@NullMarked
package dev.tidegate.config.yaml;

import org.jspecify.annotations.NullMarked;
