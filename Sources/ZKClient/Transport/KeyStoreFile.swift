internal import NIOSSL

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Files that Java's clients keep keys in: PKCS12 is read, the other kinds are told apart from broken PEM.
enum KeyStoreFile {
    private static let bytesMax = 16 << 20
    /// `1.2.840.113549.1.12.10.1`, the kinds of bags in a PKCS12 file.
    private static let bag: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01]
    /// `1.2.840.113549.1.7.6`, encrypted content, which certificates are in.
    private static let encrypted: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06]

    /// The certificates and the private key of a PKCS12 file; nil for files of other kinds, and those that cannot be read.
    ///
    /// - Throws: ``ConnectFailure`` that names the file.
    static func bundle(_ file: String, password: String?) throws(ConnectFailure) -> NIOSSLPKCS12Bundle? {
        let bytes = start(of: file, bytesMax: bytesMax)
        guard isPKCS12(bytes) else { return nil }
        // The library ends the process for one that lacks either.
        let hasKey = bytes.contains(bag + [1]) || bytes.contains(bag + [2])
        guard hasKey, bytes.contains(bag + [3]) || bytes.contains(encrypted) else {
            throw ConnectFailure(reason: "the TLS file \(file) is PKCS12 without a private key and its certificate")
        }
        let passwords: [[UInt8]?] = password.map { [Array($0.utf8)] } ?? [[], nil]
        for password in passwords {
            if let bundle = try? NIOSSLPKCS12Bundle(buffer: bytes, passphrase: password) { return bundle }
        }
        throw ConnectFailure(
            reason: password == nil
                ? "the TLS file \(file) is PKCS12 that needs its password"
                : "the TLS file \(file) is PKCS12 that does not open with this password")
    }

    /// Why a file cannot be read; nil when it can.
    static func unreadable(_ file: String) -> String? {
        access(file, R_OK) == 0 ? nil : String(cString: strerror(errno))
    }

    /// How a file that is no PEM becomes one; nil when it is none that Java has made.
    static func conversion(of file: String) -> String? {
        let bytes = start(of: file, bytesMax: 4096)
        if bytes.starts(with: [0xfe, 0xed, 0xfe, 0xed]) || bytes.starts(with: [0xce, 0xce, 0xce, 0xce]) {
            return "it is a key store of Java (JKS): keytool -importkeystore -srckeystore \(file) "
                + "-destkeystore \(file).p12 -deststoretype PKCS12, then openssl pkcs12 -in \(file).p12 -nodes "
                + "-out \(file).pem"
        }
        guard isPKCS12(bytes) else { return nil }
        return "it is PKCS12: openssl pkcs12 -in \(file) -nokeys -out \(file).pem takes the certificates out"
    }

    /// A sequence that starts with the version 3; no text starts so.
    private static func isPKCS12(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 8, bytes[0] == 0x30 else { return false }
        let lengthBytes = bytes[1] & 0x80 == 0 ? 0 : Int(bytes[1] & 0x7f)
        guard lengthBytes <= 4, bytes.count > 5 + lengthBytes else { return false }
        return bytes[(2 + lengthBytes)...].starts(with: [0x02, 0x01, 0x03])
    }

    /// Empty when it cannot be read; who opens it next says why.
    private static func start(of file: String, bytesMax: Int) -> [UInt8] {
        guard let stream = fopen(file, "rbe") else { return [] }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < bytesMax {
            let count = fread(&chunk, 1, min(chunk.count, bytesMax - bytes.count), stream)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
