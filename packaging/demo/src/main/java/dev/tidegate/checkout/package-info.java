/** The command line of a checkout: what is installed, and what shows it at work. */
@NullMarked
package dev.tidegate.checkout;

import org.jspecify.annotations.NullMarked;
