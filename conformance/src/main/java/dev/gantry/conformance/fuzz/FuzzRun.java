package dev.gantry.conformance.fuzz;

import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.RegisterContainerInstanceResponse;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.Logs;
import dev.gantry.conformance.fuzz.Answers.Answer;
import dev.gantry.conformance.fuzz.Answers.WrongAnswer;
import dev.gantry.conformance.fuzz.Target.Figures;
import dev.gantry.home.RootKey;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// One run against one server: the cases of a seed, from many clients at once, and what the server
/// takes before and after.
///
/// The clients are as many as are told; besides them there are at most [Abandoned#MOST]
/// connections. Everything goes to the loopback address.
public final class FuzzRun {
  /// Failures that are kept; the first say enough.
  private static final int MAX_FAILURES = 20;

  /// Requests until classes are loaded and caches full, before the first look into the server.
  private static final int WARM_UP = 4_000;

  /// Every so many cases, somebody asks something reasonable.
  private static final int CHECK_EVERY = 1_000;

  /// What may be alive more at the end than in a server that was started anew on the same State:
  /// caches, and classes that a new one has not loaded yet.
  private static final long HEAP_SLACK_BYTES = 12L * 1024 * 1024;

  /// Threads that the JVM and the server may have started meanwhile: attach listener, compilers.
  private static final int THREAD_SLACK = 8;

  /// How long the server may take to notice that everybody has gone.
  private static final Duration REST_LIMIT = Duration.ofSeconds(40);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

  private final Target target;
  private final long seed;
  private final Cases cases;
  private final RequestBytes requests;
  private final Consumer<String> progress;
  private final Tally tally = new Tally();
  private final List<Failure> failures = new ArrayList<>();
  private final AtomicLong nextIndex = new AtomicLong();

  /// Something that must not be.
  ///
  /// @param index the case's number, or -1 if it is not one case's doing
  public record Failure(long seed, long index, String kind, String problem, String bytes) {
    private static final int SHOWN = 4_000;

    @Override
    public String toString() {
      return index < 0
          ? problem
          : kind
              + ": "
              + problem
              + "\n  replay: gantry fuzz --seed "
              + seed
              + " --only "
              + index
              + "\n  bytes:  "
              + (bytes.length() > SHOWN ? bytes.substring(0, SHOWN) : bytes);
    }
  }

  /// How a run went.
  public record Report(
      long requests,
      Duration time,
      String tally,
      String before,
      String after,
      String anew,
      List<Failure> failures) {
    @Override
    public String toString() {
      return "%,d requests in %d s (%,d/s)%n%s%nbefore: %s%nafter:  %s%nanew:   %s%n"
              .formatted(
                  requests,
                  time.toSeconds(),
                  requests * 1000 / Math.max(1, time.toMillis()),
                  tally,
                  before,
                  after,
                  anew)
          + (failures.isEmpty()
              ? "nothing wrong"
              : failures.size()
                  + " failures:\n"
                  + String.join("\n", failures.stream().map(Failure::toString).toList()));
    }
  }

  private FuzzRun(Target target, long seed, Consumer<String> progress) throws IOException {
    this.target = target;
    this.seed = seed;
    this.progress = progress;
    RootKey key = target.key();
    this.requests =
        new RequestBytes(
            Credentials.of(key.accessKeyId(), key.secret()), "127.0.0.1:" + target.port());
    String instance;
    try (Client client = new Client(target.port(), new Abandoned(), tally)) {
      prepare(client);
      instance = register(client);
    }
    this.cases = new Cases(seed, requests, instance);
  }

  /// Starts a server, sends at least so many requests, and ends it.
  ///
  /// @param threads how many clients send at once
  /// @param progress hears how far it is, now and then
  public static Report run(long count, long seed, int threads, Consumer<String> progress)
      throws IOException, InterruptedException {
    try (Target target = Target.start()) {
      return new FuzzRun(target, seed, progress).all(count, threads);
    }
  }

  /// Starts a server, sends one case, and ends it.
  public static Report only(long index, long seed) throws IOException, InterruptedException {
    try (Target target = Target.start()) {
      FuzzRun run = new FuzzRun(target, seed, line -> {});
      long begun = System.nanoTime();
      Figures before = target.figures();
      try (Abandoned abandoned = new Abandoned();
          Client client = new Client(target.port(), abandoned, run.tally)) {
        run.one(client, index);
      }
      run.faults();
      return target.isAlive()
          ? run.report(begun, before, target.figures(), before)
          : run.ended(begun);
    }
  }

