package io.github.enterpriseconnect.middle;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Mark;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Directories;
import io.github.enterpriseconnect.platform.DirectoryId;
import io.github.enterpriseconnect.platform.DirectorySilent;
import io.github.enterpriseconnect.platform.Realm;
import io.github.enterpriseconnect.platform.Users;
import io.github.enterpriseconnect.settings.Receivers;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.WrittenAttribute;
import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A realm that is switched on with an application and one consumer, its users, and what their attributes hold. */
public final class TestRealm implements Realm, Users {
    /** The client id of the realm's application at Cronofy. */
    public static final String CLIENT_ID = "application";

    public static final Consumer CONSUMER = new Consumer(
            "calendar-app", Set.of(Consumer.Right.MEMBER, Consumer.Right.RESOURCE, Consumer.Right.OFFLINE), null);

    /** The organization, and the domain of the addresses, of those who are a crowd. */
    private static final String CROWD = "large";

    private static final String CROWD_DOMAIN = "acme.example";

    /** What no id begins with. */
    private static final String NOBODY = "\n";

    private final String id;
    private final Map<String, TestUser> users = new HashMap<>();
    private final Map<String, Credential> credentials = new HashMap<>();
    private final Map<String, Optional<Credential>> cachedCredentials = new HashMap<>();
    private final Map<String, Credential> sealed = new HashMap<>();
    private final Map<String, String> shownStates = new HashMap<>();
    private final Map<String, Mark> marks = new HashMap<>();
    private final Set<String> planted = new HashSet<>();
    private final Map<String, RuntimeException> silent = new HashMap<>();
    private final Set<String> organizationsGone = new HashSet<>();
    private final Set<String> evicted = new HashSet<>();
    private final List<String> lookedUp = new CopyOnWriteArrayList<>();
    private final Map<String, TestUser> cached = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private final Set<String> writtenByUsers = new HashSet<>();
    private final Map<String, Set<String>> namingProviders = new HashMap<>();
    private final List<Set<String>> expected = new CopyOnWriteArrayList<>();
    private final Map<String, WrittenAttribute> formerlyWritten = new HashMap<>();
    private int mappersRead;
    private boolean organizationDisabled;
    private boolean domainsLost;
    private final Set<String> inDirectory = new HashSet<>();
    private Runnable whileDirectoriesAreAsked = () -> {};
    private boolean keyAway;
    private final Set<String> poisoned = new HashSet<>();
    private @Nullable String held;
    private final TestSessions sessions = new TestSessions();
    private boolean withSettings = true;
    private @Nullable String publicUrl;
    private @Nullable RuntimeException secretFailure;
    private @Nullable RuntimeException settingsFailure;
    private String clientId = CLIENT_ID;
    private boolean enabled = true;
    private boolean pages;
    private boolean signatureRequired;
    private Secret authorizations = Secret.of("{}");
    private final Set<String> disabledClients = new HashSet<>();
    private boolean signingKeyAway;
    private final List<Map<String, Object>> signed = new CopyOnWriteArrayList<>();
    private String delegatedScope = "read_write";
    private Settings.Watching watching = Settings.Watching.NOTHING;
    private List<Consumer> consumers = List.of(CONSUMER);
    private Behaviour defaults = Behaviour.SILENT;
    private @Nullable Secret secret = Secret.of("client secret");
    private @Nullable Secret nextSecret;
    private boolean unreadSecret;
    private String crowd = NOBODY;
    private Runnable whileLookingUp = () -> {};

    private final Map<String, DirectoryId> directoryOf = new HashMap<>();
    private final Map<DirectoryId, HangingDirectory> hanging = new HashMap<>();
    private final Directories directories;

    TestRealm(String id, Directories directories) {
        this.id = id;
        this.directories = directories;
    }

    /** These users are of a directory, and were imported from there. */
    public void importFrom(String directory, TestUser... imported) {
        Stream.of(imported).forEach(user -> directoryOf.put(user.id(), new DirectoryId(id, directory)));
    }

    /** From now on whoever asks the directory waits. */
    public HangingDirectory hang(String directory) {
        HangingDirectory hangs = new HangingDirectory();
        hanging.put(new DirectoryId(id, directory), hangs);
        return hangs;
    }

    /** A user with this address; the id is what stands before the {@code @}. */
    public TestUser user(String email) {
        TestUser user = new TestUser(email.substring(0, email.indexOf('@')), email, users::values);
        users.put(user.id(), user);
        return user;
    }

    /** Whoever's id begins so is a user, too, made only when looked for; they are not listed. */
    public void crowd(String beginning) {
        crowd = beginning;
    }

