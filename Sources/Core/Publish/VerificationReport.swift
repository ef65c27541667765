/// What a verification found, per dataset, generation and file.
public struct VerificationReport: Hashable, Sendable {
    /// The state of one file.
    public enum Status: Hashable, Sendable {
        /// Exactly the bytes that the manifest lists.
        case ok
        /// A newer generation took over the file's name, as it does where the name has no `{generation}`.
        case superseded(by: Int)
        /// There is no such file.
        case missing
        /// Other bytes than listed.
        case changed(bytes: UInt64, sha256: ContentHash)
    }

    /// One file of a generation.
    public struct File: Hashable, Sendable {
        /// What the manifest says.
        public let artifact: Artifact
        /// What is there.
        public let status: Status
    }

    /// The outcome of generating a panel, and the tables of its ground truth, again.
    public enum Regeneration: Hashable, Sendable {
        /// The same bytes.
        case equal
        /// Other bytes of the first table that differs.
        case different(Artifact.Role, ContentHash)
        /// It could not be generated, and why.
        case failed(String)
    }

    /// One generation.
    public struct Generation: Hashable, Sendable {
        /// Its number.
        public let number: Int
        /// Whether the pointer names it.
        public let isLatest: Bool
        /// What is wrong with its manifest.
        public var problem: String?
        /// Its files, in the manifest's order.
        public var files: [File] = []
        /// Nil unless asked for.
        public var regeneration: Regeneration?

        /// Whether everything is as published.
        public var isWhole: Bool {
            let filesAreGood = files.allSatisfy { file in
                switch file.status {
                case .ok, .superseded: true
                case .missing, .changed: false
                }
            }
            return problem == nil && filesAreGood && (regeneration == nil || regeneration == .equal)
        }
    }

    /// One dataset.
    public struct Dataset: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// What is wrong with its pointer.
        public var problem: String?
        /// The generations that were checked, newest first.
        public var generations: [Generation] = []
        /// Generations that were announced but not finished: the next start completes them or takes them back.
        public var announced: [Int] = []

        /// Whether everything is as published.
        public var isWhole: Bool { problem == nil && generations.allSatisfy(\.isWhole) }
    }

    /// The datasets, by name.
    public var datasets: [Dataset] = []
    /// Hidden files of unfinished or running publications; no problem, the next start removes or uses them.
    public var leftovers: [ObjectKey] = []
    /// Those of them that shards have staged: runs leave them alone, the next commit removes or uses them.
    public var shardLeftovers: Set<ObjectKey> = []

    /// 0 if everything is as published, 65 if anything is not, 66 if there is nothing to verify.
    public var exitCode: Int32 {
        if datasets.isEmpty { return 66 }
        return datasets.allSatisfy(\.isWhole) ? 0 : 65
    }
}
