# A JAR that runs alone: the simulator, the example application.
FROM docker.io/library/eclipse-temurin:17-jre
ARG JAR
COPY --chown=1000:0 ${JAR} /application.jar
USER 1000
ENTRYPOINT ["java", "-jar", "/application.jar"]
