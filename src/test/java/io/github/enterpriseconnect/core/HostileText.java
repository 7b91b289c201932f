package io.github.enterpriseconnect.core;

import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;

/** Addresses and domains as somebody writes them who wants two systems to read them differently, among honest ones. */
final class HostileText {
    private static final String BEYOND_ASCII = "\u00DF\u00E9\u0130\u0131\u017F\u212A\u212B\uFB01"
            // homographs
            + "\u0430\u0435\u043E\u0440\u0441\u0445\u03BF\u0585"
            // full-width letters, at sign and full stops
            + "\uFF41\uFF2B\uFF10\uFF20\uFF0E\u3002\uFF61\u2024\uFE52"
            // combining marks
            + "\u0301\u0307\u0338\u20DD"
            // bidi, zero-width and invisible
            + "\u200E\u200F\u202A\u202E\u2066\u2069\u200B\u200C\u200D\u2060\uFEFF\u00AD\uFE0F"
            // white space and line ends
            + "\u0085\u00A0\u1680\u2003\u2028\u2029\u202F\u3000"
            // halves of a pair
            + "\uD800\uDBFF\uDC00\uDFFF";

    private static final Arbitrary<Character> BETWEEN_WORDS = Arbitraries.of(
            '\u0000', '\t', '\n', '\u000B', '\f', '\r', ' ', '\u001B', '\u001C', '\u001F', '\u007F', '\b');

    private static final Arbitrary<String> SNIPPETS = Arbitraries.of(
            "@",
            "@@",
            ".",
            "..",
            "-",
            "--",
            ",",
            ";",
            ":",
            "<",
            ">",
            "(comment)",
            "()",
            "\"",
            "\"a b\"",
            "\\",
            "[",
            "]",
            "[127.0.0.1]",
            "[IPv6:::1]",
            "127.0.0.1",
            "%",
            "%40",
            "!",
            "+",
            "+tag",
            "_",
            "*",
            "=",
            "=?utf-8?q?a?=",
            "&#64;",
            "xn--",
            "xn--a",
            "mailto:",
            "MAILTO:",
            "?subject=x",
            "@evil.example",
            ".evil.example",
            "evil.",
            "\r\nBcc: ceo@evil.example",
            "\n.\n",
            "%0d%0a",
            "\uD83D\uDE00");

    private HostileText() {}

    static Arbitrary<String> beyondAscii() {
        return Arbitraries.oneOf(
                Arbitraries.strings().withChars(BEYOND_ASCII).ofMinLength(1).ofMaxLength(2),
                Arbitraries.strings()
                        .withCharRange('\u0080', '\uFFFF')
                        .ofMinLength(1)
                        .ofMaxLength(2));
    }

    /** A piece of text that has something in it which might end, begin, hide or change an address. */
    static Arbitrary<String> piece() {
        return Arbitraries.oneOf(
                SNIPPETS,
                beyondAscii(),
                BETWEEN_WORDS.map(String::valueOf),
                Arbitraries.strings().ascii().ofMinLength(1).ofMaxLength(3));
    }

    static Arbitrary<String> plainLocalPart() {
        Arbitrary<String> atom = Arbitraries.oneOf(
                Arbitraries.of("maria", "Maria", "MIKE", "o'hara", "maria+calendar", "user%evil.example", "a!b", "i"),
                Arbitraries.strings()
                        .alpha()
                        .numeric()
                        .withChars("!#$%&'*+-/=?^_`{|}~")
                        .ofMinLength(1)
                        .ofMaxLength(6));
        return atom.list().ofMinSize(1).ofMaxSize(2).map(atoms -> String.join(".", atoms));
    }

    static Arbitrary<String> plainLabel() {
        return Arbitraries.oneOf(
                Arbitraries.of(
                        "customer", "Kunde", "evil", "x", "1", "3com", "a-b", "xn--mnchen-3ya", "XN--80AK6AA92E"),
                Arbitraries.strings().alpha().numeric().ofMinLength(1).ofMaxLength(5));
    }

