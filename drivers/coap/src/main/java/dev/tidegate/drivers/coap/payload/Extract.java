package dev.tidegate.drivers.coap.payload;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a payload is one point's value.
 *
 * @param point the point
 * @param unit the unit that the point's readings are in; null: as they come
 * @param format how the payload is written; null: as its Content-Format says
 * @param pointer where the value stands in JSON or CBOR, RFC 6901; empty: the payload is the value
 * @param name the SenML record's name, with or without its base name; null: the only one
 */
public record Extract(
    PointId point,
    @Nullable Unit unit,
    @Nullable Format format,
    String pointer,
    @Nullable String name) {}
