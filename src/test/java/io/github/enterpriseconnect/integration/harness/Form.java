package io.github.enterpriseconnect.integration.harness;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.FormElement;

/**
 * A form of a page, with what is filled in.
 *
 * @param fields what a submission sends, without the button
 * @param inputs the names of all that can be filled in or ticked, hidden fields not among them
 */
public record Form(
        String id, String method, URI action, Map<String, String> fields, Set<String> inputs, List<Button> buttons) {

    /** Something to press, by its name, its id or what is written on it. */
    public record Button(String id, String name, String value, String label) {

        private boolean isCalled(String text) {
            return text.equals(name) || text.equals(id) || text.equalsIgnoreCase(label);
        }
    }

    static Form of(FormElement form, URI page) {
        Map<String, String> fields = new LinkedHashMap<>();
        Set<String> inputs = new LinkedHashSet<>();
        List<Button> buttons = new ArrayList<>();
        for (Element control : form.elements()) {
            String type = control.attr("type").toLowerCase(Locale.ROOT);
            if (control.hasAttr("disabled") || type.equals("button") || type.equals("reset")) {
                continue;
            }
            if (control.normalName().equals("button") || type.equals("submit") || type.equals("image")) {
                buttons.add(button(control));
            } else if (!control.attr("name").isEmpty()) {
                if (!type.equals("hidden")) {
                    inputs.add(control.attr("name"));
                }
                boolean box = type.equals("checkbox") || type.equals("radio");
                if (!box || control.hasAttr("checked")) {
                    fields.put(control.attr("name"), value(control, box));
                }
            }
        }
        String action = form.attr("action");
        return new Form(
                form.id(),
                form.attr("method").equalsIgnoreCase("post") ? "POST" : "GET",
                action.isEmpty() ? page : URI.create(form.absUrl("action")),
                Collections.unmodifiableMap(fields),
                Collections.unmodifiableSet(inputs),
                List.copyOf(buttons));
    }

    private static String value(Element control, boolean box) {
        if (control.normalName().equals("select")) {
            Element chosen = control.selectFirst("option[selected]");
            Element option = chosen == null ? control.selectFirst("option") : chosen;
            return option == null
                    ? ""
                    : option.val().isEmpty() && !option.hasAttr("value") ? option.text() : option.val();
        }
        return box && !control.hasAttr("value") ? "on" : control.val();
    }

    private static Button button(Element control) {
        String label = control.normalName().equals("button") ? control.text() : control.val();
        return new Button(control.id(), control.attr("name"), control.attr("value"), label);
    }

    public boolean asksFor(String input) {
        return inputs.contains(input);
    }

    /** The form with something filled in that can be filled in. */
    public Form with(String input, String value) {
        if (!asksFor(input)) {
            throw new AssertionError("The form asks for " + inputs + ", not for " + input);
        }
        return plus(input, value);
    }

    /** The form as this button sends it. */
    public Form press(String button) {
        Button pressed = buttons.stream()
                .filter(candidate -> candidate.isCalled(button))
                .findFirst()
                .orElseThrow(() -> new AssertionError("The form has the buttons " + buttons + ", not " + button));
        return sentBy(pressed);
    }

    /** The form as the Enter key sends it: with its first button. */
    public Form pressDefault() {
        return buttons.isEmpty() ? this : sentBy(buttons.get(0));
    }

    private Form sentBy(Button button) {
        Form sent = button.name().isEmpty() ? this : plus(button.name(), button.value());
        return new Form(sent.id, sent.method, sent.action, sent.fields, sent.inputs, List.of());
    }

    private Form plus(String name, String value) {
        Map<String, String> filled = new LinkedHashMap<>(fields);
        filled.put(name, value);
        return new Form(id, method, action, Collections.unmodifiableMap(filled), inputs, buttons);
    }
}
