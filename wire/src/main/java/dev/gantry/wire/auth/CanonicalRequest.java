package dev.gantry.wire.auth;

import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import dev.gantry.wire.QueryString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes a request in SigV4's canonical form: method, path, query, signed headers, their names,
/// and the payload's hash, each on a line.
///
/// Source: IAM User Guide, "Create a signed AWS API request", step 1; the published test suite
/// (`aws-sig-v4-test-suite`) settles what the page leaves open. Client and server use this one
/// writer, so the suite is what keeps it honest.
final class CanonicalRequest {
  private CanonicalRequest() {}

  /// Writes everything but the last line, the payload's hash.
  ///
  /// @param path the path as sent
  /// @param query the query as sent, or null
  /// @param leaveOut the one query parameter that is not signed, its own signature; empty for none
  /// @param signedHeaders lower-case header names between semicolons, in order
  static void write(
      ByteSink out,
      String method,
      String path,
      @Nullable String query,
      String leaveOut,
      Headers headers,
      String signedHeaders,
      SigningRules rules) {
    out.text(method);
    out.put('\n');
    path(out, path, rules);
    out.put('\n');
    if (query != null && !query.isEmpty()) {
      query(out, query, leaveOut);
    }
    out.put('\n');
    headers(out, headers, signedHeaders);
    out.put('\n');
    out.text(signedHeaders);
    out.put('\n');
  }

  private static void path(ByteSink out, String path, SigningRules rules) {
    if (path.length() <= 1) {
      out.put('/');
      return;
    }
    String resolved = rules.normalizePath() && needsNormalizing(path) ? normalize(path) : path;
    if (!rules.encodePathTwice()) {
      out.text(resolved);
      return;
    }
    for (int i = 0; i < resolved.length(); i++) {
      char c = resolved.charAt(i);
      if (c == '/') {
        out.put('/');
      } else if (c < 0x80) {
        out.encoded(c);
      } else {
        for (byte octet : resolved.substring(i).getBytes(StandardCharsets.UTF_8)) {
          if (octet == '/') {
            out.put('/');
          } else {
            out.encoded(octet & 0xff);
          }
        }
        return;
      }
    }
  }

  private static boolean needsNormalizing(String path) {
    return path.contains("//") || path.contains("/.");
  }

  /// Resolves `.`, `..` and empty segments as RFC 3986 does, and keeps one trailing slash.
  private static String normalize(String path) {
    List<String> kept = new ArrayList<>();
    int from = 1;
    boolean slashAtEnd = false;
    while (from <= path.length()) {
      int slash = path.indexOf('/', from);
      int to = slash < 0 ? path.length() : slash;
      String segment = path.substring(from, to);
      slashAtEnd = segment.isEmpty() || segment.equals(".") || segment.equals("..");
      if (segment.equals("..")) {
        if (!kept.isEmpty()) {
          kept.removeLast();
        }
      } else if (!slashAtEnd) {
        kept.add(segment);
      }
      from = to + 1;
    }
    if (kept.isEmpty()) {
      return "/";
    }
    return "/" + String.join("/", kept) + (slashAtEnd ? "/" : "");
  }

  private static void query(ByteSink out, String query, String leaveOut) {
    List<Pair> pairs = new ArrayList<>();
    ByteSink scratch = new ByteSink();
    for (QueryString.Parameter parameter : QueryString.parse(query)) {
      if (!parameter.name().equals(leaveOut)) {
        pairs.add(
            new Pair(
                encode(scratch, parameter.nameOctets()), encode(scratch, parameter.valueOctets())));
      }
    }
    Collections.sort(pairs);
    boolean first = true;
    for (Pair pair : pairs) {
      if (!first) {
        out.put('&');
      }
      first = false;
      out.text(pair.name);
      out.put('=');
      out.text(pair.value);
    }
  }

  private static String encode(ByteSink scratch, byte[] octets) {
    scratch.clear();
    for (byte octet : octets) {
      scratch.encoded(octet & 0xff);
    }
    return new String(scratch.array(), 0, scratch.size(), StandardCharsets.US_ASCII);
  }

  /// An encoded query parameter; sorted by name, then by value, both as encoded.
  private record Pair(String name, String value) implements Comparable<Pair> {
    @Override
    public int compareTo(Pair other) {
      int byName = name.compareTo(other.name);
      return byName != 0 ? byName : value.compareTo(other.value);
    }
  }

  private static void headers(ByteSink out, Headers headers, String signedHeaders) {
    List<Header> fields = headers.fields();
    int from = 0;
    while (from <= signedHeaders.length()) {
      int semicolon = signedHeaders.indexOf(';', from);
      int to = semicolon < 0 ? signedHeaders.length() : semicolon;
      out.text(signedHeaders, from, to);
      out.put(':');
      boolean first = true;
      for (int i = 0; i < fields.size(); i++) {
        Header field = fields.get(i);
        if (field.name().length() == to - from
            && field.name().regionMatches(true, 0, signedHeaders, from, to - from)) {
          if (!first) {
            out.put(',');
          }
          first = false;
          folded(out, field.value());
        }
      }
      out.put('\n');
      from = to + 1;
    }
  }

  /// A header value without white space around it, and with one blank for each run of it inside.
  private static void folded(ByteSink out, String value) {
    int from = 0;
    int to = value.length();
    while (from < to && isSpace(value.charAt(from))) {
      from++;
    }
    while (to > from && isSpace(value.charAt(to - 1))) {
      to--;
    }
    int start = from;
    for (int i = from; i < to; i++) {
      if (isSpace(value.charAt(i)) && (value.charAt(i) != ' ' || isSpace(value.charAt(i + 1)))) {
        out.text(value, start, i);
        out.put(' ');
        while (isSpace(value.charAt(i + 1))) {
          i++;
        }
        start = i + 1;
      }
    }
    out.text(value, start, to);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }
}
