package dev.tidegate.sync;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.flow.Inbox;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbox;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.link.FileStamps;
import dev.tidegate.sync.link.LinkEvent;
import dev.tidegate.sync.link.Login;
import dev.tidegate.sync.link.Mailbox;
import dev.tidegate.sync.link.MqttLink;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.sync.link.ReasonCode;
import dev.tidegate.sync.plain.PlainBinding;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.Agent;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Empties the buffer to the cloud over MQTT 5: one connection after another, for ever.
 *
 * <pre>
 *           pause over            CONNACK               SUBACK
 *   Offline ──────────▶ Connecting ──────▶ Subscribing ────────▶ Online
 *      ▲                    │                  │                   │
 *      └────────────────────┴──────────────────┴───────────────────┘
 *        refused, no answer in time, connection lost, nothing heard for 1.5 keep-alives,
 *        no publish taken for ack-timeout: the connection is thrown away
 * </pre>
 *
 * <p>A frame leaves the buffer only when the application on the far side says that it stored it
 * (docs/spec/wire.md). The pause before a reconnect is a {@link Backoff}'s, which begins anew only
 * after a connection has held for a keep-alive.
 *
 * <p>Threads: everything but {@link #status()} and the buffer's commit listener belongs to the one
 * thread that steps.
 */
public final class Sync implements Agent {
  private static final int MAX_EVENTS_PER_STEP = 256;
  private static final int MAX_EARLY = 64;
  private static final long FAREWELL_NANOS = 2_000_000_000L;
  private static final long REBIRTH_NANOS = 1_000_000_000L;
  private static final long RENEWED_EVERY_NANOS = 60_000_000_000L;

  private final SyncConfig config;
  private final String gatewayId;
  private final Outbox outbox;
  private final Clock clock;
  private final Faults faults;
  private final Tally tally;
  private final Troubles troubles;
  private final Pace pace;
  private final Binding binding;
  private final Reception reception;
  private final Backoff backoff;
  private final LaneGate gate;
  private final Mailbox mailbox = new Mailbox();
  private final List<LinkEvent.Message> early = new ArrayList<>();
  private State state;
  private volatile Status status;
  private volatile boolean isToBeReborn;
  private int attempts;
  private long bornNanos;
  private FileStamps openedWith = new FileStamps(List.of());
  private long renewedLookNanos = Long.MIN_VALUE;
  private long probedNanos = Long.MIN_VALUE;

  /**
   * How the connection stands.
   *
   * @param online whether frames can be sent
   * @param sinceNanos since when, on the gateway's timeline
   * @param reason why not; empty while online
   * @param waitingFrames frames sent that the far side has not spoken about
   */
  public record Status(boolean online, long sinceNanos, String reason, int waitingFrames) {}

  private sealed interface State {
    /** Waits before the next attempt. */
    record Offline(long retryNanos) implements State {}

    /** Waits for CONNACK. */
    record Connecting(MqttLink link, long deadlineNanos) implements State {}

    /** Waits for SUBACK. */
    record Subscribing(LinkEvent.Up up, long deadlineNanos) implements State {}

    /** Sends and receives. */
    record Online(LinkEvent.Up up, Session session, long sinceNanos, boolean healthy)
        implements State {}
  }

  /**
   * Ready to connect at the first step, with the binding {@code plain}.
   *
   * @param gatewayId MQTT client id, and part of the topics
   * @param random spreads the pauses between attempts
   * @throws IllegalArgumentException when the configured topics cannot be published to
   */
  public Sync(
      SyncConfig config,
      String gatewayId,
      Outbox outbox,
      Inbox inbox,
      Clock clock,
      RandomGenerator random,
      Counters counters,
      Faults faults) {
    this(
        config,
        gatewayId,
        new PlainBinding(Topics.of(config, gatewayId), gatewayId, outbox.epoch()),
        outbox,
        inbox,
        clock,
        random,
        counters,
        faults);
  }

  /**
   * Ready to connect at the first step.
   *
   * @param gatewayId MQTT client id
   * @param binding in which words the far side is spoken to; the sync thread's from now on
   * @param random spreads the pauses between attempts
   */
  public Sync(
      SyncConfig config,
      String gatewayId,
      Binding binding,
      Outbox outbox,
      Inbox inbox,
      Clock clock,
      RandomGenerator random,
      Counters counters,
      Faults faults) {
    this.config = config;
    this.gatewayId = gatewayId;
    this.outbox = outbox;
    this.clock = clock;
    this.pace = new Pace(config.backlogBytesPerSecond());
    this.faults = faults;
    this.tally = new Tally(counters);
    this.troubles = new Troubles(faults);
    this.binding = binding;
    this.reception = new Reception(binding, inbox, mailbox, tally, troubles, gatewayId);
    this.backoff =
        new Backoff(
            config.reconnectMinNanos(),
            config.reconnectMaxNanos(),
            gatewayId,
            config.reconnectSpreadNanos(),
            random);
    long now = clock.monotonicNanos();
    this.gate = new LaneGate(config.limits().bytesPerDay(), now);
    this.bornNanos = now - REBIRTH_NANOS;
    this.state = new State.Offline(now);
    this.status = new Status(false, now, "not connected yet", 0);
    outbox.onCommit(mailbox::committed);
    binding.onNext(mailbox::committed);
  }

  @Override
  public String name() {
    return "sync";
  }

  /** How the connection stands; for any thread. */
  public Status status() {
    return status;
  }

  /**
   * Keeps what a lane stores back until then; a time that is past ends that. For any thread. A
   * restart ends it too.
   *
   * @param untilNanos on the gateway's timeline
   * @throws IllegalArgumentException for alarms, and for events, in which answers travel
   */
  public void pause(Lane lane, long untilNanos) {
    if (lane == Lane.ALARMS || lane == Lane.EVENTS) {
      throw new IllegalArgumentException("the lane " + lane.word() + " is never paused");
    }
    gate.pause(lane, untilNanos);
    mailbox.committed();
  }

  /** Until when the lane is paused; a time that is past for not. For any thread. */
  public long pausedUntilNanos(Lane lane) {
    return gate.pausedUntilNanos(lane);
  }

  /** Has the gateway's state told anew, as after a connect. For any thread. */
  public void rebirth() {
    isToBeReborn = true;
    mailbox.committed();
  }

  @Override
  public int step(long maxWaitNanos) throws InterruptedException {
    int done = drain() + act();
    if (done == 0 && maxWaitNanos > 0) {
      long untilDue = wakeNanos() - clock.monotonicNanos();
      LinkEvent event = mailbox.poll(Math.clamp(untilDue, 0, maxWaitNanos));
      if (event != null) {
        handle(event);
        done++;
      }
      done += act();
    }
    return done;
  }

  private int drain() throws InterruptedException {
    int count = 0;
    while (count < MAX_EVENTS_PER_STEP) {
      LinkEvent event = mailbox.poll(0);
      if (event == null) {
        break;
      }
      handle(event);
      count++;
    }
    return count;
  }

  private @Nullable MqttLink link() {
    return switch (state) {
      case State.Offline o -> null;
      case State.Connecting c -> c.link();
      case State.Subscribing s -> s.up().link();
      case State.Online o -> o.up().link();
    };
  }

  private void handle(LinkEvent event) {
    if (!event.link().equals(link())) {
      return; // of a connection that was thrown away
    }
    long now = clock.monotonicNanos();
    switch (event) {
      case LinkEvent.Up up -> up(up, now);
      case LinkEvent.Subscribed subscribed -> subscribed(subscribed.reasonCode(), now);
      case LinkEvent.PubAck ack -> {
        if (state instanceof State.Online online) {
          online.session().pubAck(ack.id(), ack.reasonCode(), now);
        }
      }
      case LinkEvent.Message message -> {
        Trace.in(message);
        if (state instanceof State.Online online) {
          received(online.session(), message, now);
        } else if (state instanceof State.Subscribing && early.size() < MAX_EARLY) {
          early.add(message); // a server may send before it answers the subscription (3.8.4)
        } else {
          message.link().acknowledge(message.receipt());
        }
      }
      case LinkEvent.Stored stored -> stored.link().acknowledge(stored.receipt());
      case LinkEvent.Lost lost -> drop(lost.reason(), now);
    }
  }

  private void up(LinkEvent.Up up, long now) {
    if (!(state instanceof State.Connecting)) {
      return;
    }
    if (up.maximumQos() < 1) {
      drop("the broker takes QoS 0 only, and frames need QoS 1", now);
      return;
    }
    Trace.link("accepted by", address(), "");
    state = new State.Subscribing(up, now + config.ackTimeoutNanos());
    up.link().subscribe(binding.subscriptions());
  }

  private void subscribed(int reasonCode, long now) {
    if (!(state instanceof State.Subscribing subscribing)) {
      return;
    }
    if (reasonCode >= ReasonCode.FAILURE) {
      drop(
          "the broker refuses the subscription to "
              + binding.subscriptions()
              + ": "
              + ReasonCode.name(reasonCode),
          now);
      return;
    }
    LinkEvent.Up up = subscribing.up();
    Trace.link(
        "subscribed at", address(), binding.isReady() ? "" : "waits for " + binding.waitsFor());
    tally.connects.increment();
    state = new State.Online(up, session(up, now), now, false);
    if (binding.isReady()) {
      begin(now);
    } else {
      String why = "connected, and waits for the far side: " + binding.waitsFor();
      status = new Status(false, status.online() ? now : status.sinceNanos(), why, 0);
      faults.raise("sync", "far-side-away", why + "; records are kept: check that it runs");
    }
    faults.clear("sync", "disconnected");
    List<LinkEvent.Message> before = List.copyOf(early);
    early.clear();
    before.forEach(this::handle);
  }

  private Session session(LinkEvent.Up up, long now) {
    long implied = binding.impliedNanos((int) Math.max(1, keepAliveNanos(up) / 1_000_000_000L));
    return new Session(config, up, binding, outbox, tally, troubles, pace, gate, implied, now);
  }

  /** Frames may go from now on: what was stored until now is the backlog. */
  private void begin(long now) {
    if (state instanceof State.Online online) {
      Session session = session(online.up(), now);
      session.tell(binding.births());
      Trace.link("online at", address(), "");
      status = new Status(true, now, "", 0);
      faults.clear("sync", "far-side-away");
      state = new State.Online(online.up(), session, online.sinceNanos(), online.healthy());
    }
  }

  private void received(Session session, LinkEvent.Message message, long now) {
    Reception.Then then = reception.take(session, message, now);
    if (then instanceof Reception.Then.Wait) {
      return;
    }
    message.link().acknowledge(message.receipt());
    switch (then) {
      case Reception.Then.TellAnew t -> isToBeReborn = true;
      case Reception.Then.Begin b -> begin(now);
      case Reception.Then.Leave leave -> {
        message.link().close(leave(session));
        drop(leave.reason(), clock.monotonicNanos());
      }
      case Reception.Then.Confirm c -> {}
      case Reception.Then.Wait w -> {}
    }
  }

  /** Does what time and the buffer ask for. */
  private int act() {
    long now = clock.monotonicNanos();
    troubles.tick(now);
    return switch (state) {
      case State.Offline offline -> now >= offline.retryNanos() ? open(now) : 0;
      case State.Connecting c ->
          now >= c.deadlineNanos() ? drop("the broker did not answer the connect", now) : 0;
      case State.Subscribing s ->
          now >= s.deadlineNanos() ? drop("the broker did not answer the subscription", now) : 0;
      case State.Online online -> actOnline(online, now);
    };
  }

  private int actOnline(State.Online online, long now) {
    if (now >= silenceNanos(online)) {
      return drop("nothing was heard from the broker for 1.5 keep-alives", now);
    }
    if (!binding.isReady()
        && config.brokers().size() > 1
        && now >= online.sinceNanos() + config.ackTimeoutNanos()) {
      online.up().link().close(MqttLink.Parting.WITHOUT_WILL);
      return drop(binding.waitsFor() + " is not there; the next broker is tried", now);
    }
    if (online.session().stalled(now)) {
      return drop("the broker took nothing for ack-timeout although it was sent to", now);
    }
    if (!online.healthy() && now >= healthyNanos(online)) {
      backoff.held();
      state = new State.Online(online.up(), online.session(), online.sinceNanos(), true);
    }
    if (isToBeReborn && binding.isReady() && now >= bornNanos + REBIRTH_NANOS) {
      isToBeReborn = false;
      bornNanos = now;
      binding.tellAll();
      online.session().tell(binding.births());
    }
    if (now >= renewedLookNanos) {
      renewedLookNanos = now + RENEWED_EVERY_NANOS;
      if (openedWith.isReplacedBy(FileStamps.of(config))) {
        online.up().link().close(leave(online.session()));
        return drop("its credentials were renewed", clock.monotonicNanos());
      }
    }
    if (now >= probeNanos(online)) {
      probedNanos = now;
      online.up().link().probe();
    }
    if (binding.isReady()) {
      for (Outgoing said = next(online, now); said != null; said = next(online, now)) {
        online.session().say(said, now);
      }
    }
    int sent = online.session().send(now);
    int waiting = online.session().waitingFrames();
    if (status.online() && waiting != status.waitingFrames()) {
      status = new Status(true, status.sinceNanos(), "", waiting);
    }
    return sent;
  }

  /** Ours where the server has turned it off (3.1.2.10): then nobody but our probe asks it. */
  private long keepAliveNanos(LinkEvent.Up up) {
    return up.keepAliveSeconds() == 0
        ? config.keepAliveNanos()
        : up.keepAliveSeconds() * 1_000_000_000L;
  }

  private long silenceNanos(State.Online online) {
    long keepAliveNanos = keepAliveNanos(online.up());
    return online.up().link().pulse().inboundNanos() + keepAliveNanos * 3 / 2;
  }

  private @Nullable Outgoing next(State.Online online, long now) {
    return online.session().hasRoom() ? binding.next(now) : null;
  }

  /** When the server is asked for a sign of life: a little after Paho asks it by itself. */
  private long probeNanos(State.Online online) {
    long keepAliveNanos = keepAliveNanos(online.up());
    long heardNanos = online.up().link().pulse().inboundNanos();
    return probedNanos > heardNanos ? Long.MAX_VALUE : heardNanos + keepAliveNanos * 11 / 10;
  }

  private long healthyNanos(State.Online online) {
    return online.sinceNanos() + config.keepAliveNanos();
  }

  /** When time alone gives something to do. */
  private long wakeNanos() {
    return switch (state) {
      case State.Offline offline -> offline.retryNanos();
      case State.Connecting c -> c.deadlineNanos();
      case State.Subscribing s -> s.deadlineNanos();
      case State.Online online -> {
        long wake = online.session().wakeNanos(clock.monotonicNanos());
        wake = Math.min(wake, Math.min(silenceNanos(online), probeNanos(online)));
        wake = Math.min(wake, Math.min(renewedLookNanos, binding.dueNanos()));
        boolean isWalking = !binding.isReady() && config.brokers().size() > 1;
        wake = isWalking ? Math.min(wake, online.sinceNanos() + config.ackTimeoutNanos()) : wake;
        wake = isToBeReborn ? Math.min(wake, bornNanos + REBIRTH_NANOS) : wake;
        yield online.healthy() ? wake : Math.min(wake, healthyNanos(online));
      }
    };
  }

  private int open(long now) {
    Login login;
    early.clear();
    binding.begin();
    openedWith = FileStamps.of(config);
    renewedLookNanos = now + RENEWED_EVERY_NANOS;
    try {
      login = Login.of(config, broker(), gatewayId, binding.will());
    } catch (IOException e) {
      return drop(String.valueOf(e.getMessage()), now);
    }
    MqttLink link = MqttLink.of(login, mailbox, clock, tally.meters());
    Trace.link("connects to", address(), "");
    state = new State.Connecting(link, now + config.ackTimeoutNanos());
    link.connect();
    return 1;
  }

  /** Throws the connection away, whatever it was about, and plans the next; counts as work. */
  private int drop(String reason, long now) {
    MqttLink link = link();
    if (state instanceof State.Online) {
      tally.connectionsLost.increment();
    } else {
      tally.connectFailures.increment();
    }
    if (ReasonCode.isBusy(reason)) {
      backoff.busy();
    }
    if (link != null) {
      link.close(MqttLink.Parting.CUT);
    }
    Trace.link("offline, not connected to", address(), reason);
    faults.raise(
        "sync",
        "disconnected",
        "not connected to "
            + address()
            + ": "
            + reason
            + "; records are kept, and connecting is tried again without end: check the broker,"
            + " the network and sync.broker");
    if (status.online() || !status.reason().equals(reason)) {
      status = new Status(false, status.online() ? now : status.sinceNanos(), reason, 0);
    }
    attempts++;
    state = new State.Offline(now + backoff.nextNanos());
    return 1;
  }

  /** The broker whose turn it is. */
  private URI broker() {
    List<URI> brokers = config.brokers();
    return brokers.get(attempts % brokers.size());
  }

  /** The broker without what else the URI may carry. */
  private String address() {
    URI broker = broker();
    return broker.getScheme() + "://" + broker.getAuthority().replaceFirst("^.*@", "");
  }

  /**
   * Says goodbye where there is a connection: publishes the state, waits for the server to take it,
   * disconnects; two seconds in all. Where the server does not take it, the connection ends without
   * a DISCONNECT, so that the server publishes the will, which says the same (MQTT 5, 3.1.2.5).
   * What is not acknowledged by then stays in the buffer.
   */
  @Override
  public void close() {
    MqttLink link = link();
    MqttLink.Parting parting =
        state instanceof State.Online online ? leave(online.session()) : MqttLink.Parting.CUT;
    if (link != null) {
      link.close(parting);
    }
    state = new State.Offline(Long.MAX_VALUE);
    status = new Status(false, clock.monotonicNanos(), "closed", 0);
  }

  /** Where nothing was said yet, nothing is said; returns how to leave. */
  private MqttLink.Parting leave(Session session) {
    return binding.isReady() || status.online() ? farewell(session) : MqttLink.Parting.WITHOUT_WILL;
  }

  /** Says farewell; returns how to leave: without a word where the server did not take it. */
  private MqttLink.Parting farewell(Session session) {
    long deadlineNanos = clock.monotonicNanos() + FAREWELL_NANOS;
    long id = 0;
    try {
      while (true) {
        long now = clock.monotonicNanos();
        if (id == 0 && session.hasRoom()) {
          id = session.say(binding.farewell(), now);
        }
        LinkEvent event = now < deadlineNanos ? mailbox.pollEvent(deadlineNanos - now) : null;
        if (event == null || (event instanceof LinkEvent.Lost && event.link().equals(link()))) {
          return MqttLink.Parting.CUT; // at a stop the end of the connection is no fault
        }
        handle(event);
        if (id != 0 && !session.isInWindow(id)) {
          return binding.leavesWithWill()
              ? MqttLink.Parting.WITH_WILL
              : MqttLink.Parting.WITHOUT_WILL;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever asked this thread to end still finds it asked
      return MqttLink.Parting.CUT;
    }
  }
}
