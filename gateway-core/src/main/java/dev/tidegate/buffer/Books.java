package dev.tidegate.buffer;

import dev.tidegate.buffer.store.StoredFrame;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Lane;
import dev.tidegate.health.Faults;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The running figures of every lane, in memory. Owned by the buffer's thread; copied to publish.
 */
final class Books {
  private final Map<Lane, Book> books = new EnumMap<>(Lane.class);

  /** One lane's figures. */
  static final class Book {
    /** The number that the next record gets. */
    long nextSequence;

    /** Records that the far side has stored. */
    long delivered;

    /** Records declared lost. */
    long lost;

    /** Records in the stored frames. */
    long buffered;

    /** Size of the stored frames. */
    long bufferedBytes;

    /** Whether the lane's row must be written. */
    boolean dirty;

    private Book(Account.Line line) {
      nextSequence = line.accepted() + 1;
      delivered = line.delivered();
      lost = line.lost();
      buffered = line.buffered();
      bufferedBytes = line.bufferedBytes();
    }

    /** Takes a stored frame out of the figures, into whichever column the caller adds it to. */
    void remove(StoredFrame frame) {
      buffered -= frame.count();
      bufferedBytes -= frame.sizeBytes();
      dirty = true;
    }

    Account.Line line() {
      return new Account.Line(nextSequence - 1, delivered, buffered, lost, bufferedBytes);
    }
  }

  Books(Account account) {
    for (Lane lane : Lane.values()) {
      books.put(lane, new Book(account.of(lane)));
    }
  }

  Books copy() {
    return new Books(account());
  }

  Book of(Lane lane) {
    return Objects.requireNonNull(books.get(lane), "every lane has a book");
  }

  Account account() {
    Map<Lane, Account.Line> lines = new EnumMap<>(Lane.class);
    books.forEach((lane, book) -> lines.put(lane, book.line()));
    return new Account(lines);
  }

  /** Reports every lane whose figures do not add up; nothing is repaired in silence. */
  static void checkBalance(Account account, Faults faults) {
    account
        .lanes()
        .forEach(
            (lane, line) -> {
              if (!line.balances()) {
                faults.raise(
                    Committer.WHERE,
                    "account-" + lane.word(),
                    "the account of lane "
                        + lane.word()
                        + " does not balance: "
                        + line
                        + "; keep a copy of the buffer's folder and report it");
              }
            });
  }
}