    public void remove(TestUser user) {
        users.remove(user.id());
        credentials.remove(user.id());
    }

    /** The user is removed in a way that the user cache does not hear of. */
    public void removeBehindCache(TestUser user) {
        cached.put(user.id(), user);
        remove(user);
    }

    /** Whoever looks the user up learns nothing, as with a directory that does not answer. */
    public void silence(TestUser user) {
        silence(user, new IllegalStateException("the directory does not answer"));
    }

    /** Whoever looks the user up is told so. */
    public void silence(TestUser user, RuntimeException failure) {
        silent.put(user.id(), failure);
    }

    /** Nothing that is asked of this user together with others can be answered. */
    public void poison(TestUser user) {
        poisoned.add(user.id());
    }

    /** What this user's attribute holds can be neither read nor changed; null for nobody's. */
    public void holdCredential(@Nullable TestUser user) {
        held = user == null ? null : user.id();
    }

    void failIfHeld(String userId) {
        if (userId.equals(held)) {
            throw new IllegalStateException("the attribute cannot be reached");
        }
    }

    public void answerAgain(TestUser user) {
        silent.remove(user.id());
    }

    /** The directory that the user comes from is switched off. */
    public void switchDirectoryOff(TestUser user) {
        silence(user, new DirectorySilent(new IllegalStateException("the directory is switched off")));
    }

    /** The organization of a link is not there, as after an import of a file without it. */
    public void removeOrganization(String name) {
        organizationsGone.add(name);
    }

    /** The settings name another application from now on. */
    public void changeApplication(String id) {
        clientId = id;
    }

    public void switchOff() {
        enabled = false;
    }

    public void switchOn() {
        enabled = true;
    }

    /** From now on whoever looks the secret up meets this, as with a vault that does not answer. */
    public void failSecret(RuntimeException failure) {
        secretFailure = failure;
    }

    /** What {@link #failSecret} did is over. */
    public void giveSecretBack() {
        secretFailure = null;
    }

    /** The application has no secret, as when the key that it was sealed under is lost. */
    public void loseSecret() {
        secret = null;
    }

    /** There are no valid settings any more, and with them no application. */
    public void loseSettings() {
        withSettings = false;
        secret = null;
    }

    /** The settings are back. */
    public void findSettings() {
        withSettings = true;
        secret = Secret.of("client secret");
    }

    /** The user is not there yet, with all that they carry. */
    public void hide(TestUser user) {
        users.remove(user.id());
    }

    /** The user is there now. */
    public void show(TestUser user) {
        users.put(user.id(), user);
    }

    public void setPublicUrl(String url) {
        publicUrl = url;
    }

    public void changeSecret(String to) {
        secret = Secret.of(to);
    }

    public void requireSignatures() {
        signatureRequired = true;
    }

    public void setDefaults(Behaviour behaviour) {
        defaults = behaviour;
    }

    /** The credential that a user's attribute holds. */
    public Optional<Credential> credential(TestUser user) {
        return Optional.ofNullable(credentials.get(user.id()));
    }

    /** The user's attribute no longer opens, as after the realm's key was lost. */
    public void loseCredential(TestUser user) {
        credentials.remove(user.id());
    }

    /** What users' attributes hold cannot be opened for now, as while the realm's key is away. */
    public void takeKeyAway() {
        keyAway = true;
    }

    public void bringKeyBack() {
        keyAway = false;
    }

    /** Whoever reads what an attribute holds fails while the key is away. */
    <T> Optional<T> opened(Optional<T> held) {
        if (keyAway && held.isPresent()) {
            throw Unreadable.key("key of realm " + id);
        }
        return held;
    }

    /** Puts a credential into the user's attribute, whatever else is known of the user. */
    public void putCredential(TestUser user, Credential credential) {
        credentials.put(user.id(), credential);
    }

    /**
     * From now on the cache of this node knows the user with what the attribute holds now, whatever other nodes store.
     */
    public void hearNoMoreOf(TestUser user) {
        cachedCredentials.put(user.id(), credential(user));
    }

    /** The credential that a user carries who comes from the cache. */
    Optional<Credential> cachedCredential(String userId) {
        return cachedCredentials.getOrDefault(userId, Optional.ofNullable(credentials.get(userId)));
    }

    /** What the mirror attribute shows administrators; null if it is absent. */
    public @Nullable String shownState(TestUser user) {
        return shownStates.get(user.id());
    }

