package dev.sallyport.authority.vault;

/** What {@code sys/health} says by its status alone; 0 when nobody answered. */
public record VaultHealth(int status) {
    /** Whether requests are served there: by itself, or passed on to the active node. */
    public boolean serves() {
        return status == 200 || status == 429 || status == 473;
    }

    /** For operators. */
    public String sentence() {
        return switch (status) {
            case 0 -> "no answer";
            case 200 -> "active";
            case 429 -> "standby";
            case 472 -> "secondary for disaster recovery: serves nothing";
            case 473 -> "standby that serves reads";
            case 474 -> "standby without an active node";
            case 501 -> "not initialised";
            case 503 -> "sealed";
            case 530 -> "removed from its cluster";
            default -> "unhealthy, status " + status;
        };
    }
}
