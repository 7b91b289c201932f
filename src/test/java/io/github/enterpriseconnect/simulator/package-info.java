/**
 * The simulator: our stand-in for Cronofy's Enterprise Connect, written from the wire contract ("contract" in the
 * comments, with its section numbers) and from nothing else. It runs inside a test or alone as a jar, keeps its state
 * in memory and turns every point that Cronofy leaves open into a {@link io.github.enterpriseconnect.simulator.Switch}.
 * What is made up beyond the contract is marked "invented".
 *
 * <p>It imports nothing of the extension, so that a mistake in one shows against the other. JDK and Jackson only.
 */
@NullMarked
package io.github.enterpriseconnect.simulator;

import org.jspecify.annotations.NullMarked;
