/// One chart: axes with labels around an inner picture that stretches to the width there is, while words keep their size.
///
/// ```
/// unit                                    <- outer SVG, 100 % wide: words and axes at percentages
///  80 |-----------------------------
///     |   inner SVG, 0...1000 wide   |    <- stretched; strokes keep their width
///   0 |-----------------------------
///        2022      2023      2024
///                                  day
/// ```
struct Plot {
    /// Width of the inner picture in its own units.
    static let width = 1000.0

    /// Unique within the page.
    let id: String
    /// What the picture shows, in a few words.
    let title: String
    /// The same with its findings, for those who do not see it.
    let description: String
    /// Height of the inner picture, in pixels.
    let height: Double
    /// Names of the axes, units among them.
    let xLabel: String
    let yLabel: String

    private var grid = Markup()
    private var axes = Markup()
    private var dots = Markup()
    /// The inner picture.
    var marks = Markup()

    init(id: String, title: String, description: String, height: Double, xLabel: String, yLabel: String) {
        (self.id, self.title, self.description, self.height) = (id, title, description, height)
        (self.xLabel, self.yLabel) = (xLabel, yLabel)
    }

    /// Ticks of the values, with lines across.
    mutating func values(_ scale: LinearScale) {
        for tick in scale.ticks {
            grid.raw("<line x1=\"0\" x2=\"100%\" y1=\"")
            grid.coordinate(scale(tick))
            grid.raw("\" y2=\"")
            grid.coordinate(scale(tick))
            grid.raw("\"/>")
            axes.raw("<text class=\"y\" x=\"-8\" y=\"")
            axes.coordinate(scale(tick) + 3.5)
            axes.raw("\">\(scale.label(tick))</text>")
        }
    }

    /// A tick below.
    /// - Parameters:
    ///   - place: 0...1 of the width.
    ///   - isMinor: Whether its words go where there is little room.
    mutating func tick(_ label: String?, at place: Double, isMinor: Bool = false) {
        let x = Self.percent(place)
        axes.raw("<line x1=\"\(x)\" x2=\"\(x)\" y1=\"")
        axes.coordinate(height)
        axes.raw("\" y2=\"")
        axes.coordinate(height + (label == nil ? 3 : 5))
        axes.raw("\"/>")
        guard let label else { return }
        axes.raw("<text class=\"x\(isMinor ? " minor" : "")\" x=\"\(x)\" y=\"")
        axes.coordinate(height + 18)
        axes.raw("\">")
        axes.text(label)
        axes.raw("</text>")
    }

    /// A dot that keeps its shape.
    mutating func dot(at place: Double, y: Double) {
        dots.raw("<circle r=\"2.6\" cx=\"\(Self.percent(place))\" cy=\"")
        dots.coordinate(y)
        dots.raw("\"/>")
    }

    /// A line from top to bottom with a name above.
    mutating func rule(_ name: String, at place: Double) {
        let x = Self.percent(place)
        dots.raw("<line class=\"rule\" x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"")
        dots.coordinate(height)
        dots.raw("\"/><text class=\"x\" x=\"\(x)\" y=\"-4\">\(name)</text>")
    }

    /// A name to the left of a line.
    mutating func row(_ name: String, at y: Double) {
        axes.raw("<text class=\"y row\" x=\"-8\" y=\"")
        axes.coordinate(y)
        axes.raw("\">")
        axes.text(name.count > 16 ? String(name.prefix(15)) + "\u{2026}" : name)
        axes.raw("</text>")
    }

    /// The ticks of a window.
    mutating func time(_ axis: TimeAxis) {
        for tick in axis.ticks { self.tick(tick.label, at: tick.place, isMinor: !tick.isMajor) }
    }

    /// The whole as SVG.
    var svg: Markup {
        var out = Markup()
        out.raw("<div class=\"plot\"><svg role=\"img\" aria-labelledby=\"\(id)-t \(id)-d\" class=\"axes\" height=\"")
        out.coordinate(height)
        out.raw("\"><title id=\"\(id)-t\">")
        out.text(title)
        out.raw("</title><desc id=\"\(id)-d\">")
        out.text(description)
        out.raw("</desc><g class=\"grid\">")
        out.append(grid)
        out.raw("</g><svg class=\"inner\" viewBox=\"0 0 1000 ")
        out.coordinate(height)
        out.raw("\" preserveAspectRatio=\"none\" width=\"100%\" height=\"")
        out.coordinate(height)
        out.raw("\">")
        out.append(marks)
        out.raw("</svg><g class=\"dots\">")
        out.append(dots)
        out.raw("</g><g class=\"ticks\">")
        out.append(axes)
        out.raw("</g><text class=\"unit\" x=\"0\" y=\"-9\">")
        out.text(yLabel)
        out.raw("</text><text class=\"axis\" x=\"100%\" y=\"")
        out.coordinate(height + 34)
        out.raw("\">")
        out.text(xLabel)
        out.raw("</text></svg></div>")
        return out
    }

    /// A place as a percentage with two decimals.
    static func percent(_ place: Double) -> String { Numbers.plain(place * 100, 2) + "%" }
}
