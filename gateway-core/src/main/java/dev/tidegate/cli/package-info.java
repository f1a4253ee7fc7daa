/**
 * The command line. The only package that sees the command-line library; may import everything
 * below.
 */
@NullMarked
package dev.tidegate.cli;

import org.jspecify.annotations.NullMarked;
