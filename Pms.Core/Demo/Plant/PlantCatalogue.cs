using System.Globalization;

namespace Pms.Core.Demo.Plant;

/// <summary>What the demo plant makes and for whom: 200 products with paths of three to six steps in eight families, and 60 customers, all invented.</summary>
internal sealed class PlantCatalogue
{
    private static readonly Family[] Families =
    [
        new("EG", "Embroidered workwear", 36, true, 145, 24, 300, [PlantFloor.FabricCut, PlantFloor.Stitch, PlantFloor.Trim, PlantFloor.Sew, PlantFloor.Check, PlantFloor.Fold],
            ["Work jacket", "Polo", "Fleece", "Chef jacket", "Softshell", "Body warmer", "Overall", "Lab coat", "Apron"], ["chest crest", "sleeve badge", "back logo", "name and crest"]),
        new("EB", "Embroidered blanks", 28, true, 79, 24, 360, [PlantFloor.Stitch, PlantFloor.Trim, PlantFloor.Fold],
            ["Cap", "Beanie", "Towel", "Golf shirt", "Bucket hat", "Scarf", "Bath robe"], ["front logo", "side logo", "monogram", "crest"]),
        new("ST", "Screen-printed T-shirts", 36, true, 62, 50, 480, [PlantFloor.FabricCut, PlantFloor.Screen, PlantFloor.Sew, PlantFloor.Finish, PlantFloor.Fold],
            ["Crew T-shirt", "V-neck T-shirt", "Long-sleeve T-shirt", "Vest", "Sports shirt", "Hoodie", "Sweater", "Running top", "Kids T-shirt"], ["one colour", "two colours", "front and back", "full front"]),
        new("SB", "Screen-printed bags", 24, false, 38, 60, 480, [PlantFloor.Screen, PlantFloor.Press, PlantFloor.Fold],
            ["Cotton tote", "Drawstring bag", "Shopper", "Wine bag", "Shoe bag", "Laundry bag"], ["one colour", "two colours", "four colours", "glow ink"]),
        new("DG", "Direct-printed garments", 32, true, 95, 24, 240, [PlantFloor.DirectPrint, PlantFloor.Press, PlantFloor.Check, PlantFloor.Fold],
            ["Photo T-shirt", "Event hoodie", "Team shirt", "Baby grow", "Cushion cover", "Tea towel", "Event vest", "Sweatpants"], ["front", "back", "front and back", "all over"]),
        new("PP", "Promotional items", 20, false, 22, 100, 480, [PlantFloor.Pad, PlantFloor.Check, PlantFloor.Fold],
            ["Ball pen", "Mug", "Key ring", "USB stick", "Golf ball"], ["one side", "two sides", "wrap", "two colours"]),
        new("LP", "Laser patches", 12, false, 31, 80, 480, [PlantFloor.LaserCut, PlantFloor.Screen, PlantFloor.Check, PlantFloor.Fold],
            ["Felt patch", "Leather patch", "Cork coaster"], ["round", "square", "shield", "own shape"]),
        new("TR", "Transfer shirts", 12, true, 71, 30, 300, [PlantFloor.LaserCut, PlantFloor.Press, PlantFloor.Finish, PlantFloor.Fold],
            ["Numbered jersey", "Sponsor shirt", "Training bib"], ["name", "number", "name and number", "sponsor"]),
    ];
    private static readonly string[] Sizes = ["S", "M", "L", "XL", "2XL"];
    private static readonly string[] Colours = ["Black", "Navy", "White", "Bottle green", "Red", "Charcoal", "Royal blue", "Sand"];
    private static readonly string[] Places = ["Amber Kloof", "Blue Heron Bay", "Cedar Point", "Dune Crossing", "Ember Ridge", "Fynbos Hill", "Granite Pan", "Ironwood Drift", "Kestrel Rock", "Marula Bend", "Oribi Flats", "Saffron Vlei"];
    private static readonly string[] Trades = ["Coffee", "College", "Freight", "Cycling Club", "Lodges", "Kitchens", "Engineering", "Events", "Gym", "Brewery", "Clinics", "Tours", "Hardware", "Dairy", "Security"];

