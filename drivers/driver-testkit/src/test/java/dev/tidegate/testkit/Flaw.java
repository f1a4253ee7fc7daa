package dev.tidegate.testkit;

/** What {@link FlawedDriver} does wrong, and the check of the contract that must see it. */
enum Flaw {
  NONE(""),
  UNREGISTERED("isFoundOnceThroughTheServiceLoader"),
  TYPE_IN_CAPITALS("typeIsDashCase"),
  OPTION_IN_CAPITALS("optionsAreWellFormed"),
  OPTION_RESERVED("optionsAreWellFormed"),
  OPTION_TWICE("optionsAreWellFormed"),
  OPTION_WITHOUT_DOC("optionsAreWellFormed"),
  OPTION_REQUIRED_WITH_FALLBACK("optionsAreWellFormed"),
  OPTION_CHOICE_OF_NOTHING("optionsAreWellFormed"),
  OPTION_BOUNDS_CROSSED("optionsAreWellFormed"),
  OPTION_BOUNDS_ON_TEXT("optionsAreWellFormed"),
  OPTION_FALLBACK_OUT_OF_BOUNDS("optionsAreWellFormed"),
  OPTION_FALLBACK_NO_DURATION("optionsAreWellFormed"),
  ALWAYS_COMPLAINS("goodConfigurationHasNoComplaints"),
  BUS_WITHOUT_NAME("goodConfigurationHasNoComplaints"),
  SAMPLES_OF_ANOTHER_POINT("samplesAreOfConfiguredPointsAndNotOfTheFuture"),
  SAMPLES_OF_THE_FUTURE("samplesAreOfConfiguredPointsAndNotOfTheFuture"),
  SAMPLES_SINCE_POWER_ON("samplesAreOfConfiguredPointsAndNotOfTheFuture"),
  SILENT("samplesAreOfConfiguredPointsAndNotOfTheFuture"),
  POLL_THROWS_UNCHECKED("samplesAreOfConfiguredPointsAndNotOfTheFuture"),
  OPEN_THROWS_UNCHECKED("samplesAreOfConfiguredPointsAndNotOfTheFuture"),
  SAMPLES_AFTER_CLOSE("closeIsQuickFinalAndRepeatable"),
  SECOND_CLOSE_THROWS("closeIsQuickFinalAndRepeatable"),
  CLOSE_TAKES_LONG("closeIsQuickFinalAndRepeatable"),
  OPENS_ONCE("opensAgainAfterClose"),
  CLOSE_ENDS_ALL_DEVICES("twoDevicesAreIndependent"),
  SAMPLES_TO_THE_LAST_DEVICE("twoDevicesAreIndependent"),
  MISSING_READS_GOOD("missingDeviceIsRefusedByName"),
  MISSING_WITHOUT_NAME("missingDeviceIsRefusedByName"),
  FAILING_READS_GOOD("failingDeviceSaysSoAndCloses"),
  FAILING_WITHOUT_NAME("failingDeviceSaysSoAndCloses"),
  FAILING_THROWS_UNCHECKED("failingDeviceSaysSoAndCloses"),
  THREAD_LEFT("leavesNoThreadBehind"),
  WRITES_ANYTHING("writingToAnUnknownPointIsRefused"),
  README_WITHOUT_OPTION("folderHasReadmeSampleAndTestcases"),
  SAMPLE_OF_ANOTHER_DRIVER("folderHasReadmeSampleAndTestcases"),
  NO_TESTCASE("folderHasReadmeSampleAndTestcases");

  private final String check;

  Flaw(String check) {
    this.check = check;
  }

  /** The test method of {@link DriverContract} that fails because of it. */
  String check() {
    return check;
  }
}
