package dev.tidegate.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the buffer is emptied to.
 *
 * @param broker {@code mqtt://host:port} or {@code mqtts://host:port}
 * @param tenant first part of the topics after {@code tg/}
 * @param topics template of the topics' common prefix; {@code {tenant}} and {@code {gateway}} are
 *     filled in
 * @param sendWindow publishes that wait for the broker's acknowledgement at once, 1 to 1,000; the
 *     broker's receive maximum lowers it
 * @param batchBytes frames are read from the buffer in batches of up to this size, 1 KiB to 1 MiB
 * @param ackTimeoutNanos how long the far side may take to say that it stored a frame, before the
 *     frame is sent again
 * @param keepAliveNanos MQTT keep-alive; a connection without any inbound packet for 1.5 of it is
 *     thrown away
 * @param reconnectMinNanos first pause before a reconnect; full jitter, doubling
 * @param reconnectMaxNanos longest pause; both give way to a longer spread
 * @param username MQTT user name; null for none, or for the one of {@link Identity#usernameFile}
 * @param passwordFile file with the password (a systemd credential); null for none
 * @param caFile PEM file with the certificate authorities to trust; null: the JDK's
 * @param backlogBytesPerSecond how fast what is not live may go, 1,000 and above; {@link
 *     #UNLIMITED}: as fast as the link takes it
 * @param limits what may leave, and how much of it
 * @param farSide who is spoken to, and so in which words
 * @param identity what the gateway shows of itself with TLS, and what it no longer trusts
 * @param otherBrokers what to try, one after another, when a connection to the one before comes to
 *     nothing or ends
 * @param reconnectSpreadNanos over how long a fleet comes back: a part that is the gateway's own
 *     after a connection that held, a random part after a failure
 */
public record SyncConfig(
    URI broker,
    String tenant,
    String topics,
    int sendWindow,
    int batchBytes,
    long ackTimeoutNanos,
    long keepAliveNanos,
    long reconnectMinNanos,
    long reconnectMaxNanos,
    @Nullable String username,
    @Nullable Path passwordFile,
    @Nullable Path caFile,
    long backlogBytesPerSecond,
    Limits limits,
    FarSide farSide,
    Identity identity,
    List<URI> otherBrokers,
    long reconnectSpreadNanos) {
  /**
   * What may leave, and how much of it.
   *
   * @param bytesPerDay by the name of the lane: {@code events}, {@code summaries}, {@code raw}; a
   *     lane that is not in it is not limited, and alarms never are
   * @param dscp differentiated services code point of every packet, 0 to 63 (RFC 2474, section 3)
   * @param points the points whose values may leave; null: all
   */
  public record Limits(Map<String, Long> bytesPerDay, int dscp, @Nullable Set<String> points) {
    /** Everything may leave, as fast as the link takes it. */
    public static final Limits NONE = new Limits(Map.of(), 0, null);

    public Limits {
      bytesPerDay = Map.copyOf(bytesPerDay);
      points = points == null ? null : Set.copyOf(points);
    }
  }

  /**
   * Files that say who the gateway is: PEM files for TLS, and a name.
   *
   * @param certificateFile the gateway's certificate, and those between it and an authority; null
   *     for none
   * @param keyFile its private key in PKCS #8; null for none
   * @param crlFile lists of certificates that are revoked; null for none: nothing is checked
   * @param usernameFile file with the MQTT user name; null: {@link SyncConfig#username}
   */
  public record Identity(
      @Nullable Path certificateFile,
      @Nullable Path keyFile,
      @Nullable Path crlFile,
      @Nullable Path usernameFile) {
    /** No certificate, no list, and no name. */
    public static final Identity NONE = new Identity(null, null, null);

    /** The same without a file for the name. */
    public Identity(
        @Nullable Path certificateFile, @Nullable Path keyFile, @Nullable Path crlFile) {
      this(certificateFile, keyFile, crlFile, null);
    }
  }

  /** Who is spoken to, and in which words. */
  public sealed interface FarSide {
    /**
     * A back end of one's own (docs/spec/wire.md).
     *
     * @param json the lanes that are sent as JSON; the others as frames, as they are stored
     */
    record Plain(Set<String> json) implements FarSide {
      public Plain {
        json = Set.copyOf(json);
      }

      /** Frames alone. */
      public Plain() {
        this(Set.of());
      }
    }

    /**
     * Eclipse Ditto (docs/spec/ditto.md).
     *
     * @param namespace of the things, for example {@code org.example}
     * @param policy id of the policy that new things get
     */
    record Ditto(String namespace, String policy) implements FarSide {}

    /**
     * A Sparkplug B 3.0 host application (docs/spec/sparkplug.md).
     *
     * @param group the group id
     * @param host the primary host application to wait for; null for none
     * @param acknowledged whether the host says what it has stored, as the standard does not
     * @param templates what is told as instances of templates; a device is in at most one
     */
    record SparkplugB(
        String group, @Nullable String host, boolean acknowledged, List<AssetTemplate> templates)
        implements FarSide {
      /**
       * Where nobody says what arrived, after how many keep-alives a frame counts as delivered
       * (docs/spec/sparkplug.md), and how many frames of a stretch of a lane may wait for that.
       */
      public static final double SETTLED_KEEP_ALIVES = 3.5;

      public static final int MOST_UNSETTLED = 4_096;

      public SparkplugB {
        templates = List.copyOf(templates);
      }

      /** Devices of which none is like another. */
      public SparkplugB(String group, @Nullable String host, boolean acknowledged) {
        this(group, host, acknowledged, List.of());
      }
    }
  }

  /**
   * Devices that are alike, and so instances of one template (Sparkplug 3.0.0, 6.4.22).
   *
   * @param id the template's name
   * @param devices at least one, each with the same points
   */
  public record AssetTemplate(String id, List<String> devices) {
    public AssetTemplate {
      devices = List.copyOf(devices);
    }
  }

  /** Of {@link #backlogBytesPerSecond}. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /**
   * The same where nobody says what arrived: brokers drop what a slow host does not take, and a
   * backlog comes as fast as the link can (docs/decisions/0016-three-bindings.md).
   */
  public static final long UNANSWERED = 128_000;

  /** The same, with an unlimited backlog. */
  public SyncConfig(
      URI broker,
      String tenant,
      String topics,
      int sendWindow,
      int batchBytes,
      long ackTimeoutNanos,
      long keepAliveNanos,
      long reconnectMinNanos,
      long reconnectMaxNanos,
      @Nullable String username,
      @Nullable Path passwordFile,
      @Nullable Path caFile) {
    this(
        broker,
        tenant,
        topics,
        sendWindow,
        batchBytes,
        ackTimeoutNanos,
        keepAliveNanos,
        reconnectMinNanos,
        reconnectMaxNanos,
        username,
        passwordFile,
        caFile,
        UNLIMITED,
        Limits.NONE,
        new FarSide.Plain(),
        Identity.NONE,
        List.of(),
        0);
  }

  /** The same with other limits. */
  public SyncConfig with(Limits other) {
    return with(other, farSide, identity, otherBrokers, reconnectSpreadNanos);
  }

  /** The same towards another far side. */
  public SyncConfig with(FarSide other) {
    return with(limits, other, identity, otherBrokers, reconnectSpreadNanos);
  }

  /** The same with further brokers. */
  public SyncConfig with(List<URI> others) {
    return with(limits, farSide, identity, others, reconnectSpreadNanos);
  }

  /** The same as another gateway. */
  public SyncConfig with(Identity other) {
    return with(limits, farSide, other, otherBrokers, reconnectSpreadNanos);
  }

  /** The same with another spread. */
  public SyncConfig spread(long nanos) {
    return with(limits, farSide, identity, otherBrokers, nanos);
  }

  /** All brokers, in the order in which they are tried. */
  public List<URI> brokers() {
    return Stream.concat(Stream.of(broker), otherBrokers.stream()).toList();
  }

  private SyncConfig with(
      Limits newLimits,
      FarSide newFarSide,
      Identity newIdentity,
      List<URI> newOthers,
      long newSpreadNanos) {
    return new SyncConfig(
        broker,
        tenant,
        topics,
        sendWindow,
        batchBytes,
        ackTimeoutNanos,
        keepAliveNanos,
        reconnectMinNanos,
        reconnectMaxNanos,
        username,
        passwordFile,
        caFile,
        backlogBytesPerSecond,
        newLimits,
        newFarSide,
        newIdentity,
        List.copyOf(newOthers),
        newSpreadNanos);
  }

  /** The defaults for a broker. */
  public static SyncConfig to(URI broker) {
    long second = 1_000_000_000L;
    return new SyncConfig(
            broker,
            "default",
            "tg/{tenant}/{gateway}",
            16,
            64 << 10,
            30 * second,
            30 * second,
            second,
            300 * second,
            null,
            null,
            null)
        .spread(5 * second);
  }
}
