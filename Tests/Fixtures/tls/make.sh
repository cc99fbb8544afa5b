#!/usr/bin/env bash
# Makes the certificates of this directory anew: a CA, a server (localhost, 127.0.0.1), a client, and a server with
# another name. They are for tests on loopback; their keys are public.
set -euo pipefail
cd "$(dirname "$0")"
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 36500 -subj "/O=Example/CN=Test CA"
issue() {
    openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 36500 -out "$1.pem" \
        -extfile <(echo "$3")
    rm "$1.csr"
}
issue server "/O=Example/CN=localhost" "subjectAltName=DNS:localhost,IP:127.0.0.1"
issue stranger "/O=Example/CN=stranger.example" "subjectAltName=DNS:stranger.example"
issue client "/O=Example/CN=client1" "extendedKeyUsage=clientAuth"
cat server.key server.pem >server-keystore.pem
rm ca.srl ca.key
