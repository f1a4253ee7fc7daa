/**
 * What a CoAP payload says: text, JSON, CBOR and SenML (RFC 8428) in, readings and complaints out.
 *
 * <p>Pure functions of bytes and a clock. Imports driver-api and Jackson; knows nothing of CoAP
 * itself.
 */
@NullMarked
package dev.tidegate.drivers.coap.payload;

import org.jspecify.annotations.NullMarked;
