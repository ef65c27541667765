/// The classes of a chunk's servers, and a place for each class that occurs among them.
struct ClassPicks {
    /// The classes that occur, in order of first appearance.
    private(set) var present: [Int] = []
    /// Class of each server by its index in the chunk; empty where there is one class only.
    private var classes: [Int] = []
    private var places: [Int] = []

    init(_ directory: ServerDirectory, servers: Range<Int>) {
        guard directory.classes.count > 1 else {
            present = [0]
            return
        }
        classes = servers.map(directory.classIndex)
        places = [Int](repeating: -1, count: directory.classes.count)
        for index in classes where places[index] < 0 {
            places[index] = present.count
            present.append(index)
        }
    }

    /// The class of the chunk's server of that index.
    func of(_ index: Int) -> Int { classes.isEmpty ? 0 : classes[index] }

    /// The place of a class that occurs, counted from 0.
    func place(_ own: Int) -> Int { places.isEmpty ? 0 : places[own] }
}
