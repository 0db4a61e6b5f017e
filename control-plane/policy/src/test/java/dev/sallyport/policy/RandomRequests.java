package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.PathTemplate.Segment;
import dev.sallyport.policy.RoutePolicy.Match;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Requests and connections, good and bad, over the alphabet of {@link RandomPolicies}. */
final class RandomRequests {
    private static final List<Reason> TOKEN_REASONS =
            List.of(Reason.values()).stream().filter(Reason::isToken).toList();
    private static final List<String> PATHS = List.of(
            "/",
            "/a",
            "/b",
            "/c",
            "/A",
            "/a/",
            "/b/",
            "/a/b",
            "/a/c",
            "/b/b",
            "/A/B/",
            "/a/b/c",
            "/a/a/a",
            "/c/b/a/",
            "/a/b/c/d",
            "/%C3%89",
            "/%c3%a9",
            "/caf%C3%A9/b",
            "/a%2Fb",
            "/a;x=1",
            "/A;x=1/b",
            "//a",
            "/a//b%2fc/",
            "/p.S/M",
            "/p.S/N",
            "/p.S/O",
            "/p.T/M");
    private static final List<String> HOSTS = Dice.join(RandomPolicies.HOSTS, List.of("c.example", "payment"));
    private static final List<String> QUERIES = List.of(
            "",
            "m=p",
            "m=q",
            "n=p",
            "m=p&n=%C3%A9",
            "n=%c3%a9",
            "m",
            "m=",
            "m=p&m=p",
            "n=p&x=1&x=2",
            "m=p&;",
            "m=p+q",
            "m=p&n=%zz",
            "m=p&n=%",
            "%6D=p",
            "m=%70",
            "m=%ff",
            "m=p&n=%ff",
            "m=%C3",
            "m==p",
            "M=p",
            "&m=p",
            "m=p&&&n=p");
    private static final List<List<String>> HEADERS = List.of(
            List.of("a"),
            List.of("a"),
            List.of("b"),
            List.of("7"),
            List.of("3"),
            List.of("z"),
            List.of(""),
            List.of("a", "a"),
            List.of("a", "b"),
            List.of("a,b"),
            List.of("a "),
            List.of("A"),
            List.of("\u00e9"),
            List.of("a\t"),
            List.of("-9"),
            List.of("99999999999999999999"));
    private static final List<Optional<SpiffeId>> CALLERS =
            Dice.join(RandomPolicies.SERVICES, List.of("web", "web2")).stream()
                    .map(name -> Optional.of(Facts.id(name)))
                    .toList();

    private static final List<String> METHODS = List.of("GET", "POST", "PUT");

    private final Dice dice;
    private final List<UserFact> users;
    private final List<UserFact> carried;
    private final List<Match> matches;

    /** Most of them aim at a route of the set. */
    RandomRequests(Dice dice, DocumentSet set) {
        this.dice = dice;
        this.users = dice.times(30, this::user);
        this.carried = dice.times(30, this::carried);
        this.matches = Stream.of(set.policies(), set.candidates())
                .flatMap(policies -> policies.values().stream())
                .flatMap(policy -> policy.routes().values().stream())
                .flatMap(route -> route.matches().stream())
                .filter(match -> match.template().isPresent())
                .toList();
    }

    RequestFacts next() {
        Optional<SpiffeId> caller = dice.one(25) ? Optional.empty() : dice.pick(CALLERS);
        return dice.one(20) ? new GivenConnection(caller, RandomPolicies.TCP_PORT + dice.upTo(3)) : request(caller);
    }

    GivenFacts request(Optional<SpiffeId> caller) {
        Optional<Match> aim = matches.isEmpty() || dice.one(3) ? Optional.empty() : Optional.of(dice.pick(matches));
        String method =
                aim.filter(match -> !dice.one(8)).map(RandomRequests::method).orElseGet(() -> dice.pick(METHODS));
        boolean hop = dice.one(3);
        return new GivenFacts(
                caller,
                method,
                dice.pick(HOSTS),
                aim.flatMap(Match::template).map(this::path).orElseGet(() -> dice.pick(PATHS)),
                dice.one(4) ? Optional.empty() : Optional.of(dice.pick(QUERIES)),
                headers(),
                hop && !dice.one(3) ? new UserFact.Absent() : dice.pick(users),
                hop ? dice.pick(carried) : new UserFact.Absent(),
                answers());
    }

