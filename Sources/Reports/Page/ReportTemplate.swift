import Mustache

/// The page's skeleton.
enum ReportTemplate {
    /// Parsed once. The text is ours: a fault in it is our mistake.
    static let page: MustacheTemplate = {
        do {
            return try MustacheTemplate(string: text)
        } catch {
            preconditionFailure("the template is one: \(error)")
        }
    }()

    private static let text = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="fleetsynth {{version}}">
        <title>{{title}}</title>
        <style>{{{style}}}</style>
        </head>
        <body>
        <header>
        <p class="kicker">{{kicker}}</p>
        <h1><bdi>{{dataset}}</bdi></h1>
        <p class="lead">{{lead}}</p>
        <p class="stamp {{look}}"><span aria-hidden="true">{{sign}}</span> {{verdict}}</p>
        <nav aria-label="Sections"><ul>{{#sections}}<li><a href="#{{id}}">{{title}}</a></li>{{/sections}}</ul></nav>
        </header>
        <main>
        {{#sections}}
        <section id="{{id}}" aria-labelledby="{{id}}-h">
        <h2 id="{{id}}-h">{{title}}</h2>
        {{#note}}<p class="note">{{note}}</p>
        {{/note}}
        {{{body}}}
        </section>
        {{/sections}}
        </main>
        <footer><p>{{closing}}</p></footer>
        </body>
        </html>

        """
}

/// One section of the page.
struct ReportSection {
    let id: String
    let title: String
    /// A sentence on what is shown; nil for none.
    var note: String?
    /// Markup.
    let body: String

    /// As the template asks for it.
    var context: [String: Any] {
        var context: [String: Any] = ["id": id, "title": title, "body": body]
        if let note { context["note"] = note }
        return context
    }
}
