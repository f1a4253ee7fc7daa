/**
 * What the demo brings beside the gateway: a broker and a cloud side. Nothing of it is installed
 * with a gateway.
 *
 * <p>May import anything of the project; the only package that sees the broker's library.
 */
@NullMarked
package dev.tidegate.demo;

import org.jspecify.annotations.NullMarked;