    public PlantCatalogue(PlantFloor floor, Dice dice)
    {
        List<PlantCategory> categories = [new(1, null, "Apparel"), new(2, null, "Promotion")];
        List<PlantProduct> products = [];
        foreach (var family in Families)
        {
            var category = new PlantCategory(categories.Count + 1, family.Garment ? 1 : 2, family.Name);
            categories.Add(category);
            for (var i = 0; i < family.Count; i++)
                products.Add(Make(floor, dice.Fork(products.Count + 1), family, category.Id, products.Count + 1, i));
        }
        (Categories, Products) = (categories, products);
        Customers = [.. dice.Fork(5000).Shuffle(Places.SelectMany(p => Trades.Select(t => $"{p} {t}"))).Take(60).Order(StringComparer.Ordinal).Select((name, i) => new PlantCustomer(i + 1, name))];
        ByFamily = [.. Families.Select(f => (IReadOnlyList<PlantProduct>)[.. products.Where(p => p.Code.StartsWith(f.Code, StringComparison.Ordinal))])];
        Cut = [.. products.Where(p => p.Steps[0].Stage.Id == PlantFloor.FabricCut)];
    }

    public IReadOnlyList<PlantCategory> Categories { get; }
    public IReadOnlyList<PlantProduct> Products { get; }
    public IReadOnlyList<PlantCustomer> Customers { get; }

    /// <summary>Those whose first step is fabric cutting, the visitor's work.</summary>
    public IReadOnlyList<PlantProduct> Cut { get; }

    private IReadOnlyList<IReadOnlyList<PlantProduct>> ByFamily { get; }

    /// <summary>A product as customers order them.</summary>
    public PlantProduct Draw(Dice dice) => dice.Pick(ByFamily[dice.Weighted([0.18, 0.14, 0.18, 0.12, 0.16, 0.10, 0.06, 0.06])]);

    private static PlantProduct Make(PlantFloor floor, Dice dice, Family family, long category, long id, int index)
    {
        var (item, decor) = (family.Items[index % family.Items.Length], family.Decors[index / family.Items.Length % family.Decors.Length]);
        var hardness = dice.Mostly(0.75, 1.3);
        List<PlantProductStep> steps = [.. family.Path.Select((s, n) =>
        {
            var stage = floor.Stages[(int)s - 1];
            return new PlantProductStep(n + 1, stage, stage.SetupMinutes, Math.Round(stage.RunMinutes * (decimal)(hardness * dice.Between(0.85, 1.15)), 2), stage.ScrapShare);
        })];
        List<PlantVariant> variants = [];
        if (family.Garment)
            foreach (var colour in dice.Shuffle(Colours).Take(dice.Between(2, 4)))
                foreach (var size in Sizes)
                    variants.Add(new(id * 100 + variants.Count, size, colour, variants.Count + 1));
        List<(long?, string)> instructions =
        [
            (null, $"Check the artwork of the order against the sample: {decor}."),
            (steps[0].Stage.Id, $"Take the first piece of {item.ToLowerInvariant()} to the shift lead before you run on."),
            (steps[^1].Stage.Id, "Pack by size; one packing slip per carton."),
        ];
        return new(id, string.Create(CultureInfo.InvariantCulture, $"{family.Code}-{index + 1:000}"), $"{item}, {decor}", category, Specified(family, dice, item, decor), Math.Round(family.Price * (decimal)dice.Mostly(0.7, 1.5), 2),
            family.Least, family.Most, steps, variants, instructions);
    }

    private static IReadOnlyList<(string Name, string Value, string? Unit)> Specified(Family family, Dice dice, string item, string decor)
    {
        var own = dice.Fork(item.Length * 31 + decor.Length);   // of its own, so that everything drawn after it stays as it was
        return family.Garment
            ? [("Article", item, null), ("Decoration", decor, null), ("Fabric", own.Pick(["Cotton", "Polycotton", "Recycled polyester", "Organic cotton"]), null), ("Fabric weight", own.Pick(["145", "160", "180", "240", "280"]), "g/m²"), ("Wash at", own.Pick(["30", "40", "60"]), "°C")]
            : [("Article", item, null), ("Decoration", decor, null), ("Decorated area", own.Pick(["40 × 20", "60 × 60", "90 × 50", "200 × 150"]), "mm"), ("Per carton", own.Pick(["24", "50", "100", "250"]), "pcs")];
    }

    private sealed record Family(string Code, string Name, int Count, bool Garment, decimal Price, int Least, int Most, long[] Path, string[] Items, string[] Decors);
}
