import Testing
import ZKDigest

/// The examples of the standards, and messages about the length of a block.
@Suite struct DigestTests {
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
    ])
    func md5IsThatOfTheStandard(message: String, digest: String) {
        #expect(hexadecimal(MD5.hash(Array(message.utf8))) == digest)
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ])
    func sha1IsThatOfTheStandard(message: String, digest: String) {
        #expect(hexadecimal(SHA1.hash(Array(message.utf8))) == digest)
    }

    @Test(arguments: [
        (55, "ef1772b6dff9a122358552954ad0df65", "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
        (56, "3b0c8ac703f828b04c6c197006d17218", "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
        (63, "b06521f39153d618550606be297466d5", "03f09f5b158a7a8cdad920bddc29b81c18a551f5"),
        (64, "014842d480b571495a4a0363793f7367", "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        (65, "c743a45e0d2e6a95cb859adae0248435", "11655326c708d70319be2610e8a57d9a5b959d3b"),
        (119, "8a7bd0732ed6a28ce75f6dabc90e1613", "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"),
        (120, "5f61c0ccad4cac44c75ff505e1f1e537", "f34c1488385346a55709ba056ddd08280dd4c6d6"),
        (1000, "cabe45dcc9ae5b66ba86600cca6b8ba8", "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
    func lengthsAboutABlockArePadded(length: Int, md5: String, sha1: String) {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: length)
        #expect(hexadecimal(MD5.hash(message)) == md5)
        #expect(hexadecimal(SHA1.hash(message)) == sha1)
    }

    /// The example of RFC 2831, section 4, with its service.
    @Test func responseIsThatOfTheStandard() {
        let response = DigestMD5Response(
            user: "chris", realm: "elwood.innosoft.com", password: "secret", nonce: "OA6MG9tEQGm2hh",
            clientNonce: "OA6MHXh6VqTrRk", authzid: nil, uri: "imap/elwood.innosoft.com")
        #expect(response.client == "d388dad90d4bbd760a152321f2143af7")
        #expect(response.server == "ea40f60335c427b5527b84dbabcdfffd")
    }

    @Test func identityIsThatOfZooKeeper() {
        let id = DigestIdentity.id(ofCredentials: Array("super:secret".utf8))
        #expect(String(decoding: id, as: UTF8.self) == "super:lK75jTNcA+U9vtVEw5vB51mj/w4=")
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}
