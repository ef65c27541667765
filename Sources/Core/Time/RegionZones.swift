/// The time zone of the data centres behind well-known region names of Amazon Web Services, Google Cloud and Azure.
public enum RegionZones {
    private static let lists: [(zone: String, regions: String)] = [
        ("Africa/Johannesburg", "af-south-1 africa-south1 southafricanorth southafricawest"),
        ("America/Chicago", "centralus northcentralus southcentralus us-central1 us-south1"),
        ("America/Denver", "us-west3 westcentralus"),
        ("America/Los_Angeles", "us-gov-west-1 us-west-1 us-west-2 us-west1 us-west2 us-west4 westus westus2"),
        ("America/Mexico_City", "mexicocentral mx-central-1"),
        ("America/Montreal", "canadaeast northamerica-northeast1"),
        ("America/New_York", "eastus eastus2 us-east-1 us-east-2 us-east1 us-east4 us-east5 us-gov-east-1"),
        ("America/Phoenix", "westus3"),
        ("America/Santiago", "chilecentral southamerica-west1"),
        ("America/Sao_Paulo", "brazilsouth sa-east-1 southamerica-east1"),
        ("America/Toronto", "ca-central-1 canadacentral northamerica-northeast2"),
        ("Asia/Bahrain", "me-south-1"),
        ("Asia/Bangkok", "ap-southeast-7"),
        ("Asia/Dubai", "me-central-1 uaecentral uaenorth"),
        ("Asia/Hong_Kong", "ap-east-1 asia-east2 eastasia"),
        ("Asia/Jakarta", "ap-southeast-3 asia-southeast2 indonesiacentral"),
        ("Asia/Jerusalem", "il-central-1 israelcentral me-west1"),
        ("Asia/Kolkata", "ap-south-1 ap-south-2 asia-south1 asia-south2 centralindia southindia westindia"),
        ("Asia/Kuala_Lumpur", "ap-southeast-5 malaysiawest"),
        ("Asia/Qatar", "me-central1 qatarcentral"),
        ("Asia/Riyadh", "me-central2"),
        ("Asia/Seoul", "ap-northeast-2 asia-northeast3 koreacentral koreasouth"),
        ("Asia/Shanghai", "cn-north-1 cn-northwest-1"),
        ("Asia/Singapore", "ap-southeast-1 asia-southeast1 southeastasia"),
        ("Asia/Taipei", "ap-east-2 asia-east1"),
        ("Asia/Tokyo", "ap-northeast-1 ap-northeast-3 asia-northeast1 asia-northeast2 japaneast japanwest"),
        ("Australia/Canberra", "australiacentral"),
        ("Australia/Melbourne", "ap-southeast-4 australia-southeast2 australiasoutheast"),
        ("Australia/Sydney", "ap-southeast-2 australia-southeast1 australiaeast"),
        ("Europe/Amsterdam", "europe-west4 westeurope"),
        ("Europe/Berlin", "eu-central-1 europe-west10 europe-west3 germanynorth germanywestcentral"),
        ("Europe/Brussels", "europe-west1"),
        ("Europe/Dublin", "eu-west-1 northeurope"),
        ("Europe/Helsinki", "europe-north1"),
        ("Europe/London", "eu-west-2 europe-west2 uksouth ukwest"),
        ("Europe/Madrid", "eu-south-2 europe-southwest1 spaincentral"),
        ("Europe/Oslo", "norwayeast norwaywest"),
        ("Europe/Paris", "eu-west-3 europe-west9 francecentral francesouth"),
        ("Europe/Rome", "eu-south-1 europe-west12 europe-west8 italynorth"),
        ("Europe/Stockholm", "eu-north-1 europe-north2 swedencentral"),
        ("Europe/Vienna", "austriaeast"),
        ("Europe/Warsaw", "europe-central2 polandcentral"),
        ("Europe/Zurich", "eu-central-2 europe-west6 switzerlandnorth switzerlandwest"),
        ("Pacific/Auckland", "newzealandnorth"),
    ]

    private static let zones: [String: String] = {
        var result: [String: String] = [:]
        for (zone, regions) in lists { for region in regions.split(separator: " ") { result[String(region)] = zone } }
        return result
    }()

    /// The zone of a region's name, in any case; nil for names that no provider uses.
    public static func zone(of region: String) -> String? { zones[region.lowercased()] }

    /// Every region name known, sorted; for the reference page and for tests.
    public static var known: [String] { zones.keys.sorted() }
}
