package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Push notification channels and what goes through them (contract 5.6). */
final class Channels {
    private static final int MOST = 128;
    private static final int NOT_FOUND = 404;

    private final Bearers bearers;
    private final SimulatorClock clock;
    private final Switches switches;
    private final Callbacks callbacks;
    private final Map<String, Channel> channels = new LinkedHashMap<>();

    Channels(Bearers bearers, SimulatorClock clock, Switches switches, Callbacks callbacks) {
        this.bearers = bearers;
        this.clock = clock;
        this.switches = switches;
        this.callbacks = callbacks;
    }

    /** The same request again answers the same channel and verifies nothing anew. */
    Answer create(ReceivedRequest request) {
        Mailbox mailbox = bearers.mailbox(request);
        ObjectNode body = request.members();
        String url = body.path("callback_url").asText();
        if (url.isEmpty()) {
            throw Refused.required("callback_url");
        }
        if (!url.startsWith("http://") && !url.startsWith("https://")) {
            throw Refused.unprocessable("callback_url", "errors.invalid_url", "cannot be called");
        }
        ObjectNode filters = body.path("filters").isObject() ? body.withObject("/filters") : Json.object();
        String id = mailbox.application().identifier("chn", mailbox.sub() + '\n' + url + '\n' + Json.write(filters));
        Channel channel = new Channel(id, mailbox, url, filters);
        if (add(channel)) {
            send(channel, "verification");
        }
        ObjectNode answer = Json.object();
        answer.set("channel", channel.json());
        return Answer.json(200, answer);
    }

    Answer list(ReceivedRequest request) {
        ObjectNode answer = Json.object();
        answer.set(
                "channels",
                Json.array(
                        of(bearers.mailbox(request)).stream().map(Channel::json).toList()));
        return Answer.json(200, answer);
    }

    Answer delete(ReceivedRequest request, String id) {
        Mailbox mailbox = bearers.mailbox(request);
        synchronized (channels) {
            Channel channel = channels.get(id);
            if (channel == null || !channel.mailbox.equals(mailbox)) {
                throw bearers.notFound();
            }
            channels.remove(id);
        }
        return Answer.empty(202);
    }

    /** An event of this account was written. */
    void changed(Mailbox mailbox) {
        notify(mailbox, "change");
    }

    /** Tells every channel of a live account; answers how many there are. */
    int notify(Mailbox mailbox, String type) {
        List<Channel> told = mailbox.live() ? of(mailbox) : List.of();
        told.forEach(channel -> send(channel, type));
        return told.size();
    }

    void clear() {
        synchronized (channels) {
            channels.clear();
        }
    }

    private boolean add(Channel channel) {
        synchronized (channels) {
            if (of(channel.mailbox).size() >= MOST && !channels.containsKey(channel.id)) {
                throw Refused.unprocessable("channel", "errors.too_many", "at most " + MOST + " for an account");
            }
            return channels.put(channel.id, channel) == null;
        }
    }

    private List<Channel> of(Mailbox mailbox) {
        synchronized (channels) {
            List<Channel> found = new ArrayList<>(channels.values());
            found.removeIf(channel -> !channel.mailbox.equals(mailbox));
            return found;
        }
    }

    private void send(Channel channel, String type) {
        ObjectNode body = Json.object();
        ObjectNode notification = body.putObject("notification").put("type", type);
        if (type.equals("change")) {
            notification.put(
                    "changes_since",
                    clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        }
        body.set("channel", channel.json());
        callbacks.send(new Callbacks.Letter(channel.mailbox.application(), channel.url, () -> body, closing(channel)));
    }

    private Callbacks.Sender closing(Channel channel) {
        return new Callbacks.Sender() {
            @Override
            public boolean goesOnAfter(int status) {
                if (status != NOT_FOUND || !switches.get(Switch.CHANNEL_CLOSED_BY_404)) {
                    return true;
                }
                close(channel);
                return false;
            }

            @Override
            public void givesUp() {
                if (switches.get(Switch.CHANNEL_CLOSED_UNANSWERED)) {
                    close(channel);
                }
            }
        };
    }

    private void close(Channel channel) {
        synchronized (channels) {
            channels.remove(channel.id, channel);
        }
    }

    private record Channel(String id, Mailbox mailbox, String url, ObjectNode filters) {
        private ObjectNode json() {
            ObjectNode json = Json.object().put("channel_id", id).put("callback_url", url);
            json.set("filters", filters);
            return json;
        }
    }
}
