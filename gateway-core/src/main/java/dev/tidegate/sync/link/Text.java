package dev.tidegate.sync.link;

/** Makes what a peer said fit to show to an operator. */
public final class Text {
  static final int MAX_CHARACTERS = 200;

  private Text() {}

  /** One line without control characters, at most {@value #MAX_CHARACTERS} characters. */
  public static String oneLine(String said) {
    String cut = said.length() > MAX_CHARACTERS ? said.substring(0, MAX_CHARACTERS) : said;
    StringBuilder line = new StringBuilder(cut.length());
    cut.chars().forEach(c -> line.append(Character.isISOControl(c) ? ' ' : (char) c));
    return line.toString().strip();
  }
}
