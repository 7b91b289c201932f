package io.github.enterpriseconnect.storage;

/** Tells one state of a link's row, its domains included, from every other that it has had or will have. */
public record LinkStamp(String row, int version) {}
