/// The calendars that are shipped. Which days count as holidays, and so are no business days.
///
/// | calendar | on Saturday | on Sunday | source |
/// | --- | --- | --- | --- |
/// | `usFederal` | also the Friday before | also the Monday after | 5 U.S.C. 6103(b)(1); Executive Order 11582 and, before, 10358 |
/// | `federalReserve` | not moved | also the Monday after | the holiday schedule of the Federal Reserve Banks (frbservices.org) |
/// | `nyse` | the Friday before instead, New Year lapses | the Monday after instead | NYSE Rule 7.2 (before: 51) |
/// | `uk`... | also the next working day | also the next working day | Banking and Financial Dealings Act 1971 |
/// | `ireland`, `germany`..., `india` | not moved | not moved | the laws named in their files |
/// | `singapore` | not moved | also the next day that is none yet | Holidays Act 1998, section 4(2) |
///
/// The holiday itself stays a holiday beside its observed day, except at the New York Stock Exchange.
public enum HolidayCalendarName: String, CaseIterable, Sendable {
    /// US federal holidays and their observed days (Saturday -> Friday, Sunday -> Monday).
    case usFederal = "us_federal"
    /// The Federal Reserve's rule: Sunday -> Monday, Saturday is not moved.
    case federalReserve = "federal_reserve"
    /// Full days without trading at the New York Stock Exchange.
    case nyse
    /// Bank holidays of England and Wales.
    case uk
    /// Bank holidays of Scotland.
    case ukScotland = "uk_scotland"
    /// Bank holidays of Northern Ireland.
    case ukNorthernIreland = "uk_northern_ireland"
    /// Public holidays of the Republic of Ireland.
    case ireland
    /// Public holidays of Singapore, 1970...2100.
    case singapore
    /// Gazetted holidays of India's central government; from the Hindu calendar 2001...2035, from the Islamic one 1970...2100.
    case india
    /// Holidays of all of Germany, since 1991.
    case germany
    case germanyBadenWuerttemberg = "germany_bw"
    case germanyBavaria = "germany_by"
    case germanyBerlin = "germany_be"
    case germanyBrandenburg = "germany_bb"
    case germanyBremen = "germany_hb"
    case germanyHamburg = "germany_hh"
    case germanyHesse = "germany_he"
    case germanyMecklenburg = "germany_mv"
    case germanyLowerSaxony = "germany_ni"
    case germanyRhineWestphalia = "germany_nw"
    case germanyRhinelandPalatinate = "germany_rp"
    case germanySaarland = "germany_sl"
    case germanySaxony = "germany_sn"
    case germanySaxonyAnhalt = "germany_st"
    case germanySchleswigHolstein = "germany_sh"
    case germanyThuringia = "germany_th"

    var rules: [HolidayRule] {
        switch self {
        case .usFederal: HolidayRule.usFederal
        case .federalReserve: HolidayRule.federalReserve
        case .nyse: HolidayRule.nyse
        case .uk: HolidayRule.englandAndWales
        case .ukScotland: HolidayRule.scotland
        case .ukNorthernIreland: HolidayRule.northernIreland
        case .ireland: HolidayRule.ireland
        case .singapore: HolidayRule.singapore
        case .india: HolidayRule.india
        case .germany: HolidayRule.germany
        default: HolidayRule.germanStates[self] ?? HolidayRule.germany
        }
    }
}
