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
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (3, "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"),
        (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
        (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        (65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
        (119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
        (120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"),
        (1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
    ])
    func sha256IsThatOfTheStandardInPieces(length: Int, digest: String) {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: length)
        #expect(hexadecimal(SHA256.hash(message)) == digest)
        for size in [1, 7, 63, 64, 100] {
            var inPieces = SHA256()
            for start in stride(from: 0, to: length, by: size) {
                inPieces.update(Array(message[start..<min(start + size, length)]))
            }
            #expect(hexadecimal(inPieces.finish()) == digest, "pieces of \(size)")
        }
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
