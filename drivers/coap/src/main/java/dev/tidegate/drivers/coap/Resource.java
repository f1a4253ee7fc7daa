package dev.tidegate.drivers.coap;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.drivers.coap.payload.Extract;
import dev.tidegate.drivers.coap.payload.Format;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.californium.core.coap.OptionSet;

/**
 * One resource of a device and the points that are read from it: one request, or one observation,
 * serves them all.
 *
 * @param path the path with its query as configured, for example {@code /air?room=2}
 * @param segments the path, decoded, for the Uri-Path options
 * @param queries the query, decoded, for the Uri-Query options
 * @param extracts what to take from its payload, at least one
 */
record Resource(String path, List<String> segments, List<String> queries, List<Extract> extracts) {
  Resource {
    segments = List.copyOf(segments);
    queries = List.copyOf(queries);
    extracts = List.copyOf(extracts);
  }

  /**
   * The distinct resources of a device, in the order of the file.
   *
   * @throws IllegalArgumentException when a point's path is none; {@link CoapDriver#check} has
   *     complained of it before
   */
  static List<Resource> of(DeviceConfig config) {
    Map<String, List<Extract>> byPath = new LinkedHashMap<>();
    for (DeviceConfig.Point point : config.points()) {
      byPath.computeIfAbsent(pathOf(point), _ -> new ArrayList<>()).add(extractOf(point));
    }
    List<Resource> resources = new ArrayList<>();
    byPath.forEach((path, extracts) -> resources.add(of(path, extracts)));
    return resources;
  }

  /** What {@code resource} says, or the point's own id where it says nothing. */
  static String pathOf(DeviceConfig.Point point) {
    return point.settings().has("resource")
        ? point.settings().text("resource")
        : "/" + point.id().point();
  }

  private static Extract extractOf(DeviceConfig.Point point) {
    return new Extract(
        point.id(),
        point.unit(),
        Format.ofWord(point.settings().text("format")),
        point.settings().has("pointer") ? point.settings().text("pointer") : "",
        point.settings().has("name") ? point.settings().text("name") : null);
  }

  /**
   * The resource at that path.
   *
   * @throws IllegalArgumentException when it is none; the message says what was expected
   */
  static Resource of(String path, List<Extract> extracts) {
    String expected = ": expected a path such as /air/temperature, with or without ?key=value";
    if (!path.startsWith("/") || path.startsWith("//")) {
      throw new IllegalArgumentException("'" + path + "' does not start with one slash" + expected);
    }
    URI uri;
    try {
      uri = new URI(path);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "'" + path + "' is no path (" + e.getReason() + ")" + expected, e);
    }
    if (uri.getRawFragment() != null) {
      throw new IllegalArgumentException("'" + path + "' has a fragment" + expected);
    }
    String rawPath = uri.getRawPath().substring(1);
    List<String> segments = rawPath.isEmpty() ? List.of() : parts(rawPath, "/");
    List<String> queries = uri.getRawQuery() == null ? List.of() : parts(uri.getRawQuery(), "&");
    Resource resource = new Resource(path, segments, queries, extracts);
    try {
      resource.address(new OptionSet()); // RFC 7252 section 5.10: 255 bytes each at most
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + path + "': " + e.getMessage(), e);
    }
    return resource;
  }

  /** Puts the path and the query into a request's options (RFC 7252 section 6.4). */
  void address(OptionSet options) {
    for (String segment : segments) {
      options.addUriPath(segment);
    }
    for (String query : queries) {
      options.addUriQuery(query);
    }
  }

  private static List<String> parts(String raw, String separator) {
    List<String> parts = new ArrayList<>();
    for (String part : raw.split(separator, -1)) {
      parts.add(URLDecoder.decode(part.replace("+", "%2B"), UTF_8));
    }
    return parts;
  }
}
