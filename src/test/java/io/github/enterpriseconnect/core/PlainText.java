package io.github.enterpriseconnect.core;

/**
 * What a plain address is, said a second time and without regular expressions: the dot-atom and the
 * letter-digit-hyphen domain of RFC 5321, read character by character, in any case.
 */
final class PlainText {
    private enum State {
        ATOM_STARTS,
        ATOM,
        LABEL_STARTS,
        LABEL,
        LABEL_HYPHEN,
        REFUSED
    }

    private final String text;
    private State state;
    private int labels;
    private int labelStart;

    private PlainText(String text, State state) {
        this.text = text;
        this.state = state;
    }

    static boolean isMailbox(String text) {
        int local = text.indexOf('@');
        return local <= 64 && text.length() <= 254 && new PlainText(text, State.ATOM_STARTS).accepted();
    }

    static boolean isDomain(String text) {
        return text.length() <= 253 && new PlainText(text, State.LABEL_STARTS).accepted();
    }

    private boolean accepted() {
        for (int i = 0; i < text.length() && state != State.REFUSED; i++) {
            state = next(i, text.charAt(i));
        }
        return state == State.LABEL && labels >= 2 && fits(text.length()) && letter(text.charAt(labelStart));
    }

    private State next(int i, char c) {
        return switch (state) {
            case ATOM_STARTS -> atext(c) ? State.ATOM : State.REFUSED;
            case ATOM -> {
                if (c == '@') {
                    yield State.LABEL_STARTS;
                }
                if (c == '.') {
                    yield State.ATOM_STARTS;
                }
                yield atext(c) ? State.ATOM : State.REFUSED;
            }
            case LABEL_STARTS -> {
                labels++;
                labelStart = i;
                yield letter(c) || digit(c) ? State.LABEL : State.REFUSED;
            }
            case LABEL -> c == '.' ? (fits(i) ? State.LABEL_STARTS : State.REFUSED) : inLabel(c);
            case LABEL_HYPHEN -> inLabel(c);
            case REFUSED -> State.REFUSED;
        };
    }

    private boolean fits(int end) {
        return end - labelStart <= 63;
    }

    private static State inLabel(char c) {
        if (c == '-') {
            return State.LABEL_HYPHEN;
        }
        return letter(c) || digit(c) ? State.LABEL : State.REFUSED;
    }

    private static boolean atext(char c) {
        return letter(c)
                || digit(c)
                || switch (c) {
                    case '!',
                            '#',
                            '$',
                            '%',
                            '&',
                            '\'',
                            '*',
                            '+',
                            '-',
                            '/',
                            '=',
                            '?',
                            '^',
                            '_',
                            '`',
                            '{',
                            '|',
                            '}',
                            '~' -> true;
                    default -> false;
                };
    }

    private static boolean letter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }
}
