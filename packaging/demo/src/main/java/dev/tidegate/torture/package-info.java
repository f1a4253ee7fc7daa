/**
 * {@code tidegate torture}: a gateway process under faults, between witnesses outside its crash
 * domain. Nothing of it is installed with a gateway.
 *
 * <p>May import {@code demo}, and what that may.
 */
@NullMarked
package dev.tidegate.torture;

import org.jspecify.annotations.NullMarked;
