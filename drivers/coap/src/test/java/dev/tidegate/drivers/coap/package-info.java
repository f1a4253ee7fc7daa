/** The {@code coap} driver against real CoAP servers, scripted peers and hostile ones. */
@NullMarked
package dev.tidegate.drivers.coap;

import org.jspecify.annotations.NullMarked;
