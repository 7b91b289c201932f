package io.github.enterpriseconnect.core;

/** How thoroughly it is found out whose a name is. */
public enum Search {
    /** Before somebody is asked for: everywhere, now, and for whatever capitals. */
    AFRESH,
    /** To use what was granted: for the usual capitals, and what stores that are far away have said lately counts. */
    LATELY
}