    static Arbitrary<String> plainDomain() {
        return Combinators.combine(
                        plainLabel().list().ofMinSize(1).ofMaxSize(3),
                        Arbitraries.of("example", "Example", "test", "xn--p1ai", "a1"))
                .as((labels, last) -> String.join(".", labels) + "." + last);
    }

    static Arbitrary<String> plainAddress() {
        return Combinators.combine(plainLocalPart(), plainDomain()).as((local, domain) -> local + "@" + domain);
    }

    static Arbitrary<String> addressesAt(Arbitrary<String> domains) {
        Arbitrary<String> plain =
                Combinators.combine(plainLocalPart(), domains).as((local, domain) -> local + "@" + domain);
        return Arbitraries.oneOf(
                plain,
                plain,
                spoilt(plain),
                disguised(plain),
                forms(plainLocalPart(), domains),
                overlongAddress(),
                soup());
    }

    static Arbitrary<String> spoilt(Arbitrary<String> plain) {
        return Combinators.combine(plain, piece(), Arbitraries.integers().between(0, 400), Arbitraries.of(0, 1, 2))
                .as((text, piece, position, cut) -> {
                    int at = position % (text.length() + 1);
                    return text.substring(0, at) + piece + text.substring(Math.min(text.length(), at + cut));
                });
    }

    /** One character written as another one that looks like it, or that Unicode takes for its other case. */
    private static Arbitrary<String> disguised(Arbitrary<String> plain) {
        return Combinators.combine(plain, Arbitraries.integers().between(0, 400))
                .as((text, position) -> {
                    int at = position % text.length();
                    return text.substring(0, at) + disguise(text.charAt(at)) + text.substring(at + 1);
                });
    }

    private static char disguise(char c) {
        return switch (c) {
            case 'k', 'K' -> '\u212A';
            case 's', 'S' -> '\u017F';
            case 'i' -> '\u0131';
            case 'I' -> '\u0130';
            case 'a' -> '\u0430';
            case 'e' -> '\u0435';
            case '.' -> '\u3002';
            case '-' -> '\u2010';
            // full width
            default -> (char) (c + 0xFEE0);
        };
    }

    private static Arbitrary<String> forms(Arbitrary<String> locals, Arbitrary<String> domains) {
        Arbitrary<String> form = Arbitraries.of(
                "\"%1$s\"@%2$s",
                "\"%1$s@evil.example\"@%2$s",
                "\"\\%1$s\"@%2$s",
                "\"\"@%2$s",
                "%1$s(comment)@%2$s",
                "%1$s@(comment)%2$s",
                "(comment)%1$s@%2$s",
                "@a.example,@b.example:%1$s@%2$s",
                "@%2$s:%1$s@evil.example",
                "%1$s%%evil.example@%2$s",
                "%1$s%%%2$s@evil.example",
                "evil.example!%1$s@%2$s",
                "%1$s@[127.0.0.1]",
                "%1$s@[%2$s]",
                "%1$s@127.0.0.1",
                "%1$s@%2$s@evil.example",
                "%1$s@evil.example@%2$s",
                "%1$s@@%2$s",
                "%1$s@%2$s.",
                "%1$s@.%2$s",
                "%1$s@%2$s..",
                ".%1$s@%2$s",
                "%1$s.@%2$s",
                "%1$s..%1$s@%2$s",
                "%1$s@sub.%2$s",
                "%1$s@evil%2$s",
                "%1$s@%2$s.evil.example",
                "%1$s@evil.example\u0000@%2$s",
                "%1$s@%2$s\r\nBcc: ceo@evil.example",
                " %1$s@%2$s",
                "%1$s@%2$s\n",
                "%1$s @ %2$s",
                "mailto:%1$s@%2$s",
                "Maria <%1$s@%2$s>",
                "<%1$s@%2$s>",
                "%1$s@%2$s, ceo@evil.example",
                "%1$s\uFF20%2$s",
                "%1$s+tag@%2$s");
        return Combinators.combine(form, locals, domains)
                .as((pattern, local, domain) -> pattern.formatted(local, domain));
    }

