package dev.tidegate.sync.sparkplug;

/** The data types that are used, with their numbers (Sparkplug 3.0.0, 6.4.16). */
enum Type {
  INT64(4),
  DOUBLE(10),
  BOOLEAN(11),
  STRING(12),
  TEMPLATE(19);

  private final int code;

  Type(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
