/** What payloads say, good, malformed and hostile. */
@NullMarked
package dev.tidegate.drivers.coap.payload;

import org.jspecify.annotations.NullMarked;
