package dev.sallyport.proxy.trace;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads {@code ExportTraceServiceRequest} with Google's decoder and the numbers of opentelemetry-proto's trace.proto, common.proto and resource.proto. */
public final class Otlp {
    /** One batch. */
    public record Batch(Map<String, Object> resource, String scope, List<Seen> spans) {}

    /** One span; ids in hex, {@code parent} empty for a root's; times in nanoseconds since 1970. */
    public record Seen(
            String trace,
            String span,
            String parent,
            String name,
            int kind,
            long start,
            long end,
            int status,
            int flags,
            Map<String, Object> attributes) {}

    private Otlp() {}

    @FunctionalInterface
    private interface OnField {
        void read(int number, CodedInputStream in, int tag) throws IOException;
    }

    private static void message(CodedInputStream in, OnField field) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            field.read(WireFormat.getTagFieldNumber(tag), in, tag);
        }
    }

    private static CodedInputStream inner(CodedInputStream in) throws IOException {
        return CodedInputStream.newInstance(in.readByteArray());
    }

    /** IOException: it is no such message. */
    public static Batch read(byte[] bytes) throws IOException {
        Map<String, Object> resource = new TreeMap<>();
        List<Seen> spans = new ArrayList<>();
        String[] scope = {""};
        message(
                CodedInputStream.newInstance(bytes),
                (_, request, _) -> message(inner(request), (part, in, tag) -> {
                    switch (part) {
                        case 1 -> message(inner(in), (_, attribute, _) -> pair(inner(attribute), resource));
                        case 2 ->
                            message(inner(in), (number, scoped, other) -> {
                                if (number == 1) {
                                    message(inner(scoped), (n, said, t) -> {
                                        if (n == 1) {
                                            scope[0] = said.readStringRequireUtf8();
                                        } else {
                                            said.skipField(t);
                                        }
                                    });
                                } else if (number == 2) {
                                    spans.add(span(inner(scoped)));
                                } else {
                                    scoped.skipField(other);
                                }
                            });
                        default -> in.skipField(tag);
                    }
                }));
        return new Batch(resource, scope[0], spans);
    }

    private static Seen span(CodedInputStream in) throws IOException {
        String[] text = {"", "", "", ""};
        long[] number = new long[5];
        Map<String, Object> attributes = new TreeMap<>();
        message(in, (field, of, tag) -> {
            switch (field) {
                case 1 -> text[0] = HexFormat.of().formatHex(of.readByteArray());
                case 2 -> text[1] = HexFormat.of().formatHex(of.readByteArray());
                case 4 -> text[2] = HexFormat.of().formatHex(of.readByteArray());
                case 5 -> text[3] = of.readStringRequireUtf8();
                case 6 -> number[0] = of.readEnum();
                case 7 -> number[1] = of.readFixed64();
                case 8 -> number[2] = of.readFixed64();
                case 9 -> pair(inner(of), attributes);
                case 15 ->
                    message(inner(of), (n, status, t) -> {
                        if (n == 3) {
                            number[3] = status.readEnum();
                        } else {
                            status.skipField(t);
                        }
                    });
                case 16 -> number[4] = of.readFixed32();
                default -> throw new IOException("field " + field + ", tag " + tag);
            }
        });
        return new Seen(
                text[0],
                text[1],
                text[2],
                text[3],
                (int) number[0],
                number[1],
                number[2],
                (int) number[3],
                (int) number[4],
                attributes);
    }

    private static List<String> texts(CodedInputStream in) throws IOException {
        List<String> texts = new ArrayList<>();
        message(in, (_, array, _) -> message(inner(array), (_, any, _) -> texts.add(any.readStringRequireUtf8())));
        return texts;
    }

    private static void pair(CodedInputStream in, Map<String, Object> into) throws IOException {
        String[] key = {""};
        Object[] value = {""};
        message(in, (number, pair, tag) -> {
            switch (number) {
                case 1 -> key[0] = pair.readStringRequireUtf8();
                case 2 ->
                    message(inner(pair), (kind, any, t) -> {
                        switch (kind) {
                            case 1 -> value[0] = any.readStringRequireUtf8();
                            case 3 -> value[0] = any.readInt64();
                            case 5 -> value[0] = texts(inner(any));
                            default -> throw new IOException("AnyValue " + kind + ", tag " + t);
                        }
                    });
                default -> throw new IOException("KeyValue " + number + ", tag " + tag);
            }
        });
        if (into.put(key[0], value[0]) != null) {
            throw new IOException("twice: " + key[0]);
        }
    }
}
