package dev.gantry.store;

import dev.gantry.store.LogStore.Filter;
import dev.gantry.store.LogStore.FilteredPage;
import dev.gantry.store.LogStore.Position;
import dev.gantry.store.LogStore.StoredEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects what one [Filter] lets through until the page or the effort is full. Every log store
/// uses it, so that they cut their pages at the same places.
public final class FilterPage {

  private final Filter query;
  private final List<StoredEvent> events = new ArrayList<>();
  private long pageBytes;
  private int scannedEvents;
  private long scannedBytes;
  private @Nullable Position last;
  private boolean full;

  /// An empty page.
  public FilterPage(Filter query) {
    this.query = query;
    this.last = query.after();
  }

  /// Looks at the next event in the order of positions.
  ///
  /// @return false if it has no place on this page: the next one begins with it, and nothing more
  ///   is to be offered
  public boolean take(StoredEvent event) {
    long size = LogStore.sizeOf(event.message());
    boolean wanted = query.message().test(event.message());
    full =
        scannedEvents == LogStore.MAX_SCANNED_EVENTS
            || scannedBytes >= LogStore.MAX_SCANNED_BYTES
            || events.size() == query.limit()
            || (wanted && !events.isEmpty() && pageBytes + size > LogStore.MAX_PAGE_BYTES);
    if (full) {
      return false;
    }
    scannedEvents++;
    scannedBytes += size;
    last = event.position();
    if (wanted) {
      events.add(event);
      pageBytes += size;
    }
    return true;
  }

  /// The page, to be taken when [#take] said false or there are no more events.
  public FilteredPage finish() {
    return new FilteredPage(List.copyOf(events), full ? last : null);
  }
}
