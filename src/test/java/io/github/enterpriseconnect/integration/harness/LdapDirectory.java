package io.github.enterpriseconnect.integration.harness;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedAddRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedDeleteRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedModifyDNRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedModifyRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.Modification;
import com.unboundid.ldap.sdk.ModificationType;
import com.unboundid.ldif.LDIFException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A company's LDAP directory, on a loopback port that it keeps when it comes back after a break. */
public final class LdapDirectory implements AutoCloseable {
    /** Everybody's password. */
    public static final String PASSWORD = "password";

    static final String PEOPLE = "ou=people,dc=directory,dc=test";
    static final String GROUPS = "ou=groups,dc=directory,dc=test";
    static final String MANAGER = "cn=manager";
    static final String MANAGER_PASSWORD = "manager-password";

    private static final String ROOT = "dc=directory,dc=test";

    private final int port;
    private final InMemoryDirectoryServer server;
    private final List<String> changesByOthers = new CopyOnWriteArrayList<>();
    private final Gate gate = new Gate();

    private LdapDirectory(int port) {
        this.port = port;
        try {
            InMemoryDirectoryServerConfig plan = new InMemoryDirectoryServerConfig(ROOT);
            // Without one, so that entries may also look like those of Active Directory.
            plan.setSchema(null);
            plan.addAdditionalBindCredentials(MANAGER, MANAGER_PASSWORD);
            plan.setListenerConfigs(
                    new InMemoryListenerConfig("loopback", InetAddress.getLoopbackAddress(), port, null, null, null));
            plan.addInMemoryOperationInterceptor(new Witness(changesByOthers));
            plan.addInMemoryOperationInterceptor(gate);
            server = new InMemoryDirectoryServer(plan);
            server.add("dn: " + ROOT, "objectClass: domain", "dc: directory");
            server.add("dn: " + PEOPLE, "objectClass: organizationalUnit", "ou: people");
            server.add("dn: " + GROUPS, "objectClass: organizationalUnit", "ou: groups");
        } catch (LDAPException | LDIFException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An empty directory that answers. */
    public static LdapDirectory start() {
        LdapDirectory directory = new LdapDirectory(Ports.free());
        directory.answer();
        return directory;
    }

    public String url() {
        return "ldap://127.0.0.1:" + port;
    }

    /** Begins to answer again after {@link #fallSilent()} or {@link #hang()}, also what was asked meanwhile. */
    public void answer() {
        gate.open();
        try {
            server.startListening();
        } catch (LDAPException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Takes connections and searches, and answers none of these. Those who wait for a connection are given up by Java after
     * Keycloak's connection timeout, which is five seconds if nobody sets it; those who search are not.
     */
    public void hang() {
        gate.shut();
    }

    /** Returns once somebody waits for an answer. */
    public void awaitQuestion() {
        gate.awaitSomebody();
    }

    /** Refuses connections, and ends those that are open. What is in the directory stays. */
    public void fallSilent() {
        server.shutDown(true);
    }

    /** Adds a person, who gets an {@code entryUUID} of their own. */
    public void add(String uid, String mail) {
        try {
            server.add(
                    "dn: " + dn(uid),
                    "objectClass: inetOrgPerson",
                    "uid: " + uid,
                    "cn: " + uid,
                    "givenName: " + uid,
                    "sn: Directory",
                    "mail: " + mail,
                    "userPassword: " + PASSWORD);
        } catch (LDAPException | LDIFException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds a group that has one member. */
    public void addGroup(String name, String uid) {
        try {
            server.add(
                    "dn: cn=" + name + "," + GROUPS, "objectClass: groupOfNames", "cn: " + name, "member: " + dn(uid));
        } catch (LDAPException | LDIFException e) {
            throw new IllegalStateException(e);
        }
    }

    public void changeMail(String uid, String mail) {
        change(uid, "mail", mail);
    }

    /** Enables or disables a person's account in the way of Active Directory. */
    public void changeAccount(String uid, boolean enabled) {
        change(uid, "userAccountControl", enabled ? "512" : "514");
    }

    /** Gives an attribute of a person's this one value. */
    public void change(String uid, String attribute, String value) {
        try {
            server.modify(dn(uid), new Modification(ModificationType.REPLACE, attribute, value));
        } catch (LDAPException e) {
            throw new IllegalStateException(e);
        }
    }

    public void remove(String uid) {
        try {
            server.delete(dn(uid));
        } catch (LDAPException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything in the person's entry as LDIF, with what the directory notes of changes. */
    public Optional<String> entry(String uid) {
        try {
            return Optional.ofNullable(server.getEntry(dn(uid), "*", "+")).map(Entry::toLDIFString);
        } catch (LDAPException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Which changes came over the wire, whether they were carried out or not. */
    public List<String> changesByOthers() {
        return List.copyOf(changesByOthers);
    }

    private static String dn(String uid) {
        return "uid=" + uid + "," + PEOPLE;
    }

    @Override
    public void close() {
        gate.open();
        server.shutDown(true);
    }

    /** Through which whatever is asked has to pass. */
    private static final class Gate extends InMemoryOperationInterceptor {
        private CountDownLatch way = new CountDownLatch(0);
        private CountDownLatch somebody = new CountDownLatch(1);

        synchronized void shut() {
            open();
            way = new CountDownLatch(1);
            somebody = new CountDownLatch(1);
        }

        synchronized void open() {
            way.countDown();
        }

        private synchronized CountDownLatch way() {
            if (way.getCount() > 0) {
                somebody.countDown();
            }
            return way;
        }

        private synchronized CountDownLatch somebody() {
            return somebody;
        }

        void awaitSomebody() {
            await(somebody());
        }

        private static void await(CountDownLatch latch) {
            try {
                if (!latch.await(5, TimeUnit.MINUTES)) {
                    throw new IllegalStateException("the directory hangs for too long, or nobody asks it");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void processSearchRequest(InMemoryInterceptedSearchRequest request) {
            await(way());
        }
    }

    private static final class Witness extends InMemoryOperationInterceptor {
        private final List<String> seen;

        Witness(List<String> seen) {
            this.seen = seen;
        }

        @Override
        public void processAddRequest(InMemoryInterceptedAddRequest request) {
            seen.add(request.getRequest().toString());
        }

        @Override
        public void processDeleteRequest(InMemoryInterceptedDeleteRequest request) {
            seen.add(request.getRequest().toString());
        }

        @Override
        public void processModifyRequest(InMemoryInterceptedModifyRequest request) {
            seen.add(request.getRequest().toString());
        }

        @Override
        public void processModifyDNRequest(InMemoryInterceptedModifyDNRequest request) {
            seen.add(request.getRequest().toString());
        }
    }
}
