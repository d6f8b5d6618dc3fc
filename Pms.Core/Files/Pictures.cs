using SkiaSharp;

namespace Pms.Core.Files;

/// <summary>
/// Pictures are drawn anew before they are kept: turned the right way, at most <see cref="Longest"/> pixels long, and without anything that was hidden
/// in the file (places, names, programs). One that would need more memory than a camera's picture is refused before it is opened.
/// </summary>
public static class Pictures
{
    public const int Longest = 2_000, ThumbnailLongest = 320;

    private const long MostPixels = 60_000_000;

    /// <summary>A picture as it is kept.</summary>
    public sealed record Drawn(byte[] Content, byte[] Thumbnail, string Kind, int Width, int Height);

    /// <summary>Null where the content is none of JPEG, PNG, WebP or GIF by its first bytes.</summary>
    public static bool IsPicture(ReadOnlySpan<byte> content) =>
        content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) || content.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A])
        || content.StartsWith("GIF8"u8) || content.Length > 12 && content.StartsWith("RIFF"u8) && content[8..12].SequenceEqual("WEBP"u8);

    /// <exception cref="RuleException">file.broken_picture, file.too_many_pixels.</exception>
    public static Drawn Draw(byte[] content)
    {
        using var data = SKData.CreateCopy(content);
        using var codec = SKCodec.Create(data) ?? throw new RuleException("file.broken_picture");
        if ((long)codec.Info.Width * codec.Info.Height > MostPixels || codec.Info.Width < 1 || codec.Info.Height < 1)
            throw new RuleException("file.too_many_pixels", MostPixels / 1_000_000);
        using var read = SKBitmap.Decode(codec) ?? throw new RuleException("file.broken_picture");
        using var turned = Turned(read, codec.EncodedOrigin);
        // What may be seen through stays so; photographs are smaller as JPEG.
        var through = codec.Info.AlphaType != SKAlphaType.Opaque;
        using var kept = Fitted(turned, Longest);
        using var small = Fitted(turned, ThumbnailLongest);
        return new Drawn(Encoded(kept, through), Encoded(small, through), through ? "image/png" : "image/jpeg", kept.Width, kept.Height);
    }

    private static byte[] Encoded(SKBitmap bitmap, bool through)
    {
        using var data = bitmap.Encode(through ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 85);
        return data.ToArray();
    }

    private static SKBitmap Fitted(SKBitmap bitmap, int longest)
    {
        var scale = Math.Min(1.0, (double)longest / Math.Max(bitmap.Width, bitmap.Height));
        var size = new SKImageInfo(Math.Max(1, (int)Math.Round(bitmap.Width * scale)), Math.Max(1, (int)Math.Round(bitmap.Height * scale)), SKColorType.Rgba8888, SKAlphaType.Premul);
        return bitmap.Resize(size, new SKSamplingOptions(SKCubicResampler.Mitchell)) ?? throw new RuleException("file.broken_picture");
    }

    /// <summary>As the camera was held.</summary>
    private static SKBitmap Turned(SKBitmap bitmap, SKEncodedOrigin origin)
    {
        var (degrees, mirrored) = origin switch
        {
            SKEncodedOrigin.TopRight => (0, true), SKEncodedOrigin.BottomRight => (180, false), SKEncodedOrigin.BottomLeft => (180, true), SKEncodedOrigin.LeftTop => (90, true),
            SKEncodedOrigin.RightTop => (90, false), SKEncodedOrigin.RightBottom => (270, true), SKEncodedOrigin.LeftBottom => (270, false), _ => (0, false),
        };
        var aside = degrees is 90 or 270;
        var turned = new SKBitmap(aside ? bitmap.Height : bitmap.Width, aside ? bitmap.Width : bitmap.Height, SKColorType.Rgba8888, SKAlphaType.Premul);
        using var canvas = new SKCanvas(turned);
        canvas.Translate(turned.Width / 2f, turned.Height / 2f);
        if (mirrored)
            canvas.Scale(-1, 1);
        canvas.RotateDegrees(mirrored ? -degrees : degrees);
        canvas.DrawBitmap(bitmap, -bitmap.Width / 2f, -bitmap.Height / 2f, SKSamplingOptions.Default);
        return turned;
    }
}
