import Core
import Testing

@Suite("Configs side by side")
struct ConfigSetTests {
    private func spec(_ name: String, _ flags: [(path: String, value: String)]) throws -> DatasetSpec {
        let file = "\(name).yaml"
        return try ConfigLoader.load(bytes: Array("data_generation: {}".utf8), file: file, flags: flags, today: ConfigSupport.today).spec
    }

    struct Case: Sendable {
        var first: [(path: String, value: String)]
        var second: [(path: String, value: String)]
        var conflicts: Bool
        init(_ first: [(path: String, value: String)], _ second: [(path: String, value: String)], _ conflicts: Bool) {
            (self.first, self.second, self.conflicts) = (first, second, conflicts)
        }
    }

    private static func named(_ template: String) -> (path: String, value: String) { ("output.filename", "\"\(template)\"") }
    private static let s3: [(path: String, value: String)] = [("storage.use_s3", "true"), ("storage.bucket_name", "bucket-a")]

    static let cases: [Case] = [
        Case([], [], true),
        Case([], [("data_generation.end_date", "2024-12-31")], false),
        Case([], [("data_generation.end_date", "yesterday")], true),
        Case([], [("storage.raw_prefix", "other/")], false),
        Case([], [("storage.local_base_path", "elsewhere")], false),
        Case([], [("storage.local_base_path", "./var//data/")], true),
        Case([], s3, false),
        Case(s3, s3, true),
        Case(s3, s3 + [("storage.bucket_name", "bucket-b")], false),
        Case(s3, s3 + [("storage.endpoint_url", "http://localhost")], false),
        Case([named("{dataset}.parquet")], [named("{dataset}.parquet")], false),
        Case([named("{generation}.parquet")], [named("{generation}.parquet")], true),
        Case([named("{generation}.parquet")], [named("17.parquet")], true),
        Case([named("{generation}.parquet")], [named("x17.parquet")], false),
        Case([named("a{generation}.parquet")], [named("{dataset}.parquet")], false),
        Case([named("{dataset}.parquet")], [named("a.parquet")], true),
        Case([named("{generation}{generation}.parquet")], [named("7.parquet")], false),
        Case([named("{generation}-{generation}.parquet")], [named("{generation}1-23.parquet")], true),
        Case([named("x.parquet"), ("storage.raw_prefix", "raw/y/")], [named("y/x.parquet")], true),
        Case([named("{start_date}.parquet"), ("data_generation.start_date", "today-4y")], [named("2022-01-01.parquet")], true),
        Case([named("{start_date}.parquet"), ("data_generation.start_date", "today-4y")], [named("2022-01.parquet")], false),
    ]

    @Test("two datasets that may write one key are both refused, others are not", arguments: cases.indices)
    func conflicts(index: Int) throws {
        let example = Self.cases[index]
        let datasets = [
            (path: "conf/b.yaml", spec: try spec("b", example.second)), (path: "conf/a.yaml", spec: try spec("a", example.first)),
        ]
        let problems = ConfigSet.conflicts(datasets)
        #expect(problems.map(\.source) == (example.conflicts ? ["conf/a.yaml", "conf/b.yaml"] : []), "\(example)")
        if example.conflicts {
            #expect(problems.first?.message == "the panel may have the same key as that of conf/b.yaml")
            #expect(problems.allSatisfy { $0.path == "output.filename" && $0.remedy != nil })
        }
    }

    @Test("a panel must not be where a table of another dataset's ground truth is, nor two tables in one place")
    func truth() throws {
        let tables: [(path: String, value: String)] = [("truth.cells", "true"), ("truth.covariates", "30d")]
        let owner = try spec("a", tables + [Self.named("x/{generation}.parquet")])
        let path = "x/_truth/7.covariates.parquet"
        for (other, meets) in [
            ([Self.named(path)], true), ([Self.named("x/_truth/7.events.parquet")], false),
            ([Self.named("{dataset}/_truth/7.truth.parquet")], false),
            ([Self.named("7.truth.parquet"), ("storage.raw_prefix", "raw/x/_truth/")], true),
        ] {
            let problems = ConfigSet.conflicts([("a.yaml", owner), ("b.yaml", try spec("b", other))])
            #expect(
                problems.map(\.message) == (meets ? ["b", "a"].map { "a file may have the same key as one of \($0).yaml" } : []), "\(other)"
            )
        }
        let plain = try spec("a", [Self.named("x/{generation}.parquet")])
        #expect(ConfigSet.conflicts([("a.yaml", plain), ("b.yaml", try spec("b", [Self.named(path)]))]).isEmpty)
        #expect(!ConfigSet.claimSameKeys(plain, owner) && ConfigSet.claimSameKeys(owner, owner))
    }

    @Test("the same dataset in two files is refused at both")
    func sameStem() throws {
        let spec = try spec("a", [])
        let problems = ConfigSet.conflicts([("c/a.yaml", spec), ("c/a.yml", spec)])
        #expect(problems.map(\.source) == ["c/a.yaml", "c/a.yml"])
        #expect(problems.first?.message == "the dataset a is also given by c/a.yml")
        #expect(ConfigSet.conflicts([("c/a.yaml", spec)]).isEmpty)
    }

    @Test("side by side, exactly those conflict that conflict in pairs")
    func pairwise() throws {
        let datasets = try Self.cases.indices.flatMap { index in
            try [("a", Self.cases[index].first), ("b", Self.cases[index].second)].map { side, flags in
                (path: "\(side)\(index).yaml", spec: try spec("\(side)\(index % 15)", flags))
            }
        }
        var expected: Set<String> = []
        for (place, first) in datasets.enumerated() {
            for second in datasets[(place + 1)...] { expected.formUnion(ConfigSet.conflicts([first, second]).map { "\($0)" }) }
        }
        #expect(expected.count > 20 && Set(ConfigSet.conflicts(datasets).map { "\($0)" }) == expected)
    }

    @Test("many datasets are compared quickly")
    func many() throws {
        let template = Self.named("{generation}{generation}{generation}_{dataset}.parquet")
        let datasets = try (0..<400).map { (path: "d\($0).yaml", spec: try spec("d\($0)", [template])) }
        let time = ContinuousClock().measure { #expect(ConfigSet.conflicts(datasets).isEmpty) }
        #expect(time < .seconds(10))
    }
}
