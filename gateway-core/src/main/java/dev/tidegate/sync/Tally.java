package dev.tidegate.sync;

import dev.tidegate.health.Counters;
import dev.tidegate.sync.link.MqttLink;
import java.util.concurrent.atomic.LongAdder;

/** The counters of this package, under the names that operators see. */
final class Tally {
  /** Connections that came up. */
  final LongAdder connects;

  /** Attempts that came to nothing. */
  final LongAdder connectFailures;

  /** Connections that came up and were lost or thrown away. */
  final LongAdder connectionsLost;

  /** Frames handed to the link, and their bytes; resends included. */
  final LongAdder published;

  final LongAdder publishedBytes;
  final LongAdder resent;

  /** Publishes that the server acknowledged, that it refused, and that nobody was subscribed to. */
  final LongAdder pubAcks;

  final LongAdder pubAcksRefused;
  final LongAdder noSubscriber;

  /** What the far side said that it stored, refused for good, or wants again later. */
  final LongAdder ackedFrames;

  final LongAdder ackedRecords;
  final LongAdder rejectedRecords;
  final LongAdder putOff;

  /** Frames sent again for want of the far side's answer. */
  final LongAdder ackTimeouts;

  /** Acknowledgements of nothing that is waiting, and of another database. */
  final LongAdder acksUnmatched;

  final LongAdder acksForeign;

  /** Messages of the far side, those without effect, and those there was no room for. */
  final LongAdder downMessages;

  /** Commands that came, repetitions included. */
  final LongAdder commands;

  final LongAdder downUnreadable;
  final LongAdder downDropped;

  /** Bytes on the link, above TLS. */
  final LongAdder linkBytesIn;

  final LongAdder linkBytesOut;

  /** Times that a frame was passed over because the server takes no packet that large. */
  final LongAdder held;

  Tally(Counters counters) {
    connects = counters.of("sync.connects");
    connectFailures = counters.of("sync.connect-failures");
    connectionsLost = counters.of("sync.connections-lost");
    published = counters.of("sync.published");
    publishedBytes = counters.of("sync.published-bytes");
    resent = counters.of("sync.resent");
    pubAcks = counters.of("sync.pubacks");
    pubAcksRefused = counters.of("sync.pubacks-refused");
    noSubscriber = counters.of("sync.no-subscriber");
    ackedFrames = counters.of("sync.acked-frames");
    ackedRecords = counters.of("sync.acked-records");
    rejectedRecords = counters.of("sync.rejected-records");
    putOff = counters.of("sync.put-off");
    ackTimeouts = counters.of("sync.ack-timeouts");
    acksUnmatched = counters.of("sync.acks-unmatched");
    acksForeign = counters.of("sync.acks-foreign");
    downMessages = counters.of("sync.down-messages");
    commands = counters.of("sync.commands");
    downUnreadable = counters.of("sync.down-unreadable");
    downDropped = counters.of("sync.down-dropped");
    linkBytesIn = counters.of("sync.link-bytes-in");
    linkBytesOut = counters.of("sync.link-bytes-out");
    held = counters.of("sync.held");
  }

  /** What a link counts. */
  MqttLink.Meters meters() {
    return new MqttLink.Meters(linkBytesIn, linkBytesOut, downDropped);
  }
}
