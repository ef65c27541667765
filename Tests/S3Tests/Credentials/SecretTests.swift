import S3
import Testing

@Suite("Secrets (X20)")
struct SecretTests {
    @Test("Nothing that prints a value shows a secret")
    func nothingPrints() {
        let credentials = Credentials(
            accessKeyID: "AKIA", secretAccessKey: Secret(secretKey), sessionToken: Secret(sessionToken), source: "environment")
        let request = HTTPFetchRequest(
            method: "POST", url: "https://host/path?token=\(bearer)", headers: [("authorization", bearer)], body: Array(secretKey.utf8))
        let response = HTTPFetchResponse(status: 200, headers: [("x", bearer)], body: Array(secretKey.utf8))
        expectNoSecret(in: Secret(secretKey))
        expectNoSecret(in: credentials)
        expectNoSecret(in: [credentials.secretAccessKey, Secret(bearer)])
        expectNoSecret(in: Optional(credentials) as Any)
        expectNoSecret(in: request)
        expectNoSecret(in: response)
        #expect("\(request)" == "POST https://host/path")
        #expect("\(credentials)".contains("AKIA"))
    }

    @Test("A secret is there for those who sign, and equals itself only")
    func equality() {
        #expect(Secret(secretKey).revealed == secretKey)
        #expect(Secret(secretKey) == Secret(secretKey))
        #expect(Secret(secretKey) != Secret(bearer))
    }

    @Test("The check of these tests finds secrets: in texts, in parts of them, and inside of values")
    func theCheckWorks() {
        struct Leak { let hidden = String(secretKey.dropFirst(5).prefix(10)) }
        #expect(showsSecret("the key is \(secretKey)"))
        #expect(showsSecret(Leak()))
    }
}
