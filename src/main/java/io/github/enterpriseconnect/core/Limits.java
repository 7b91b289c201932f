package io.github.enterpriseconnect.core;

/**
 * How many requests Cronofy allows one application, whoever sends them. Source: Cronofy's FAQ, "What rate limits are
 * there?".
 */
public record Limits(int perSecond, int perMinute) {
    /** What every application has unless Cronofy has granted it more. */
    public static final Limits DEFAULT = new Limits(50, 500);

    /** Ten thousand a second fit into a row. */
    public static final int MOST_PER_SECOND = 10_000;

    public static final int MOST_PER_MINUTE = 60 * MOST_PER_SECOND;

    public Limits {
        if (perSecond < 1 || perSecond > MOST_PER_SECOND || perMinute < perSecond || perMinute > MOST_PER_MINUTE) {
            throw new IllegalArgumentException("no limits of requests: " + perSecond + ", " + perMinute);
        }
    }
}
