package io.github.enterpriseconnect.integration.harness;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/** What a browser has got from an address: mostly a page, but a redirect is one too. */
public record Page(URI uri, int status, HttpHeaders headers, String text) {

    /** The page's elements, for those questions that this class doesn't answer. */
    public Document document() {
        return Jsoup.parse(text, uri.toString());
    }

    public List<Form> forms() {
        return document().forms().stream().map(form -> Form.of(form, uri)).toList();
    }

    /** The form that asks for this input. */
    public Form formAskingFor(String input) {
        return forms().stream()
                .filter(form -> form.asksFor(input))
                .findFirst()
                .orElseThrow(() -> new AssertionError("Nothing asks for " + input + " at " + this));
    }

    boolean asksFor(String input) {
        return forms().stream().anyMatch(form -> form.asksFor(input));
    }

    /** Where a link leads, found by what is written on it. */
    public URI link(String label) {
        return document().select("a[href]").stream()
                .filter(link -> link.text().equalsIgnoreCase(label))
                .findFirst()
                .map(link -> URI.create(link.absUrl("href")))
                .orElseThrow(() -> new AssertionError("No link says '" + label + "' at " + this));
    }

    /** Where the page has the browser go by itself after a moment. */
    public Optional<URI> refresh() {
        return headers.firstValue("Refresh").map(refresh -> uri.resolve(refresh.replaceFirst("^[0-9]+; *url=", "")));
    }

    public boolean isRedirect() {
        return status >= 300 && status < 400 && headers.firstValue("Location").isPresent();
    }

    /** What a person would say of the page: it stands in the messages of failed assertions. */
    @Override
    public String toString() {
        return uri + " with " + status + ": " + document().text();
    }
}
