#!/usr/bin/env bash
# Makes the certificates of this directory anew; README.md says which. They are for tests on loopback; their keys are
# public.
set -euo pipefail
cd "$(dirname "$0")"
make_ca() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -days 36500 -subj "/O=Example/CN=$2"
}
# issue NAME SUBJECT EXTENSION [CA [DAYS]]
issue() {
    openssl req -newkey rsa:2048 -nodes -utf8 -keyout "$1.key" -out "$1.csr" -subj "$2"
    openssl x509 -req -in "$1.csr" -CA "${4:-ca}.pem" -CAkey "${4:-ca}.key" -CAcreateserial -days "${5:-36500}" \
        -out "$1.pem" -extfile <(echo "$3")
    rm "$1.csr"
}
make_ca ca "Test CA"
make_ca other-ca "Another CA"
server_name="subjectAltName=DNS:localhost,IP:127.0.0.1"
issue server "/O=Example/CN=localhost" "$server_name"
issue stranger "/O=Example/CN=stranger.example" "subjectAltName=DNS:stranger.example"
issue expired "/O=Example/CN=localhost" "$server_name" ca -1
issue client "/O=Example/CN=client1" "extendedKeyUsage=clientAuth"
issue impostor "/O=Example/CN=client1" "extendedKeyUsage=clientAuth" other-ca
issue expired-client "/O=Example/CN=client1" "extendedKeyUsage=clientAuth" ca -1
issue odd-client '/C=DE/ST= North /L=a,b\+c=d/O=Quote"s \\ #<>;/OU=Größe/DC=example+UID=u1/emailAddress=a@b.example/CN=#first/CN=' \
    "extendedKeyUsage=clientAuth"
openssl req -x509 -newkey rsa:2048 -nodes -keyout self-signed.key -out self-signed.pem -days 36500 \
    -subj "/O=Example/CN=localhost" -addext "$server_name"
openssl pkcs8 -topk8 -in server.key -out server-encrypted.key -passout pass:keystore-secret
cat server.key server.pem >server-keystore.pem
password=keystore-secret
openssl pkcs12 -export -in client.pem -inkey client.key -out client.p12 -passout "pass:$password"
openssl pkcs12 -export -nokeys -in ca.pem -out ca.p12 -passout "pass:$password"
keytool -importkeystore -noprompt -srckeystore client.p12 -srcstoretype PKCS12 -srcstorepass "$password" \
    -destkeystore client-java.p12 -deststoretype PKCS12 -deststorepass "$password"
keytool -importcert -noprompt -alias ca -file ca.pem -keystore ca.jks -storetype JKS -storepass "$password"
rm ca.srl ca.key other-ca.srl other-ca.key
