package io.github.enterpriseconnect.cronofy;

import io.github.enterpriseconnect.core.DataCenter;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where Cronofy is. The two overrides come from the server's own options and are the only way to another host, such as
 * the simulator or a proxy: nobody who administers a realm or an organization can point the server elsewhere.
 *
 * @param apiOverride replaces every data centre's API host; null for Cronofy itself
 * @param appOverride replaces every data centre's page host; null for Cronofy itself
 */
public record Hosts(@Nullable URI apiOverride, @Nullable URI appOverride) {

    /** Base of the API, without a slash at the end. */
    public String api(DataCenter dataCenter) {
        return base(apiOverride == null ? dataCenter.apiUrl() : apiOverride);
    }

    /** Base of the pages, without a slash at the end. */
    public String app(DataCenter dataCenter) {
        return base(appOverride == null ? dataCenter.appUrl() : appOverride);
    }

    private static String base(URI uri) {
        String text = uri.toString();
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