    private static String method(Match match) {
        return match instanceof Match.Http http ? http.method() : "POST";
    }

    /** One that the template matches. */
    private String path(PathTemplate template) {
        StringBuilder path = new StringBuilder();
        for (Segment segment : template.segments()) {
            path.append('/')
                    .append(
                            switch (segment) {
                                case Segment.Literal(String literal) -> literal;
                                case Segment.Variable _ -> dice.pick(List.of("a", "b", "p", "7", "a;x=1", "a%2Fb"));
                                case Segment.Rest _ -> dice.pick(List.of("a", "b/", "p/q", "c", "/a", "a;x=1"));
                            });
        }
        return path.toString();
    }

    private Map<String, List<String>> headers() {
        return switch (dice.upTo(4)) {
            case 0 -> Map.of();
            case 1 -> Map.of("x-n", dice.pick(HEADERS));
            default -> Map.of("x-n", dice.pick(HEADERS), "x-r", dice.pick(HEADERS));
        };
    }

    private Map<String, OpaAnswer> answers() {
        return switch (dice.upTo(3)) {
            case 0 -> Map.of();
            case 1 -> Map.of(dice.pick(RandomPolicies.TARGETS), answer());
            default -> Map.of("authz", answer(), "risk", answer());
        };
    }

    OpaAnswer answer() {
        return dice.pick(List.of(OpaAnswer.values()));
    }

    private UserFact user() {
        return switch (dice.upTo(16)) {
            case 0, 1, 2 -> new UserFact.Absent();
            case 3 -> new UserFact.Bad(dice.pick(TOKEN_REASONS));
            case 4 -> new UserFact.Unjudged();
            default -> new UserFact.Verified(verified(List.of()));
        };
    }

    private UserFact carried() {
        return switch (dice.upTo(16)) {
            case 0 -> new UserFact.Bad(dice.pick(TOKEN_REASONS));
            case 1 -> new UserFact.Unjudged();
            default -> new UserFact.Verified(verified(chain()));
        };
    }

    /** Mostly short ones that begin where they should, for most rules admit no others. */
    private List<String> chain() {
        String first = dice.pick(dice.one(4) ? RandomPolicies.SERVICES : List.of("web", "orders"));
        return Dice.join(
                List.of(first),
                dice.times(
                        dice.one(2) ? dice.upTo(2) : dice.upTo(5),
                        () -> dice.one(2) ? first : dice.pick(RandomPolicies.SERVICES)));
    }

    /** {@code carriedBy} as of {@link User}. */
    private User verified(List<String> carriedBy) {
        Map<String, Object> claims = dice.one(2)
                ? Map.of(
                        "dept",
                        dice.pick(RandomPolicies.WORDS),
                        "amr",
                        List.of(dice.pick(RandomPolicies.WORDS)),
                        "staff",
                        dice.one(2),
                        "level",
                        (long) dice.upTo(2))
                : Map.of("dept", List.of(dice.pick(RandomPolicies.WORDS)), "amr", "q", "staff", "true", "level", "0");
        return new User(
                dice.pick(List.of("shop", "shop", "shop", "shop", "shop", "staff", "staff", "gone")),
                dice.pick(RandomPolicies.WORDS),
                List.copyOf(dice.some(2, RandomPolicies.WORDS)),
                List.copyOf(dice.some(2, RandomPolicies.WORDS)),
                dice.one(5) ? Map.of() : claims,
                Facts.NOW.minusSeconds(dice.one(3) ? 29 + 30L * dice.upTo(4) + dice.upTo(3) : 10),
                expiry(carriedBy.isEmpty() ? 30 : 5),
                carriedBy);
    }

    /** Also around the end of the leeway, in seconds. */
    private Instant expiry(int leeway) {
        return dice.one(12) ? Facts.NOW.minusSeconds(leeway - 1 + dice.upTo(3)) : Facts.NOW.plusSeconds(60);
    }
}
