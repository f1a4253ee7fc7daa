package dev.tidegate.sync.ditto;

import dev.tidegate.config.SyncConfig.FarSide;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is called how: a thing for the gateway and one for each device. Names of gateways and
 * devices hold no colon, so that they cannot be taken for each other. Immutable.
 *
 * @param namespace of all things
 * @param policy of new things
 * @param gateway the gateway's id
 * @param devices the devices' ids
 */
record Things(String namespace, String policy, String gateway, Set<String> devices) {
  Things(FarSide.Ditto config, String gateway, Set<String> devices) {
    this(config.namespace(), config.policy(), gateway, Set.copyOf(devices));
  }

  /** The name of the thing of a device, or with null of the gateway's own. */
  String name(@Nullable String device) {
    return device == null ? gateway : gateway + ":" + device;
  }

  String id(String name) {
    return namespace + ":" + name;
  }

  /** The device whose thing that is; "" for the gateway's own, null for none of ours. */
  @Nullable String device(String thingNamespace, String name) {
    if (!thingNamespace.equals(namespace)) {
      return null;
    }
    if (name.equals(gateway)) {
      return "";
    }
    String prefix = gateway + ":";
    String device = name.startsWith(prefix) ? name.substring(prefix.length()) : null;
    return device != null && devices.contains(device) ? device : null;
  }

  /** The device that a subject of an event or a command is about; null for the gateway itself. */
  @Nullable String deviceOf(String subject) {
    int slash = subject.indexOf('/');
    String device = slash < 0 ? subject : subject.substring(0, slash);
    return devices.contains(device) ? device : null;
  }
}
