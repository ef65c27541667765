// What is drawn inside a plot: paths with coordinates of one decimal.

extension Markup {
    /// A line through points; a gap where a value is missing, a short dash for a point between two gaps.
    package mutating func line(_ points: [(x: Double, y: Double?)], class name: String) {
        raw("<path class=\"\(name)\" d=\"")
        var isDrawing = false
        for (index, point) in points.enumerated() {
            guard let y = point.y else {
                isDrawing = false
                continue
            }
            raw(isDrawing ? "L" : "M")
            coordinate(point.x)
            raw(" ")
            coordinate(y)
            let isAlone = !isDrawing && (index + 1 == points.count || points[index + 1].y == nil)
            if isAlone { raw("h1") }
            isDrawing = true
        }
        raw("\"/>")
    }

    /// The area between two curves over the same places.
    package mutating func band(_ points: [(x: Double, low: Double?, high: Double?)], class name: String) {
        raw("<path class=\"\(name)\" d=\"")
        var start = 0
        while start < points.count {
            guard points[start].low != nil, points[start].high != nil else {
                start += 1
                continue
            }
            var end = start
            while end < points.count, points[end].low != nil, points[end].high != nil { end += 1 }
            // A place between two gaps has no width of its own, and is to be seen all the same.
            if end == start + 1 {
                box(x: points[start].x, from: points[start].high ?? 0, to: points[start].low ?? 0, width: 6)
                start = end
                continue
            }
            for (index, point) in points[start..<end].enumerated() {
                raw(index == 0 ? "M" : "L")
                coordinate(point.x)
                raw(" ")
                coordinate(point.high ?? 0)
            }
            for point in points[start..<end].reversed() {
                raw("L")
                coordinate(point.x)
                raw(" ")
                coordinate(point.low ?? 0)
            }
            raw("Z")
            start = end
        }
        raw("\"/>")
    }

    private mutating func box(x: Double, from top: Double, to bottom: Double, width: Double) {
        raw("M")
        coordinate(x - width / 2)
        raw(" ")
        coordinate(top)
        raw("h")
        coordinate(width)
        raw("V")
        coordinate(bottom)
        raw("h")
        coordinate(-width)
        raw("Z")
    }

    /// Columns that touch: their outline down to the base.
    package mutating func columns(_ heights: [Double], from left: Double, width: Double, base: Double, class name: String) {
        raw("<path class=\"\(name)\" d=\"M")
        coordinate(left)
        raw(" ")
        coordinate(base)
        for (index, height) in heights.enumerated() {
            raw("V")
            coordinate(base - height)
            raw("H")
            coordinate(left + width * Double(index + 1))
        }
        raw("V")
        coordinate(base)
        raw("Z\"/>")
    }

    /// Boxes of one look: `x, y, width, height` each.
    /// - Parameter title: What they say to who points at them.
    package mutating func boxes(
        _ boxes: [(x: Double, y: Double, width: Double, height: Double)], class name: String, title: String? = nil
    ) {
        guard !boxes.isEmpty else { return }
        raw("<path class=\"\(name)\" d=\"")
        for box in boxes {
            raw("M")
            coordinate(box.x)
            raw(" ")
            coordinate(box.y)
            raw("h")
            coordinate(box.width)
            raw("v")
            coordinate(box.height)
            raw("h")
            coordinate(-box.width)
            raw("z")
        }
        guard let title else {
            raw("\"/>")
            return
        }
        raw("\"><title>")
        text(title)
        raw("</title></path>")
    }
}
