package dev.tidegate.inference;

/** Why a model is not used: one sentence for the operator, on one line. */
final class Refused extends Exception {
  private static final long serialVersionUID = 1;
  private static final int MAX = 300;

  Refused(String reason) {
    super(oneLine(reason));
  }

  Refused(String reason, Throwable cause) {
    super(oneLine(reason + ": " + said(cause)), cause);
  }

  /** A static initialiser that failed wraps what it failed for, and says nothing itself. */
  private static String said(Throwable cause) {
    Throwable inner = cause.getCause();
    String message = cause.getMessage();
    return message == null && inner != null ? said(inner) : String.valueOf(message);
  }

  /** The reason; never null. */
  String reason() {
    return String.valueOf(getMessage());
  }

  /** What came out of a foreign file may hold anything: control characters and megabytes. */
  private static String oneLine(String text) {
    String cut = text.length() > MAX ? text.substring(0, MAX - 3) + "..." : text;
    return cut.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
  }
}
