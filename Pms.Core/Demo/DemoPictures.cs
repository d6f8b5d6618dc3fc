using Pms.Core.Demo.Plant;
using Pms.Core.Files;
using SkiaSharp;

namespace Pms.Core.Demo;

/// <summary>Draws the demo's products as simple shapes in their colours, so that cards and lists have a picture nobody had to take.</summary>
internal static class DemoPictures
{
    private const int Side = 320;

    private static readonly Dictionary<string, SKColor> Inks = new()
    {
        ["Black"] = new(0x23, 0x26, 0x2b), ["Navy"] = new(0x1d, 0x2f, 0x5e), ["White"] = new(0xfb, 0xfb, 0xf8), ["Bottle green"] = new(0x1d, 0x4d, 0x3a), ["Red"] = new(0xb5, 0x2a, 0x2a),
        ["Charcoal"] = new(0x4a, 0x4f, 0x57), ["Royal blue"] = new(0x2c, 0x56, 0xc4), ["Sand"] = new(0xd5, 0xc3, 0x9b),
    };

    /// <summary>A kept picture, by its content.</summary>
    public sealed record Kept(string Hash, int Size);

    /// <summary>Keeps one picture for each product; products that look alike share one.</summary>
    public static async Task<IReadOnlyDictionary<long, Kept>> KeepAsync(FileStore store, PlantCatalogue catalogue, CancellationToken ct)
    {
        var (drawn, kept) = (new Dictionary<(string, string), Kept>(), new Dictionary<long, Kept>());
        foreach (var product in catalogue.Products)
        {
            var look = (ShapeOf(product.Name), product.Variants is [var first, ..] ? first.Colour : Inks.Keys.ElementAt((int)(product.Id % Inks.Count)));
            if (!drawn.TryGetValue(look, out var picture))
            {
                var content = Draw(look.Item1, Inks[look.Item2]);
                drawn[look] = picture = new(await store.KeepAsync(content, content, ct), content.Length);
            }
            kept[product.Id] = picture;
        }
        return kept;
    }

    private static string ShapeOf(string name) => name.Split(',')[0] switch
    {
        "Cap" or "Beanie" or "Bucket hat" => "cap",
        var n when n.Contains("bag", StringComparison.OrdinalIgnoreCase) || n is "Cotton tote" or "Shopper" => "bag",
        "Towel" or "Tea towel" or "Scarf" or "Cushion cover" or "Apron" or "Bath robe" => "cloth",
        "Mug" or "Golf ball" or "USB stick" or "Key ring" or "Ball pen" => "mug",
        var n when n.Contains("patch", StringComparison.OrdinalIgnoreCase) || n == "Cork coaster" => "patch",
        var n when n.Contains("jacket", StringComparison.OrdinalIgnoreCase) || n.Contains("hoodie", StringComparison.OrdinalIgnoreCase) || n is "Fleece" or "Softshell" or "Sweater" or "Overall" or "Lab coat" or "Long-sleeve T-shirt" => "jacket",
        _ => "shirt",
    };

    private static byte[] Draw(string shape, SKColor ink)
    {
        using var surface = SKSurface.Create(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var canvas = surface.Canvas;
        canvas.Clear(new SKColor(0xd9, 0xe0, 0xe6));
        using var fill = new SKPaint { Color = ink, IsAntialias = true };
        using var line = new SKPaint { Color = ink, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = 16 };
        Outline(canvas, shape, fill, line);
        // What the plant puts on it: a round mark with its own middle.
        using var mark = new SKPaint { Color = ink.Red + ink.Green + ink.Blue > 380 ? new SKColor(0x0b, 0x5c, 0x7a) : new SKColor(0xf2, 0xb8, 0x4b), IsAntialias = true };
        var (x, y, r) = shape switch { "cap" => (150f, 150f, 26f), "shirt" or "jacket" => (196f, 130f, 22f), _ => (160f, 190f, 40f) };
        canvas.DrawCircle(x, y, r, mark);
        canvas.DrawCircle(x, y, r * .5f, fill);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Jpeg, 82);
        return data.ToArray();
    }

    private static void Outline(SKCanvas canvas, string shape, SKPaint fill, SKPaint line)
    {
        switch (shape)
        {
            case "cap":
                canvas.DrawArc(new SKRect(60, 90, 250, 290), 180, 180, true, fill);
                canvas.DrawRoundRect(60, 178, 240, 26, 13, 13, fill);
                break;
            case "bag":
                canvas.DrawRoundRect(75, 120, 170, 165, 8, 8, fill);
                canvas.DrawArc(new SKRect(115, 60, 205, 190), 180, 180, false, line);
                break;
            case "cloth":
                canvas.DrawRoundRect(80, 45, 160, 235, 10, 10, fill);
                break;
            case "mug":
                canvas.DrawRoundRect(80, 90, 145, 175, 18, 18, fill);
                canvas.DrawArc(new SKRect(180, 125, 275, 225), -90, 180, false, line);
                break;
            case "patch":
                canvas.DrawCircle(160, 160, 112, fill);
                canvas.DrawCircle(160, 160, 128, line);
                break;
            default:
                canvas.DrawRoundRect(86, 56, 148, 228, 16, 16, fill);
                foreach (var side in new[] { -1, 1 })
                {
                    canvas.Save();
                    canvas.Translate(160 + (side * 56), 62);
                    canvas.RotateDegrees(-side * (shape == "jacket" ? 22 : 42));
                    canvas.DrawRoundRect(-24, 0, 48, shape == "jacket" ? 190 : 96, 12, 12, fill);
                    canvas.Restore();
                }
                break;
        }
    }
}
