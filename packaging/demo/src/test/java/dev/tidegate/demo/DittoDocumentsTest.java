package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.reading.PointId;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.ditto.DittoBinding;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.ditto.base.model.headers.DittoHeaders;
import org.eclipse.ditto.connectivity.model.Connection;
import org.eclipse.ditto.connectivity.model.ConnectivityModelFactory;
import org.eclipse.ditto.connectivity.model.FilteredTopic;
import org.eclipse.ditto.connectivity.model.Source;
import org.eclipse.ditto.connectivity.model.Topic;
import org.eclipse.ditto.json.JsonFactory;
import org.eclipse.ditto.json.JsonObject;
import org.eclipse.ditto.placeholders.PlaceholderFactory;
import org.eclipse.ditto.policies.model.Permissions;
import org.eclipse.ditto.policies.model.PoliciesModelFactory;
import org.eclipse.ditto.policies.model.Policy;
import org.eclipse.ditto.protocol.placeholders.ResourcePlaceholder;
import org.eclipse.ditto.rql.parser.RqlPredicateParser;
import org.eclipse.ditto.rql.query.criteria.Criteria;
import org.eclipse.ditto.rql.query.filter.QueryFilterCriteriaFactory;
import org.eclipse.ditto.rql.query.things.ThingPredicateVisitor;
import org.eclipse.ditto.things.model.signals.events.ThingEvent;
import org.eclipse.ditto.things.model.signals.events.ThingEventToThingConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an operator pastes into Ditto, read by Ditto's own libraries. */
final class DittoDocumentsTest {
  private static JsonObject document(String name) throws Exception {
    return JsonFactory.newObject(
        Files.readString(Path.of("..", "..", "docs", "operating", "ditto", name)));
  }

  // Without it an operator would paste what Ditto refuses.
  @Test
  void theConnectionIsOne() throws Exception {
    Connection connection =
        ConnectivityModelFactory.connectionFromJson(document("connection.json"));
    Source source = connection.getSources().getFirst();
    assertEquals(Set.of("tg/default/+/up"), source.getAddresses());
    assertEquals(1, source.getConsumerCount(), "one consumer keeps the order");
    assertTrue(source.getReplyTarget().orElseThrow().getAddress().endsWith("/down"));
    Set<Topic> topics =
        new java.util.TreeSet<>(
            connection.getTargets().getFirst().getTopics().stream()
                .map(FilteredTopic::getTopic)
                .toList());
    assertEquals(Set.of(Topic.TWIN_EVENTS, Topic.LIVE_MESSAGES), topics);
  }

  // Without it gateways could write what the twin wants of them, or nothing at all.
  @Test
  void thePolicyLetsTheConnectionWriteFeatures() throws Exception {
    Policy policy = PoliciesModelFactory.newPolicy(document("policy.json"));
    assertEquals("org.example:gateways", policy.getEntityId().orElseThrow().toString());
    assertTrue(
        policy
            .getEffectedPermissionsFor(
                "gateways",
                org.eclipse.ditto.policies.model.SubjectId.newInstance("integration:tidegate"),
                PoliciesModelFactory.newResourceKey("thing:/"))
            .orElseThrow()
            .getGrantedPermissions()
            .contains(Permissions.newInstance("READ", "WRITE")));
  }

  private static final String WISH = "{\"desiredProperties\":{\"value\":5}}";
  private static final String THING =
      "{\"thingId\":\"org.example:g1:test\",\"features\":{\"valve\":" + WISH + "}}";

  /** Each way to say what a valve is to be, and what else happens to a thing. */
  static Stream<Arguments> events() {
    Map<String, String> wishes = new LinkedHashMap<>();
    wishes.put("/", THING);
    wishes.put("/features", "{\"valve\":" + WISH + "}");
    wishes.put("/features/valve", WISH);
    wishes.put("/features/valve/desiredProperties", "{\"value\":5}");
    wishes.put("/features/valve/desiredProperties/value", "5");
    Map<String, String> others = new LinkedHashMap<>();
    others.put("/attributes/room", "\"cellar\"");
    others.put("/features/valve/properties", "{\"value\":5}");
    others.put("/features/valve/properties/value", "5");
    others.put("/features/tidegate/properties/link/online", "true");
    return Stream.of("created", "modified", "merged")
        .flatMap(
            action ->
                Stream.concat(
                    wishes.entrySet().stream()
                        .map(e -> Arguments.of(action, e.getKey(), e.getValue(), true)),
                    others.entrySet().stream()
                        .map(e -> Arguments.of(action, e.getKey(), e.getValue(), false))));
  }

  // Without it a set-point that was merged with its feature, or with the whole thing, would make no
  // event, and would be noticed ten minutes later.
  @ParameterizedTest
  @MethodSource("events")
  void everyWayToSetADesiredPropertyReachesTheGateway(
      String action, String path, String value, boolean isWish) throws Exception {
    String json =
        """
        {"topic":"org.example/g1:test/things/twin/events/%s","path":"%s","value":%s,
         "headers":{"ditto-originator":"nginx:operator"},"revision":7}"""
            .formatted(action, path, value);
    ThingEvent<?> event = (ThingEvent<?>) DittoTwin.read(DittoSide.bytes(json));
    assertEquals(isWish, passes(event), "the connection's filter");
    boolean isCommand =
        gateway().read("down", DittoSide.bytes(DittoTwin.write(event)))
            instanceof Incoming.Commanded;
    assertEquals(isWish, isCommand, "the gateway");
  }

  /** What Ditto's connectivity does with an event and the filter of a target. */
  private static boolean passes(ThingEvent<?> event) throws Exception {
    String filter =
        ConnectivityModelFactory.connectionFromJson(document("connection.json"))
            .getTargets()
            .getFirst()
            .getTopics()
            .stream()
            .filter(topic -> topic.getTopic() == Topic.TWIN_EVENTS)
            .flatMap(topic -> topic.getFilter().stream())
            .findFirst()
            .orElseThrow();
    ResourcePlaceholder resource = ResourcePlaceholder.getInstance();
    Criteria criteria =
        QueryFilterCriteriaFactory.modelBased(RqlPredicateParser.getInstance(), resource)
            .filterCriteria(filter, DittoHeaders.empty());
    return ThingEventToThingConverter.thingEventToThing(event)
        .filter(
            ThingPredicateVisitor.apply(
                criteria, PlaceholderFactory.newPlaceholderResolver(resource, event)))
        .isPresent();
  }

  private static DittoBinding gateway() {
    return new DittoBinding(
        Topics.of(SyncConfig.to(URI.create("mqtt://127.0.0.1:1")), "g1"),
        new FarSide.Ditto("org.example", "org.example:gateways"),
        "g1",
        Set.of("test"),
        Set.of(new PointId("test/valve")),
        "00112233445566778899aabbccddeeff",
        "run");
  }
}