    /** Happens each time that somebody is looked up past the user cache. */
    public void whileLookingUp(Runnable event) {
        whileLookingUp = event;
    }

    /** Ids of users who were looked up past the user cache, in that order. */
    public List<String> lookedUp() {
        return lookedUp;
    }

    public TestSessions sessions() {
        return sessions;
    }

    public Set<String> evicted() {
        return evicted;
    }

    /** A text that stands for the credential. */
    String seal(Credential credential) {
        String text = "sealed " + sealed.size();
        sealed.put(text, credential);
        return text;
    }

    Credential open(String text) {
        return Objects.requireNonNull(sealed.get(text));
    }

    /** Somebody who may write users' attributes plants this mark, and what looks like a credential. */
    public void plant(TestUser user, Mark mark) {
        planted.add(user.id());
        marks.put(user.id(), mark);
    }

    /** The user bears no mark, as if a version of us had granted the delegation that knew of none. */
    public void loseMark(TestUser user) {
        marks.remove(user.id());
    }

    /** The mark that the user bears; null if none. */
    public @Nullable Mark mark(TestUser user) {
        return marks.get(user.id());
    }

    Map<String, Mark> marks() {
        return marks;
    }

    /** Whether the attribute holds anything, which nobody opens to tell. */
    boolean carries(String userId) {
        return planted.contains(userId) || cachedCredential(userId).isPresent();
    }

    Map<String, Credential> credentials() {
        return credentials;
    }

