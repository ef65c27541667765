/// A small symmetric matrix: what correlations need of linear algebra, from IEEE arithmetic and square roots only.
package struct SymmetricMatrix: Equatable, Sendable {
    /// Rows, and columns.
    package let size: Int
    private var values: [Double]

    /// The identity.
    package init(identity size: Int) {
        self.size = size
        values = [Double](repeating: 0, count: size * size)
        for index in 0..<size { values[index * size + index] = 1 }
    }

    /// Setting an element sets its mirror image too.
    package subscript(row: Int, column: Int) -> Double {
        get { values[row * size + column] }
        set {
            values[row * size + column] = newValue
            values[column * size + row] = newValue
        }
    }

    /// The smallest eigenvalue, by cyclic Jacobi rotations; relative error near 1e-14 of the largest.
    ///
    /// - Complexity: O(size^3) for each of some eight sweeps.
    package var smallestEigenvalue: Double {
        var a = self
        for _ in 0..<40 {
            var rest = 0.0
            for p in 0..<size { for q in p + 1..<max(size, p + 1) { rest += a[p, q] * a[p, q] } }
            if rest < 1e-28 { break }
            for p in 0..<size {
                for q in p + 1..<max(size, p + 1) where a[p, q] != 0 { a.rotate(p, q) }
            }
        }
        return (0..<size).reduce(.infinity) { min($0, a[$1, $1]) }
    }

    /// One rotation that makes element (p, q) zero (Golub and Van Loan, Matrix Computations, 8.5).
    private mutating func rotate(_ p: Int, _ q: Int) {
        let (app, aqq, apq) = (self[p, p], self[q, q], self[p, q])
        let tau = (aqq - app) / (2 * apq)
        let t = (tau < 0 ? -1 : 1) / (tau.magnitude + (1 + tau * tau).squareRoot())
        let c = 1 / (1 + t * t).squareRoot()
        let s = t * c
        for k in 0..<size where k != p && k != q {
            let (kp, kq) = (self[k, p], self[k, q])
            self[k, p] = c * kp - s * kq
            self[k, q] = s * kp + c * kq
        }
        self[p, p] = app - t * apq
        self[q, q] = aqq + t * apq
        self[p, q] = 0
    }

    /// The rows of the lower triangle L with L L' = this; nil where the matrix is not positive definite. Row i has i + 1 numbers.
    package var choleskyRows: [[Double]]? {
        var rows: [[Double]] = []
        for i in 0..<size {
            var row: [Double] = []
            for j in 0...i {
                var sum = self[i, j]
                for k in 0..<j { sum -= row[k] * (j == i ? row[k] : rows[j][k]) }
                if j < i {
                    row.append(sum / rows[j][j])
                } else {
                    guard sum > 0 else { return nil }
                    row.append(sum.squareRoot())
                }
            }
            rows.append(row)
        }
        return rows
    }
}
