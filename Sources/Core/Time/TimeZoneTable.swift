/// Time zones that a config can name, with rules that are part of the program: values must not depend on a machine's time zone database.
///
/// Each zone has the rule that is in force now, which is applied to all years. A change of a line is a change of values: it raises
/// `PanelPlan.algorithmVersion`. Zones whose rule changed only lately are left out; a rule of one's own can be written in their place.
/// Source: the footers of the compiled IANA time zone database, version 2026.6.
public enum TimeZoneTable {
    /// The rule of each zone in the form of the environment variable TZ (POSIX.1-2017, section 8.3).
    public static let rules: [String: String] = [
        "Africa/Cairo": "EET-2EEST,M4.5.5/0,M10.5.4/24",
        "Africa/Johannesburg": "SAST-2",
        "Africa/Lagos": "WAT-1",
        "Africa/Nairobi": "EAT-3",
        "America/Anchorage": "AKST9AKDT,M3.2.0,M11.1.0",
        "America/Argentina/Buenos_Aires": "<-03>3",
        "America/Bogota": "<-05>5",
        "America/Chicago": "CST6CDT,M3.2.0,M11.1.0",
        "America/Denver": "MST7MDT,M3.2.0,M11.1.0",
        "America/Halifax": "AST4ADT,M3.2.0,M11.1.0",
        "America/Lima": "<-05>5",
        "America/Los_Angeles": "PST8PDT,M3.2.0,M11.1.0",
        "America/Mexico_City": "CST6",
        "America/Montreal": "EST5EDT,M3.2.0,M11.1.0",
        "America/New_York": "EST5EDT,M3.2.0,M11.1.0",
        "America/Phoenix": "MST7",
        "America/Santiago": "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
        "America/Sao_Paulo": "<-03>3",
        "America/Toronto": "EST5EDT,M3.2.0,M11.1.0",
        "Asia/Bahrain": "<+03>-3",
        "Asia/Bangkok": "<+07>-7",
        "Asia/Dhaka": "<+06>-6",
        "Asia/Dubai": "<+04>-4",
        "Asia/Ho_Chi_Minh": "<+07>-7",
        "Asia/Hong_Kong": "HKT-8",
        "Asia/Jakarta": "WIB-7",
        "Asia/Jerusalem": "IST-2IDT,M3.4.4/26,M10.5.0",
        "Asia/Karachi": "PKT-5",
        "Asia/Kathmandu": "<+0545>-5:45",
        "Asia/Kolkata": "IST-5:30",
        "Asia/Kuala_Lumpur": "<+08>-8",
        "Asia/Manila": "PST-8",
        "Asia/Qatar": "<+03>-3",
        "Asia/Riyadh": "<+03>-3",
        "Asia/Seoul": "KST-9",
        "Asia/Shanghai": "CST-8",
        "Asia/Singapore": "<+08>-8",
        "Asia/Taipei": "CST-8",
        "Asia/Tokyo": "JST-9",
        "Australia/Adelaide": "ACST-9:30ACDT,M10.1.0,M4.1.0/3",
        "Australia/Brisbane": "AEST-10",
        "Australia/Canberra": "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "Australia/Melbourne": "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "Australia/Perth": "AWST-8",
        "Australia/Sydney": "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "Europe/Amsterdam": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Athens": "EET-2EEST,M3.5.0/3,M10.5.0/4",
        "Europe/Berlin": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Brussels": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Bucharest": "EET-2EEST,M3.5.0/3,M10.5.0/4",
        "Europe/Budapest": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Copenhagen": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Dublin": "IST-1GMT0,M10.5.0,M3.5.0/1",
        "Europe/Helsinki": "EET-2EEST,M3.5.0/3,M10.5.0/4",
        "Europe/Istanbul": "<+03>-3",
        "Europe/Kyiv": "EET-2EEST,M3.5.0/3,M10.5.0/4",
        "Europe/Lisbon": "WET0WEST,M3.5.0/1,M10.5.0",
        "Europe/London": "GMT0BST,M3.5.0/1,M10.5.0",
        "Europe/Luxembourg": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Madrid": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Moscow": "MSK-3",
        "Europe/Oslo": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Paris": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Prague": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Rome": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Stockholm": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Vienna": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Warsaw": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Europe/Zurich": "CET-1CEST,M3.5.0,M10.5.0/3",
        "Pacific/Auckland": "NZST-12NZDT,M9.5.0,M4.1.0/3",
        "Pacific/Honolulu": "HST10",
        "UTC": "UTC0",
    ]

    /// The rule that a config names: a zone of the table, or a rule written out.
    ///
    /// - Parameter name: `Europe/Dublin` or `CET-1CEST,M3.5.0,M10.5.0/3`.
    /// - Returns: nil for anything else, and for offsets of more than 18 hours, which no clock has: a local day is at most one day off.
    package static func zone(_ name: String) -> PosixTimeZone? {
        guard let zone = PosixTimeZone(rules[name] ?? name) else { return nil }
        let offsets = [zone.standardOffset] + zone.changes(years: 2024...2024).map(\.offset)
        return offsets.allSatisfy { $0.magnitude <= 18 * 3600 } ? zone : nil
    }
}