  private Report all(long count, int threads) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    send(Math.min(count, WARM_UP), threads);
    if (!target.isAlive()) {
      return ended(begun);
    }
    Figures before = target.figures();
    send(count, threads);
    if (!target.isAlive()) {
      return ended(begun);
    }
    Figures after = rest(before);
    if (after.sockets() > before.sockets()) {
      fail("connections are left open");
    }
    if (after.virtualThreads() > before.virtualThreads()
        || after.threads() > before.threads() + THREAD_SLACK) {
      fail("threads are left over");
    }
    reasonableAtTheEnd();
    List<String> alive = target.alive();
    target.restart();
    reasonableAtTheEnd();
    Figures anew = target.figures();
    if (after.heapBytes() - anew.heapBytes() > HEAP_SLACK_BYTES) {
      fail(
          "more is alive than State explains, more than %,d bytes:\n  ".formatted(HEAP_SLACK_BYTES)
              + String.join("\n  ", alive));
    }
    faults();
    return report(begun, before, after, anew);
  }

  private void reasonableAtTheEnd() throws IOException {
    try (Client client = new Client(target.port(), new Abandoned(), tally)) {
      reasonable(client);
    } catch (WrongAnswer e) {
      fail("a reasonable request at the end: " + e.getMessage());
    }
  }

  private Report ended(long begun) throws IOException {
    fail("the server has ended:\n  " + String.join("\n  ", target.lastWords()));
    Figures none = new Figures(0, 0, 0, 0);
    return report(begun, none, none, none);
  }

  private Report report(long begun, Figures before, Figures after, Figures anew) {
    return new Report(
        tally.requests(),
        Duration.ofNanos(System.nanoTime() - begun),
        tally.toString(),
        before.toString(),
        after.toString(),
        anew.toString(),
        List.copyOf(failures));
  }

  private void faults() throws IOException {
    List<String> faults = target.faults();
    if (!faults.isEmpty()) {
      fail("the server logged faults:\n  " + String.join("\n  ", faults));
    }
  }

  private void fail(String problem) {
    failures.add(new Failure(seed, -1, "", problem, ""));
  }

  /// Sends until so many requests were sent in all.
  private void send(long until, int threads) throws InterruptedException {
    List<Thread> clients = new ArrayList<>();
    try (Abandoned abandoned = new Abandoned()) {
      for (int n = 0; n < threads; n++) {
        clients.add(Thread.ofPlatform().name("fuzz-" + n).start(() -> client(until, abandoned)));
      }
      for (Thread client : clients) {
        client.join();
      }
    }
  }

  private void client(long until, Abandoned abandoned) {
    try (Client client = new Client(target.port(), abandoned, tally)) {
      while (tally.requests() < until && hasRoom() && target.isAlive()) {
        long index = nextIndex.getAndIncrement();
        one(client, index);
        if (index % CHECK_EVERY == 0) {
          check(client, index);
        }
      }
    }
  }

  private void check(Client client, long index) {
    try {
      prepare(client);
      reasonable(client);
    } catch (WrongAnswer | IOException e) {
      add(new Failure(seed, index, "reasonable", String.valueOf(e.getMessage()), ""));
    }
    if (index % (20 * CHECK_EVERY) == 0) {
      progress.accept("%,d requests".formatted(tally.requests()));
    }
  }

  private boolean hasRoom() {
    synchronized (failures) {
      return failures.size() < MAX_FAILURES;
    }
  }

  private void add(Failure failure) {
    synchronized (failures) {
      failures.add(failure);
    }
  }

  private void one(Client client, long index) {
    Conversation conversation = cases.at(index);
    try {
      client.hold(conversation);
    } catch (WrongAnswer | IOException e) {
      client.close();
      add(
          new Failure(
              seed,
              index,
              conversation.kind(),
              String.valueOf(e.getMessage()),
              shown(conversation.bytes())));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// The clusters and the log stream that requests name; there already, or not.
  private void prepare(Client client) throws IOException {
    for (String cluster : List.of("default", "fuzz")) {
      expect(
          client,
          Ecs.CREATE_CLUSTER,
          CreateClusterRequest.builder().clusterName(cluster).build(),
          200);
    }
    send(
        client,
        Logs.CREATE_LOG_GROUP,
        CreateLogGroupRequest.builder().logGroupName("fuzz").build());
    send(client, Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("fuzz", "stream"));
  }

  /// A container instance for agents' sockets.
  private String register(Client client) throws IOException {
    Answer answer =
        expect(
            client,
            Ecs.REGISTER_CONTAINER_INSTANCE,
            RegisterContainerInstanceRequest.builder()
                .cluster("fuzz")
                .totalResources(
                    List.of(
                        Resource.builder().name("CPU").type("INTEGER").integerValue(2048).build(),
                        Resource.builder()
                            .name("MEMORY")
                            .type("INTEGER")
                            .integerValue(4096)
                            .build()))
                .build(),
            200);
    var instance =
        AwsJson.decode(RegisterContainerInstanceResponse.SHAPE, answer.body()).containerInstance();
    return Objects.requireNonNull(Objects.requireNonNull(instance).containerInstanceArn());
  }

  /// Nothing may keep the server from answering this.
  private void reasonable(Client client) throws IOException {
    Answer answer =
        expect(
            client,
            Ecs.CREATE_CLUSTER,
            CreateClusterRequest.builder().clusterName("fuzz").build(),
            200);
    if (!answer.text().contains("\"status\":\"ACTIVE\"")) {
      throw new WrongAnswer("the cluster is not ACTIVE: " + answer);
    }
  }

  private <I> Answer send(Client client, Operation<I, ?> operation, I input) throws IOException {
    return client.call(requests.call(operation, AwsJson.encode(operation.input(), input)));
  }

  private <I> Answer expect(Client client, Operation<I, ?> operation, I input, int status)
      throws IOException {
    Answer answer = send(client, operation, input);
    if (answer.status() != status) {
      throw new WrongAnswer(operation + ": " + answer);
    }
    return answer;
  }

  /// Waits until the server has noticed that everybody has gone.
  private Figures rest(Figures before) throws IOException, InterruptedException {
    long end = System.nanoTime() + REST_LIMIT.toNanos();
    while (true) {
      Figures now = target.figures();
      boolean atRest =
          now.sockets() <= before.sockets() && now.virtualThreads() <= before.virtualThreads();
      if (atRest || System.nanoTime() > end) {
        return now;
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }

  /// Bytes as the text of a Java or Python literal.
  private static String shown(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (char c : new String(bytes, StandardCharsets.ISO_8859_1).toCharArray()) {
      if (c == '\\') {
        text.append("\\\\");
      } else if (c >= ' ' && c <= '~') {
        text.append(c);
      } else {
        text.append("\\x%02x".formatted((int) c));
      }
    }
    return text.toString();
  }
}
