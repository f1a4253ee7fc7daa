package dev.tidegate.sync.sparkplug;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.Value;
import dev.tidegate.sync.binding.DownMessages;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Incoming.Ack;
import dev.tidegate.sync.sparkplug.Catalog.Metric;
import java.nio.BufferUnderflowException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads NCMD and DCMD. A metric may be named by its alias, as the standard asks, or by its name, as
 * many hosts do. Owned by the sync thread.
 */
final class Orders {
  private static final int MAX_METRICS = 256;
  private static final int MAX_SENT = 8_192;
  private static final long MILLI_NANOS = 1_000_000;

  private final Catalog catalog;
  private final Set<String> writable;
  private final String epoch;

  /** The first numbers of frames on their way, by their last ones. */
  private final Map<Lane, Map<Long, Long>> sent = new EnumMap<>(Lane.class);

  /**
   * One metric of a command.
   *
   * @param value null for none, or for one that nobody may write
   * @param members of an instance of a template
   */
  private record Order(
      String name, long alias, @Nullable Value value, boolean isNull, List<Order> members) {}

  /**
   * @param writable names of the points that may be written
   */
  Orders(Catalog catalog, Set<String> writable, String epoch) {
    this.catalog = catalog;
    this.writable = writable;
    this.epoch = epoch;
  }

  /** A new connection: nothing is on its way. */
  void begin() {
    sent.clear();
  }

  /** A frame goes out: the host names it by its last number. */
  void sent(Lane lane, long first, long last) {
    Map<Long, Long> frames = sent.computeIfAbsent(lane, l -> new TreeMap<>());
    frames.put(last, first);
    if (frames.size() > MAX_SENT) {
      frames.remove(frames.keySet().iterator().next());
    }
  }

  /**
   * What the command asks for.
   *
   * @param device its device; "" for the node
   */
  Incoming read(String device, byte[] payload) {
    List<Order> orders = new ArrayList<>();
    long millis = 0;
    try {
      ProtoReader in = new ProtoReader(payload);
      for (int field = in.next(); field != 0; field = in.next()) {
        switch (field) {
          case 1 -> millis = in.number();
          case 2 -> orders.add(order(in.message(), true));
          default -> in.skip();
        }
        if (orders.stream().mapToInt(o -> 1 + o.members.size()).sum() > MAX_METRICS) {
          return new Incoming.Unreadable();
        }
      }
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return new Incoming.Unreadable();
    }
    if (device.isEmpty()) {
      return node(orders);
    }
    return millis > 0 && millis < Long.MAX_VALUE / MILLI_NANOS
        ? device(device, orders, millis)
        : new Incoming.Unreadable(
            "a DCMD needs the payload's timestamp: without it, nobody could tell it from the one"
                + " before");
  }

  private static Order order(ProtoReader in, boolean mayHaveMembers) {
    String name = "";
    long alias = -1;
    Value value = null;
    boolean isNull = false;
    List<Order> members = List.of();
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> name = in.text();
        case 2 -> alias = in.number();
        case 7 -> isNull = in.number() != 0;
        case 10 -> value = Value.of((double) (int) in.number());
        case 11 -> value = Value.of((double) in.number());
        case 12, 13 -> value = Value.of(in.real());
        case 14 -> value = Value.of(in.number() != 0);
        case 15 -> value = text(in.text());
        case 18 -> {
          if (!mayHaveMembers) {
            throw new IllegalArgumentException("a template in a template");
          }
          members = members(in.message());
        }
        default -> in.skip();
      }
    }
    return new Order(name, alias, value, isNull, members);
  }

  private static List<Order> members(ProtoReader in) {
    List<Order> members = new ArrayList<>();
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 2) {
        members.add(order(in.message(), false));
      } else {
        in.skip();
      }
      if (members.size() > MAX_METRICS) {
        throw new IllegalArgumentException("too many members");
      }
    }
    return members;
  }

  private static @Nullable Value text(String text) {
    return text.length() <= 1_024 ? Value.of(text) : null;
  }

  /** A command to the node: told anew, a request, or what the host has stored; one of these. */
  private Incoming node(List<Order> orders) {
    List<Ack> acks = new ArrayList<>();
    List<Command> requests = new ArrayList<>();
    boolean reborn = false;
    for (Order order : orders) {
      Metric metric = catalog.find("", order.name, order.alias);
      Value value = order.value;
      if (metric == null || value == null) {
        return new Incoming.Unreadable();
      }
      String name = metric.key.name();
      if (name.equals(Catalog.REBIRTH)) {
        reborn |= value.asDouble() == 1;
      } else if (name.startsWith(Catalog.ACKED) && value.asDouble() >= 1) {
        Lane lane = Lane.of(name.substring(Catalog.ACKED.length()));
        long last = (long) value.asDouble();
        long first = sent.getOrDefault(lane, Map.of()).getOrDefault(last, last);
        acks.add(new Ack(lane, first, last, 200, ""));
      } else if (name.equals(Catalog.REQUEST) && value instanceof Value.Text text) {
        switch (DownMessages.read(text.value().getBytes(StandardCharsets.UTF_8))) {
          case Incoming.Commanded commanded -> requests.addAll(commanded.commands());
          case Incoming.Unreadable unreadable -> {
            return unreadable;
          }
          default -> {
            return new Incoming.Unreadable();
          }
        }
      } else {
        return new Incoming.Unreadable();
      }
    }
    if (!requests.isEmpty()) {
      return reborn || !acks.isEmpty()
          ? new Incoming.Unreadable()
          : new Incoming.Commanded(requests);
    }
    if (reborn) {
      return new Incoming.Reborn();
    }
    return acks.isEmpty() ? new Incoming.Nothing() : new Incoming.Acks(epoch, acks);
  }

  /** A command to a device: what is to be written, all of it or nothing. */
  private Incoming device(String device, List<Order> orders, long millis) {
    List<Command> commands = new ArrayList<>();
    for (Order order : orders) {
      Metric metric = catalog.find(device, order.name, order.alias);
      if (metric == null) { // what must not leave has no metric, and may be written by its name
        String name = device + "/" + order.name;
        if (order.value == null
            || !writable.contains(name)
            || catalog.point(device, order.name) != null) {
          return new Incoming.Unreadable();
        }
        commands.add(write(name, order.value, millis, commands.size()));
        continue;
      }
      List<Order> told = order.members.isEmpty() ? List.of(order) : order.members;
      for (Order each : told) {
        Metric point = order.members.isEmpty() ? metric : metric.member(each.name);
        if (point != null && each.isNull && !order.members.isEmpty()) {
          continue; // a member that is not told
        }
        Value value = each.value;
        String name = point == null ? "" : device + "/" + point.key.name();
        if (value == null || !writable.contains(name)) {
          return new Incoming.Unreadable();
        }
        commands.add(write(name, value, millis, commands.size()));
      }
    }
    return commands.isEmpty() ? new Incoming.Nothing() : new Incoming.Commanded(commands);
  }

  private static Command write(String point, Value value, long millis, int index) {
    return new Command(
        "dcmd/" + point + "/" + millis + "/" + index,
        Command.Action.WRITE,
        point,
        value,
        "",
        Command.Origin.TWIN,
        millis * MILLI_NANOS,
        Command.NOT_SAID);
  }
}
