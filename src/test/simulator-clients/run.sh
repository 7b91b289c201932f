#!/bin/sh
# Starts the simulator's jar and walks it with curl and with Cronofy's own npm client.
# Needs: a built jar (./mvnw package), java, curl, node and npm. Downloads the npm client into a temporary folder.
set -eu
clients=$(cd "$(dirname "$0")" && pwd)
jar=${1:-$clients/../../../target/keycloak-enterprise-connect-simulator.jar}
work=$(mktemp -d)
CLIENT_ID=walk-client CLIENT_SECRET=walk-secret
export CLIENT_ID CLIENT_SECRET
unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy ALL_PROXY all_proxy

: >"$work/simulator.out"
java -jar "$jar" --port 0 --client-id "$CLIENT_ID" --client-secret "$CLIENT_SECRET" >"$work/simulator.out" &
simulator=$!
trap 'kill "$simulator" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

tries=0
until grep -q '^listening on ' "$work/simulator.out"; do
  tries=$((tries + 1))
  if [ "$tries" -gt 100 ] || ! kill -0 "$simulator" 2>/dev/null; then
    echo "the simulator did not start; is $jar built?" >&2
    exit 1
  fi
  sleep 0.2
done
SIMULATOR=$(sed -n 's/^listening on //p' "$work/simulator.out")
export SIMULATOR

echo "== curl against $SIMULATOR"
sh "$clients/curl.sh"

echo "== npm cronofy 3.8.4 against $SIMULATOR"
curl -fsS -X POST "$SIMULATOR/_simulator/reset"
(cd "$work" && npm init -y >/dev/null 2>&1 && npm install --silent --no-audit --no-fund cronofy@3.8.4 >/dev/null)
cp "$clients/cronofy-node.cjs" "$work/"
(cd "$work" && node cronofy-node.cjs)
echo "== all as expected"
