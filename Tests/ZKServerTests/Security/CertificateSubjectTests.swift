import Foundation
import Support
import Testing
import ZKCore

@testable import ZKServer

@Suite("The subject of a certificate", .timeLimit(.minutes(10)))
struct CertificateSubjectTests {
    private func certificate(_ name: String) throws -> [UInt8] {
        let text = try String(contentsOf: Fixtures.url("tls/\(name).pem"), encoding: .utf8)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("-") }
        return [UInt8](try #require(Data(base64Encoded: lines.joined())))
    }

    /// What `X509Certificate.getSubjectX500Principal().getName()` of OpenJDK 17 says.
    @Test(arguments: [
        ("client", "CN=client1,O=Example"),
        (
            "odd-client",
            ##"CN=\#first,1.2.840.113549.1.9.1=#160b6140622e6578616d706c65,UID=u1+DC=example,OU=Größe,"##
                + ##"O=Quote\"s \\ \#\<\>\;,L=a\,b\+c\=d,ST=\ North\ ,C=DE"##
        ),
    ])
    func isWrittenAsJavaWritesIt(name: String, subject: String) throws {
        #expect(CertificateSubject.name(ofCertificate: try certificate(name))?.string == subject)
    }

    @Test func neitherTruncationsNorWrongBytesTrap() throws {
        let certificate = try certificate("odd-client")
        for count in certificate.indices {
            #expect(CertificateSubject.name(ofCertificate: Array(certificate[..<count])) == nil)
        }
        for index in certificate.indices {
            for byte in [0x00, 0x7F, 0x80, 0x84, 0xFF] as [UInt8] {
                var changed = certificate
                changed[index] = byte
                _ = CertificateSubject.name(ofCertificate: changed)
            }
        }
    }
}
