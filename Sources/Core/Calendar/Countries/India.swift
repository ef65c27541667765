extension HolidayRule {
    /// Holidays of the central government of India: three national days by law (Republic Day since 1950, Independence Day, Gandhi's birthday)
    /// and the gazetted ones of the Department of Personnel and Training. Nothing is moved. States and exchanges keep other lists.
    static let india: [HolidayRule] = [
        HolidayRule("Republic Day", .fixed(month: 1, day: 26), from: 1950),
        HolidayRule("Good Friday", .easter(-2)),
        HolidayRule("Dr. B. R. Ambedkar's Birthday", .fixed(month: 4, day: 14)),
        HolidayRule("Independence Day", .fixed(month: 8, day: 15)),
        HolidayRule("Mahatma Gandhi's Birthday", .fixed(month: 10, day: 2)),
        HolidayRule("Christmas", .fixed(month: 12, day: 25)),
        HolidayRule("Maha Shivaratri", .days(IndiaDays.mahaShivaratri)),
        HolidayRule("Holi", .days(IndiaDays.holi)),
        HolidayRule("Ram Navami", .days(IndiaDays.ramNavami)),
        HolidayRule("Mahavira's Birthday", .days(IndiaDays.mahavirJayanti)),
        HolidayRule("Buddha Purnima", .days(IndiaDays.buddhaPurnima)),
        HolidayRule("Janmashtami (Vaishnava)", .days(IndiaDays.janmashtami)),
        HolidayRule("Dussehra", .days(IndiaDays.dussehra)),
        HolidayRule("Dussehra (Mahanavami)", .days([2002_10_14])),
        HolidayRule("Diwali", .days(IndiaDays.diwali)),
        HolidayRule("Guru Nanak's Birthday", .days(IndiaDays.guruNanak)),
        HolidayRule("Ashura", .days(IndiaDays.ashura)),
        HolidayRule("Ashura", .days(IndiaDays.ashuraEstimated), isEstimated: true),
        HolidayRule("Prophet's Birthday", .days(IndiaDays.mawlid)),
        HolidayRule("Prophet's Birthday", .days(IndiaDays.mawlidEstimated), isEstimated: true),
        HolidayRule("Eid al-Fitr", .days(IndiaDays.eidAlFitr)),
        HolidayRule("Eid al-Fitr", .days(IndiaDays.eidAlFitrEstimated), isEstimated: true),
        HolidayRule("Eid al-Adha", .days(IndiaDays.eidAlAdha)),
        HolidayRule("Eid al-Adha", .days(IndiaDays.eidAlAdhaEstimated), isEstimated: true),
    ]
}
