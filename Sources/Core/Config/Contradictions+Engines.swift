extension Contradictions {
    /// A function of AWS Lambda can write below /tmp only, and what it leaves there goes with the machine that ran it.
    mutating func functionStorage() {
        let pathKey = "storage.local_base_path"
        guard settings.text("general.env") == "lambda", let path = settings.text(pathKey) else { return }
        guard path == "/tmp" || path.hasPrefix("/tmp/") else {
            add(
                "a function of AWS Lambda cannot write to \(Quoting.visible(path))", expected: "use_s3: true, or a folder below /tmp",
                remedy: "write use_s3: true and a bucket_name", at: [pathKey, "general.env"])
            return
        }
        add(
            "what a function of AWS Lambda publishes below /tmp is lost with the machine that runs it",
            remedy: "write use_s3: true and a bucket_name to keep it", at: [pathKey], severity: .warning)
    }
}
