package dev.gantry.wire.auth;

import dev.gantry.wire.Headers;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Calculates SigV4 signatures, for those who sign and for those who verify.
///
/// Two things make it quick. Looking an algorithm up among the security providers costs more than
/// using it, so digests are kept in a small pool (not in a ThreadLocal: on virtual threads each
/// request would have its own). And the four HMACs that turn a secret into a signing key give the
/// same result all day, so signing keys are cached.
final class SignatureEngine {
  /// As many as can be at work at once on a large host; more are made when needed and dropped
  /// after.
  static final int MAX_POOLED = 32;

  /// Signing keys in the cache; the one unused for longest makes room.
  static final int MAX_CACHED_KEYS = 1_024;

  /// A buffer that one odd request made grow past this is not kept.
  static final int MAX_POOLED_BUFFER_BYTES = 64 * 1024;

  static final String ALGORITHM = "AWS4-HMAC-SHA256";
  static final String TERMINATOR = "aws4_request";
  static final String UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

  private static final String HMAC = "HmacSHA256";
  private static final int HASH_BYTES = 32;

  private final AtomicReferenceArray<@Nullable Tools> pool = new AtomicReferenceArray<>(MAX_POOLED);
  private final KeyCache keys = new KeyCache();

  /// What is signed: a request's parts as [CanonicalRequest] takes them.
  ///
  /// @param payloadHash the text that stands for the payload when it is not the body's own hash, or
  ///   null
  record Subject(
      String method,
      String path,
      @Nullable String query,
      String leaveOut,
      Headers headers,
      String signedHeaders,
      byte[] payload,
      @Nullable String payloadHash,
      SigningRules rules) {}

  /// A credential scope.
  ///
  /// @param date eight digits
  record Scope(String date, String region, String service) {
    /// The scope as it stands in a credential and in the string to sign.
    String text() {
      return date + "/" + region + "/" + service + "/" + TERMINATOR;
    }
  }

  /// The signature, as 64 lower-case hexadecimal digits in ASCII.
  byte[] signature(Subject subject, Scope scope, String timestamp, String secret) {
    Tools tools = take();
    try {
      ByteSink out = tools.out;
      out.clear();
      CanonicalRequest.write(
          out,
          subject.method,
          subject.path,
          subject.query,
          subject.leaveOut,
          subject.headers,
          subject.signedHeaders,
          subject.rules);
      if (subject.payloadHash != null) {
        out.text(subject.payloadHash);
      } else {
        out.hex(tools.sha256(subject.payload, subject.payload.length));
      }
      byte[] requestHash = tools.sha256(out.array(), out.size());
      out.clear();
      out.text(ALGORITHM);
      out.put('\n');
      out.text(timestamp);
      out.put('\n');
      out.text(scope.date);
      out.put('/');
      out.text(scope.region);
      out.put('/');
      out.text(scope.service);
      out.put('/');
      out.text(TERMINATOR);
      out.put('\n');
      out.hex(requestHash);
      byte[] mac = tools.hmac(signingKey(tools, secret, scope), out.array(), out.size());
      out.clear();
      out.hex(mac);
      byte[] signature = new byte[out.size()];
      System.arraycopy(out.array(), 0, signature, 0, signature.length);
      return signature;
    } finally {
      give(tools);
    }
  }

  /// The SHA-256 of some octets.
  byte[] sha256(byte[] octets) {
    Tools tools = take();
    try {
      return tools.sha256(octets, octets.length).clone();
    } finally {
      give(tools);
    }
  }

  private SecretKeySpec signingKey(Tools tools, String secret, Scope scope) {
    KeyName name = new KeyName(secret, scope);
    SecretKeySpec known = keys.get(name);
    if (known != null) {
      return known;
    }
    byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
    for (String part : new String[] {scope.date, scope.region, scope.service, TERMINATOR}) {
      byte[] octets = part.getBytes(StandardCharsets.UTF_8);
      key = tools.hmac(new SecretKeySpec(key, HMAC), octets, octets.length).clone();
    }
    SecretKeySpec made = new SecretKeySpec(key, HMAC);
    keys.put(name, made);
    return made;
  }

  private Tools take() {
    for (int i = 0; i < MAX_POOLED; i++) {
      if (pool.getPlain(i) != null) {
        Tools tools = pool.getAndSet(i, null);
        if (tools != null) {
          return tools;
        }
      }
    }
    return new Tools();
  }

  private void give(Tools tools) {
    if (tools.out.capacity() > MAX_POOLED_BUFFER_BYTES) {
      return;
    }
    for (int i = 0; i < MAX_POOLED; i++) {
      if (pool.getPlain(i) == null && pool.compareAndSet(i, null, tools)) {
        return;
      }
    }
  }

  /// What one calculation needs; used by one thread at a time.
  private static final class Tools {
    private final ByteSink out = new ByteSink();
    private final byte[] hash = new byte[HASH_BYTES];
    private final MessageDigest sha256;
    private final Mac mac;

    Tools() {
      try {
        sha256 = MessageDigest.getInstance("SHA-256");
        mac = Mac.getInstance(HMAC);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256 and its HMAC", e);
      }
    }

    /// The hash, valid until the next call of either method.
    byte[] sha256(byte[] octets, int size) {
      try {
        sha256.update(octets, 0, size);
        sha256.digest(hash, 0, HASH_BYTES);
        return hash;
      } catch (DigestException e) {
        throw new IllegalStateException("a SHA-256 has 32 bytes", e);
      }
    }

    /// The code, valid until the next call of either method.
    byte[] hmac(SecretKeySpec key, byte[] octets, int size) {
      try {
        mac.init(key);
        mac.update(octets, 0, size);
        mac.doFinal(hash, 0);
        return hash;
      } catch (InvalidKeyException | ShortBufferException e) {
        throw new IllegalStateException("an HMAC-SHA-256 takes any key and has 32 bytes", e);
      }
    }
  }

  /// The name of a signing key. Holds the secret: never printed.
  private record KeyName(String secret, Scope scope) {
    @Override
    public String toString() {
      return "KeyName[" + scope + "]";
    }
  }

  /// The signing keys used last.
  private static final class KeyCache {
    private final Map<KeyName, SecretKeySpec> keys =
        new LinkedHashMap<>(64, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<KeyName, SecretKeySpec> eldest) {
            return size() > MAX_CACHED_KEYS;
          }
        };

    synchronized @Nullable SecretKeySpec get(KeyName name) {
      return keys.get(name);
    }

    synchronized void put(KeyName name, SecretKeySpec key) {
      keys.put(name, key);
    }
  }
}