    Map<String, String> shownStates() {
        return shownStates;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String name() {
        return id;
    }

    @Override
    public String displayName() {
        return "Realm " + id;
    }

    @Override
    public String displayName(LinkId link) {
        return "Organization " + link.name();
    }

    @Override
    public boolean enabled() {
        return enabled;
    }

    @Override
    public Optional<Settings> settings() {
        return withSettings ? Optional.of(presentSettings()) : Optional.empty();
    }

    /** What the realm wants of mailboxes from now on. */
    public void wants(String scope) {
        delegatedScope = scope;
    }

    /** The settings name these consumers from now on. */
    public void consumers(Consumer... named) {
        consumers = List.of(named);
        authorize("Bearer of consumers");
    }

    /** What Cronofy is asked again and again from now on. */
    public void watches(Settings.Watching what) {
        watching = what;
    }

    private Settings presentSettings() {
        return new Settings(
                DataCenter.DE,
                clientId,
                Optional.of(Secret.of("client secret")),
                Optional.ofNullable(nextSecret),
                "service_account/accounts/manage",
                delegatedScope,
                publicUrl,
                signatureRequired,
                consumers,
                Optional.empty(),
                watching);
    }

    @Override
    public Optional<Application> application() {
        if (secretFailure != null) {
            throw secretFailure;
        }
        return Optional.ofNullable(secret)
                .map(present -> new Application(
                        DataCenter.DE, clientId, present, Optional.ofNullable(nextSecret), unreadSecret));
    }

    @Override
    public void requireSecrets() {
        if (unreadSecret) {
            throw Unreadable.because(Reason.MISCONFIGURED);
        }
    }

    /** A rotation begins with this secret, or ends without one. */
    public void rotate(@Nullable String to) {
        nextSecret = to == null ? null : Secret.of(to);
    }

    /** There is another secret, which cannot be read now. */
    public void leaveSecretUnread() {
        unreadSecret = true;
    }

    /** From now on whoever asks which application the settings name meets this; null for nothing. */
    public void failSettings(@Nullable RuntimeException failure) {
        settingsFailure = failure;
    }

    @Override
    public Optional<String> applicationKey() {
        if (settingsFailure != null) {
            throw settingsFailure;
        }
        return settings().map(Settings::applicationKey);
    }

    @Override
    public boolean has(LinkId link) {
        return !organizationsGone.contains(link.name());
    }

    @Override
    public Behaviour defaults() {
        return defaults;
    }

    /** The realm's user profile lets users write this attribute from now on. */
    public void letUsersWrite(String attribute) {
        writtenByUsers.add(attribute);
    }

    /** No more. */
    public void letNobodyWrite(String attribute) {
        writtenByUsers.remove(attribute);
    }

    /** No identity provider says any more what the attribute holds, or is trusted to. */
    public void letNoProviderSay(String attribute) {
        namingProviders.remove(attribute);
    }

    /** From now on sign-ins through this identity provider say what the attribute holds. */
    public void letProviderSay(String alias, String attribute) {
        namingProviders.computeIfAbsent(attribute, unknown -> new HashSet<>()).add(alias);
    }

    @Override
    public boolean usersWrite(String attribute) {
        return writtenByUsers.contains(attribute);
    }

    @Override
    public Set<String> namingProviders(String attribute) {
        mappersRead++;
        return namingProviders.getOrDefault(attribute, Set.of());
    }

    @Override
    public WrittenAttribute formerlyWritten(String attribute) {
        return formerlyWritten.getOrDefault(attribute, WrittenAttribute.UNKNOWN);
    }

    /** What a former version has noted with the realm; null for nothing any more. */
    public void formerlyWritten(String attribute, @Nullable WrittenAttribute noted) {
        formerlyWritten.put(attribute, noted == null ? WrittenAttribute.UNKNOWN : noted);
    }

    @Override
    public boolean trusts(String identityProvider) {
        return namingProviders.values().stream().anyMatch(some -> some.contains(identityProvider));
    }

    /** How often the mappers of all identity providers were read. */
    public int mappersRead() {
        return mappersRead;
    }

    @Override
    public void expectNames(String attribute, Collection<String> ids) {
        expected.add(Set.copyOf(ids));
    }

    /** Whose names were read together, each time. */
    public List<Set<String>> expected() {
        return expected;
    }

    @Override
    public long countNamed(String attribute) {
        return users.values().stream()
                .filter(user -> user.attribute(attribute).findAny().isPresent() && !user.filledByDirectory(attribute))
                .count();
    }

    @Override
    public boolean write(String userId, String attribute, String value) {
        TestUser user = users.get(userId);
        if (user == null || user.filledByDirectory(attribute)) {
            return false;
        }
        user.says(attribute, value);
        return true;
    }

    /** The realm no longer has this group or role. */
    public void lose(String groupOrRole) {
        gone.add(groupOrRole);
    }

    /** The realm has this group or role again. */
    public void find(String groupOrRole) {
        gone.remove(groupOrRole);
    }

    @Override
    public boolean resolves(Policy policy) {
        return Stream.of(policy.requiredGroups(), policy.deniedGroups(), policy.requiredRoles(), policy.deniedRoles())
                .flatMap(Set::stream)
                .noneMatch(gone::contains);
    }

    @Override
    public Set<String> directories() {
        return users.values().stream().flatMap(user -> user.source().stream()).collect(Collectors.toSet());
    }

    /** Consumers' notifications go with this header from now on; null for one that cannot be read. */
    public void authorize(@Nullable String header) {
        Map<String, String> headers = header == null
                ? Map.of()
                : consumers.stream().collect(Collectors.toMap(Consumer::clientId, consumer -> header));
        authorizations = Receivers.bound(
                Secret.of(new ObjectMapper().valueToTree(headers).toString()), consumers);
    }

    /** Somebody changes the consumers behind our back, as by Keycloak's components API; what is sealed stays as it is. */
    public void replaceConsumers(Consumer... named) {
        consumers = List.of(named);
    }

    /** The client is switched off in Keycloak, or on again. */
    public void disableClient(String clientId, boolean disabled) {
        if (disabled) {
            disabledClients.add(clientId);
        } else {
            disabledClients.remove(clientId);
        }
    }

    @Override
    public boolean clientEnabled(String clientId) {
        return !disabledClients.contains(clientId);
    }

    @Override
    public Optional<Secret> authorization(String clientId, URI address) {
        return Receivers.authorizations(authorizations)
                .map(headers -> headers.get(clientId))
                .flatMap(header -> header.to(address));
    }

    @Override
    public String issuer(@Nullable String noted) {
        return noted == null ? "https://id.example.com/realms/" + id : noted;
    }

    /** Nobody can sign anything from now on, as with a key provider that is switched off; or everybody can again. */
    public void takeSigningKeyAway(boolean away) {
        signingKeyAway = away;
    }

    /** Unsigned, so that a test reads what would be signed. */
    @Override
    public String signed(String type, Map<String, Object> claims) {
        if (signingKeyAway) {
            throw Unreadable.because(Reason.KEY_AWAY);
        }
        signed.add(claims);
        return type + " " + (signed.size() - 1);
    }

    /** What was signed as this text. */
    public Map<String, Object> claims(String text) {
        return signed.get(Integer.parseInt(text.substring(text.indexOf(' ') + 1)));
    }

    @Override
    public boolean mayAskForPage() {
        return pages || defaults.asksForPage();
    }

    @Override
    public void notePage() {
        pages = true;
    }

    @Override
    public Optional<User> byId(String userId) {
        TestUser known = cached.get(userId);
        return known == null ? found(userId) : Optional.of(known);
    }

    private Optional<User> found(String userId) {
        DirectoryId directory = directoryOf.get(userId);
        return directory == null
                ? answered(userId)
                : directories.ask(directory, () -> {
                    Optional.ofNullable(hanging.get(directory)).ifPresent(HangingDirectory::beAsked);
                    return answered(userId);
                });
    }

    private Optional<User> answered(String userId) {
        RuntimeException failure = silent.get(userId);
        if (failure != null) {
            throw failure;
        }
        return Optional.<User>ofNullable(users.get(userId))
                .or(() -> userId.startsWith(crowd)
                        ? Optional.of(
                                new TestUser(userId, userId + "@" + CROWD_DOMAIN, List::of).in(CROWD, CROWD_DOMAIN))
                        : Optional.empty());
    }

    @Override
    public Optional<User> uncached(String userId) {
        lookedUp.add(userId);
        whileLookingUp.run();
        return found(userId);
    }

    @Override
    public Map<Optional<DirectoryId>, List<String>> byDirectory(Collection<String> ids) {
        return ids.stream()
                .collect(Collectors.groupingBy(
                        userId -> Optional.ofNullable(directoryOf.get(userId)),
                        LinkedHashMap::new,
                        Collectors.toList()));
    }

    @Override
    public Set<String> gone(Collection<String> ids) {
        if (ids.stream().anyMatch(poisoned::contains)) {
            throw new IllegalStateException("one of them cannot be looked up");
        }
        return ids.stream()
                .filter(id -> {
                    try {
                        return found(id).isEmpty();
                    } catch (RuntimeException silentDirectory) {
                        return false;
                    }
                })
                .collect(Collectors.toSet());
    }

    @Override
    public void forgetCached(String userId) {
        cached.remove(userId);
        evicted.add(userId);
    }

    @Override
    public List<Listed> members(LinkId link, String after, int limit) {
        return users.values().stream()
                .filter(user -> of(link, user))
                .map(TestUser::id)
                .filter(userId -> userId.compareTo(after) > 0)
                .sorted()
                .limit(limit)
                .map(userId -> new Listed(userId, userId))
                .toList();
    }

    @Override
    public long countMembers(LinkId link) {
        return users.values().stream().filter(user -> of(link, user)).count();
    }

    private static boolean of(LinkId link, TestUser user) {
        return link.ofRealm()
                || user.organizations().orElseThrow().stream()
                        .anyMatch(affiliation -> affiliation.organization().equals(link.name()));
    }

    /** As Keycloak's table of attributes does, this minds capitals; addresses are kept in small letters. */
    @Override
    public Set<Mailbox> heldHere(Set<Mailbox> mailboxes, @Nullable String attribute) {
        return mailboxes.stream()
                .filter(mailbox -> has(mailbox, attribute, mailbox.spellings()::contains, here()))
                .collect(Collectors.toSet());
    }

    @Override
    public boolean anybodyHas(Mailbox mailbox, @Nullable String attribute) {
        whileDirectoriesAreAsked.run();
        return has(mailbox, attribute, mailbox.address()::equalsIgnoreCase, users.values());
    }

    /** Only a directory knows the user from now on, and Keycloak's tables do not. */
    public void keepInDirectory(TestUser user) {
        inDirectory.add(user.id());
    }

    /** This happens whenever directories are asked for an address. */
    public void whileDirectoriesAreAsked(Runnable event) {
        whileDirectoriesAreAsked = event;
    }

    private List<TestUser> here() {
        return users.values().stream()
                .filter(user -> !inDirectory.contains(user.id()))
                .toList();
    }

    private static boolean has(
            Mailbox mailbox, @Nullable String attribute, Predicate<String> spelt, Collection<TestUser> whose) {
        return whose.stream()
                .anyMatch(user -> mailbox.address().equalsIgnoreCase(user.email())
                        || (attribute != null && user.attribute(attribute).anyMatch(spelt)));
    }

    @Override
    public Optional<Candidate.Membership> membership(Link link) {
        return has(link.id())
                ? Optional.of(new Candidate.Membership(link, !organizationDisabled, domainsLost ? Set.of() : null))
                : Optional.empty();
    }

    /** Every organization is without domains from now on. */
    public void loseDomains(boolean lost) {
        domainsLost = lost;
    }

    /** Every organization is disabled from now on. */
    public void disableOrganizations(boolean disabled) {
        organizationDisabled = disabled;
    }

    @Override
    public Set<String> present(Set<String> ids) {
        return ids.stream().filter(users::containsKey).collect(Collectors.toSet());
    }
}