    /** Around every limit, on both sides of it. */
    private static Arbitrary<String> overlongAddress() {
        Arbitrary<String> locals = Arbitraries.of(1, 2, 63, 64, 65, 66).map("a"::repeat);
        return Arbitraries.oneOf(
                Combinators.combine(locals, overlongDomain()).as((local, domain) -> local + "@" + domain),
                Combinators.combine(locals, Arbitraries.integers().between(252, 256))
                        .as((local, length) -> local + "@" + nameOf(length - local.length() - 1)));
    }

    private static Arbitrary<String> overlongDomain() {
        Arbitrary<String> longLabel = Arbitraries.integers().between(61, 65).map("b"::repeat);
        return Arbitraries.oneOf(
                longLabel.map(label -> label + ".example"),
                longLabel.map(label -> "customer." + label),
                Arbitraries.integers().between(251, 255).map(HostileText::nameOf),
                Arbitraries.just(nameOf(100_000)));
    }

    private static String nameOf(int length) {
        return "c.".repeat((length - 7) / 2) + (length % 2 == 0 ? "examples" : "example");
    }

    private static Arbitrary<String> soup() {
        return Arbitraries.oneOf(
                Arbitraries.oneOf(piece(), plainLabel(), Arbitraries.of("@", "."))
                        .list()
                        .ofMaxSize(8)
                        .map(pieces -> String.join("", pieces)),
                Arbitraries.strings().all().ofMaxLength(40));
    }

    /** The same text with some of its ASCII letters in the other case. */
    static String recased(String text, Random random) {
        StringBuilder other = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (letter && random.nextBoolean()) {
                other.setCharAt(i, (char) (c ^ 0x20));
            }
        }
        return other.toString();
    }

    /** Hostile and honest e-mail texts. */
    static final class Addresses implements ArbitrarySupplier<String> {
        @Override
        public Arbitrary<String> get() {
            return addressesAt(plainDomain());
        }
    }

    /** Hostile and honest domain texts. */
    static final class Domains implements ArbitrarySupplier<String> {
        @Override
        public Arbitrary<String> get() {
            Arbitrary<String> form = Arbitraries.of(
                    "%s.",
                    ".%s", "*.%s", "@%s", "a@%s", "[%s]", "%s:25", "https://%s", " %s", "%s\r\n", "\t%s ", "%s\u0000");
            return Arbitraries.oneOf(
                    plainDomain(),
                    plainDomain(),
                    spoilt(plainDomain()),
                    disguised(plainDomain()),
                    Combinators.combine(form, plainDomain()).as(String::formatted),
                    overlongDomain(),
                    soup());
        }
    }

    /** Honest addresses only. */
    static final class PlainAddresses implements ArbitrarySupplier<String> {
        @Override
        public Arbitrary<String> get() {
            return plainAddress();
        }
    }

    /** Honest domains only. */
    static final class PlainDomains implements ArbitrarySupplier<String> {
        @Override
        public Arbitrary<String> get() {
            return plainDomain();
        }
    }

    /** Honest labels only. */
    static final class PlainLabels implements ArbitrarySupplier<String> {
        @Override
        public Arbitrary<String> get() {
            return plainLabel();
        }
    }

    /** What is put beside or into something honest. */
    static final class Pieces implements ArbitrarySupplier<String> {
        @Override
        public Arbitrary<String> get() {
            return piece();
        }
    }

    /** What looks like text but is no ASCII. */
    static final class BeyondAscii implements ArbitrarySupplier<String> {
        @Override
        public Arbitrary<String> get() {
            return beyondAscii();
        }
    }
}
