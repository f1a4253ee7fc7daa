/**
 * The {@code coap} driver: a CoAP client (RFC 7252) that polls resources or observes them (RFC
 * 7641), over UDP.
 *
 * <p>Imports driver-api, its own {@code payload} package and Californium. No Californium type shows
 * outside this package.
 */
@NullMarked
package dev.tidegate.drivers.coap;

import org.jspecify.annotations.NullMarked;
