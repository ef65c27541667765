/// Percentiles by nearest rank without sorting everything.
package enum Selection {
    /// The rank of a share of so many values, from 0: the smallest value with at least that share at or below it.
    package static func rank(_ share: Double, of count: Int) -> Int { max(1, Int((share * Double(count) - 1e-9).rounded(.up))) - 1 }

    /// Two percentiles, which leaves the values in another order; nil where there are none.
    /// - Complexity: O(values) on average.
    package static func percentiles(_ low: Double, _ high: Double, of values: UnsafeMutableBufferPointer<Double>) -> (
        low: Double, high: Double
    )? {
        guard !values.isEmpty else { return nil }
        let (first, last) = (rank(low, of: values.count), rank(high, of: values.count))
        select(first, values, from: 0, to: values.count - 1)
        select(last, values, from: first, to: values.count - 1)
        return (values[first], values[last])
    }

    /// The value of a rank, from 0, which leaves the values in another order.
    /// - Precondition: `rank` is one of them.
    static func value(_ rank: Int, of values: UnsafeMutableBufferPointer<Double>) -> Double {
        select(rank, values, from: 0, to: values.count - 1)
        return values[rank]
    }

    /// Hoare's selection with the median of three as pivot.
    private static func select(_ rank: Int, _ values: UnsafeMutableBufferPointer<Double>, from: Int, to: Int) {
        var (left, right) = (from, to)
        while left < right {
            let middle = (left + right) / 2
            let (a, b, c) = (values[left], values[middle], values[right])
            let pivot = max(min(a, b), min(max(a, b), c))
            var (i, j) = (left, right)
            while i <= j {
                while values[i] < pivot { i += 1 }
                while values[j] > pivot { j -= 1 }
                if i <= j {
                    values.swapAt(i, j)
                    i += 1
                    j -= 1
                }
            }
            if rank <= j { right = j } else if rank >= i { left = i } else { return }
        }
    }
}
