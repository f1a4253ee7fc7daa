package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.eclipse.ditto.connectivity.model.Connection;
import org.eclipse.ditto.connectivity.model.ConnectivityModelFactory;
import org.eclipse.ditto.connectivity.model.FilteredTopic;
import org.eclipse.ditto.connectivity.model.Source;
import org.eclipse.ditto.connectivity.model.Topic;
import org.eclipse.ditto.json.JsonFactory;
import org.eclipse.ditto.json.JsonObject;
import org.eclipse.ditto.policies.model.Permissions;
import org.eclipse.ditto.policies.model.PoliciesModelFactory;
import org.eclipse.ditto.policies.model.Policy;
import org.junit.jupiter.api.Test;

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
}
