/** An application that builds on Enterprise Connect: it knows nothing of Cronofy but how to read events with a token. */
package io.github.enterpriseconnect.example;
