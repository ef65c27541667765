/// `storage`, as far as it is about S3. No key takes a secret: keys come from the sources that docs/S3.md lists.
extension ConfigTable {
    static let s3Keys: [ConfigKey] = [
        ConfigKey(
            "storage.addressing_style", .choice(S3Spec.Addressing.allCases.map(\.rawValue)), .value("auto"),
            "Whether requests name the bucket in the path or in the host. `auto`: in the host at Amazon, in the path elsewhere and for names with dots.",
            example: "virtual"),
        ConfigKey(
            "storage.ca_file", .text(.basePath), nullable: true, .absent("`AWS_CA_BUNDLE`, else the system's alone"),
            "PEM file of certificate authorities to trust beside the system's.", example: "/etc/ssl/minio-ca.pem"),
        ConfigKey(
            "storage.allow_http", .boolean, .value("false"),
            "Whether an endpoint beyond this machine may be plain http, where everybody on the way can read along.", example: "true"),
        ConfigKey(
            "storage.checksums", .choice(S3Spec.Checksums.allCases.map(\.rawValue)), .value("auto"),
            """
            Whether uploads carry a SHA-256 that the store checks and keeps. `auto`: where the store knows it; `when-required` and `off`: not. The signature \
            covers the content's SHA-256 in any case.
            """,
            example: "off"),
        ConfigKey(
            "storage.server_side_encryption", .choice(S3Spec.Encryption.allCases.map(\.rawValue)), .value("none"),
            "Encryption by the store; `none` leaves it to the bucket.", example: "aws:kms"),
        ConfigKey(
            "storage.kms_key_id", .text(.token), nullable: true, .absent("the account's own"), "Key of `aws:kms`.",
            example: "arn:aws:kms:eu-central-1:111122223333:key/0b5d2f0e"),
        ConfigKey(
            "storage.bucket_key", .boolean, .value("false"), "Whether `aws:kms` uses a bucket key, for fewer calls to KMS.", example: "true"
        ),
        ConfigKey(
            "storage.storage_class", .choice(S3Spec.storageClasses), nullable: true, .absent("the bucket's"),
            "Storage class of panel, summary and sample. Those that must be restored before reading are not offered.",
            example: "STANDARD_IA"),
        ConfigKey(
            "storage.tags", .tags, .value("{}"), "Tags of the published files, at most ten.", example: "{ team: capacity, stage: raw }"),
        ConfigKey(
            "storage.expected_bucket_owner", .text(.accountID), nullable: true, .absent("any"),
            "Account that must own the bucket; every request says so.", example: "\"111122223333\""),
        ConfigKey(
            "storage.conditional_writes", .choice(S3Spec.ConditionalWrites.allCases.map(\.rawValue)), .value("probe"),
            """
            Whether the store is asked to write only if nothing has changed. `probe` finds out whether it can; `required` refuses a store that cannot; `off` \
            never asks, and one writer per dataset is your care then.
            """,
            example: "required"),
        ConfigKey(
            "storage.part_size", .text(.partSize), .value("8MiB"),
            "Bytes of one part of an upload, 5MiB to 1GiB. Four parts are under way while the next is filled, fewer of more than 16MiB: above 64MiB memory grows with it.",
            example: "16MiB"),
        ConfigKey(
            "storage.profile", .text(.token), nullable: true, .absent("`AWS_PROFILE`, else `default`"),
            "Profile of the AWS configuration files. A profile named here goes before keys in the environment.", example: "etl"),
        ConfigKey(
            "storage.credentials_name", .text(.credentialName), .value("s3-credentials"),
            "Name of the systemd credential that holds the keys.", example: "s3-web"),
    ]
}
