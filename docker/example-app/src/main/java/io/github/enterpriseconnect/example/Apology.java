package io.github.enterpriseconnect.example;

/** Why the user does not see what they came for, in a sentence for them. */
final class Apology extends Exception {
    private static final long serialVersionUID = 1L;

    /** What the user can do about it. */
    enum Remedy {
        /** Sign in again. */
        SIGN_IN(403),
        /** Come back in a moment. */
        TRY_AGAIN(503),
        /** Nothing; somebody in charge has to act. */
        NONE(403);

        private final int status;

        Remedy(int status) {
            this.status = status;
        }

        /** The HTTP status that says as much to programs. */
        int status() {
            return status;
        }
    }

    private final Remedy remedy;
    private final int seconds;

    private Apology(Remedy remedy, String sentence, int seconds) {
        super(sentence);
        this.remedy = remedy;
        this.seconds = seconds;
    }

    static Apology signIn(String sentence) {
        return new Apology(Remedy.SIGN_IN, sentence, 0);
    }

    /** @param seconds how long to wait before that makes sense */
    static Apology tryAgain(String sentence, int seconds) {
        return new Apology(Remedy.TRY_AGAIN, sentence, seconds);
    }

    static Apology inCharge(String sentence) {
        return new Apology(Remedy.NONE, sentence, 0);
    }

    Remedy remedy() {
        return remedy;
    }

    int seconds() {
        return seconds;
    }
}
