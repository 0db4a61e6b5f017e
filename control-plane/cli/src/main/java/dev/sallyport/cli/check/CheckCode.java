package dev.sallyport.cli.check;

/** What a check looks at; each has a page of {@code sallyport docs}. A number never changes its meaning: alerts and scripts hold on to it. */
enum CheckCode {
    JAVA(1001),
    CONTEXT(1002),
    PORT(1003),
    FOLDER_RIGHTS(1005),
    OPEN_FILES(1006),
    CONTROL_PLANE(1101),
    DOCUMENTS(1102),
    ISSUER_KEYS(1103),
    ISSUER_KEY_SKIPPED(1104),
    MONITORING(1105),
    JOINED(1201),
    CONNECTED(1202),
    REFUSED(1203),
    BEHIND(1204),
    PROGRAMMED(1205),
    WORKLOAD_CERTIFICATE(1301),
    RENEWAL(1302),
    ADMINISTRATOR(1303),
    ROOT(1304),
    INTERMEDIATE(1305),
    AUTHORITY(1306),
    OUTAGE(1307),
    RECORD(1401),
    CHECKPOINT(1402),
    WITNESSES(1403),
    FINDINGS(1404),
    COPY_FAILING(1405),
    COPY_LAG(1406),
    COPY_GAPS(1407),
    SIDECAR_ANSWERS(1501),
    SIDECAR_READY(1502),
    SIDECAR_SNAPSHOT(1503),
    SIDECAR_REVISION(1504),
    SIDECAR_CERTIFICATE(1505),
    SIDECAR_CONNECTED(1506),
    SIDECAR_LAG(1507),
    SIDECAR_DROPS(1508),
    SIDECAR_LOG_LEVEL(1509),
    SIDECAR_TELEMETRY(1510),
    STATE_MODE(1601),
    STATE_CERTIFICATE(1602),
    STATE_SNAPSHOT(1603),
    STATE_AUDIT(1604),
    STATE(1605);

    private final int number;

    CheckCode(int number) {
        this.number = number;
    }

    /** {@code SP1101}. */
    String code() {
        return "SP" + number;
    }
}
