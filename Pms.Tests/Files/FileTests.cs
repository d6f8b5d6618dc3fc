using System.Buffers.Binary;
using System.Text;
using Pms.Core;
using Pms.Core.Files;
using Pms.Core.Products;
using Pms.Tests.Support;
using SkiaSharp;

namespace Pms.Tests.Files;

/// <summary>Pictures and papers of records: what is taken in, how it is kept and who gets it.</summary>
public abstract class FileTests(Engine engine) : IAsyncLifetime
{
    private TestPms pms = default!;
    private Product product = default!;

    private FileService Files => pms.Get<FileService>();

    public async Task InitializeAsync()
    {
        pms = await TestPms.StartAsync(engine);
        product = await pms.Get<ProductService>().SaveAsync(TestPms.System, new Product { Code = "T-1", Name = "Towel" });
    }

    public async Task DisposeAsync() => await pms.DisposeAsync();

    [Fact]
    public async Task A_picture_is_drawn_anew_small_and_without_what_was_hidden_in_it()
    {
        var original = Picture(3_000, 1_500, SKEncodedImageFormat.Jpeg);
        var secret = "Exif\0\0SECRET-PLACE-1234567"u8;
        byte[] hidden = [.. original[..2], 0xFF, 0xE1, 0, (byte)(secret.Length + 2), .. secret, .. original[2..]];
        var file = await AddAsync(FileRole.Photo, "../../holiday\0.png.exe", hidden);
        Assert.Equal(("image/jpeg", 2_000, 1_000, "holiday.png.exe"), (file.Kind, file.Width!.Value, file.Height!.Value, file.Name));
        var (_, path) = await Files.OpenAsync(TestPms.System, file.Id, thumbnail: false);
        var kept = await File.ReadAllBytesAsync(path);
        Assert.DoesNotContain("SECRET-PLACE", Encoding.Latin1.GetString(kept), StringComparison.Ordinal);
        Assert.Contains(file.Hash, path, StringComparison.Ordinal);
        var (_, small) = await Files.OpenAsync(TestPms.System, file.Id, thumbnail: true);
        using var thumbnail = SKBitmap.Decode(small);
        Assert.Equal((320, 160), (thumbnail.Width, thumbnail.Height));
        var again = await AddAsync(FileRole.Photo, "same.jpg", hidden);
        Assert.Equal(file.Hash, again.Hash);
    }

    [Fact]
    public async Task What_can_be_seen_through_stays_so()
    {
        var file = await AddAsync(FileRole.Document, "logo.png", Picture(40, 40, SKEncodedImageFormat.Png, SKColors.Transparent));
        Assert.Equal("image/png", file.Kind);
    }

    [Fact]
    public async Task What_is_no_picture_and_no_paper_is_refused_by_its_content()
    {
        await RefusedAsync("file.not_allowed", FileRole.Document, "photo.jpg", [.. "MZ"u8, 0, 1, 2, 3]);
        await RefusedAsync("file.not_allowed", FileRole.Document, "page.pdf", "<html><script>alert(1)</script>"u8.ToArray());
        await RefusedAsync("file.not_allowed", FileRole.Document, "drawing.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"u8.ToArray());
        await RefusedAsync("file.not_allowed", FileRole.Photo, "paper.pdf", "%PDF-1.7\n"u8.ToArray());
        await RefusedAsync("file.broken_picture", FileRole.Photo, "half.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3]);
        await RefusedAsync("file.empty", FileRole.Photo, "nothing.jpg", []);
        await RefusedAsync("file.too_large", FileRole.Document, "much.pdf", [.. "%PDF-"u8, .. new byte[11 * 1024 * 1024]]);
        // A picture that says it is 60 000 × 60 000 pixels is not opened to find out.
        var bomb = Picture(8, 8, SKEncodedImageFormat.Png);
        var header = bomb.AsSpan(16, 8);
        (header[0], header[1], header[2], header[3], header[4], header[5], header[6], header[7]) = (0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60);
        BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(29, 4), Crc(bomb.AsSpan(12, 17)));
        await RefusedAsync("file.too_many_pixels", FileRole.Photo, "bomb.png", bomb);
        Assert.Empty(await Files.ListAsync(TestPms.System, "product", product.Id));
    }

    [Fact]
    public async Task Only_who_sees_the_record_gets_its_files()
    {
        var file = await AddAsync(FileRole.Photo, "a.png", Picture(10, 10, SKEncodedImageFormat.Png));
        var nobody = new Actor { Name = "nobody", UserId = 4711 };
        await Assert.ThrowsAsync<NotFoundException>(() => Files.OpenAsync(nobody, file.Id, thumbnail: false));
        await Assert.ThrowsAsync<ForbiddenException>(() => Files.ListAsync(nobody, "product", product.Id));
        await Assert.ThrowsAsync<ForbiddenException>(() => Files.AddAsync(nobody, "product", product.Id, FileRole.Photo, "x", new MemoryStream([1])));
        await Assert.ThrowsAsync<ForbiddenException>(() => Files.RemoveAsync(nobody, file.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => Files.AddAsync(TestPms.System, "product", 4711, FileRole.Photo, "x", new MemoryStream([1])));
        await Assert.ThrowsAsync<NotFoundException>(() => Files.ListAsync(TestPms.System, "secret", 1));
        await Assert.ThrowsAsync<NotFoundException>(() => Files.ListAsync(TestPms.System, "machine", 1));
    }

    [Fact]
    public async Task What_no_record_names_is_swept_away_after_a_day()
    {
        var stays = await AddAsync(FileRole.Photo, "a.png", Picture(10, 10, SKEncodedImageFormat.Png));
        var goes = await AddAsync(FileRole.Document, "b.pdf", "%PDF-1.7\nx"u8.ToArray());
        await Files.RemoveAsync(TestPms.System, goes.Id);
        await Files.PurgeAsync(default);
        Assert.True(File.Exists(pms.Get<FileStore>().PathOf(goes.Hash)));
        pms.Clock.Advance(TimeSpan.FromDays(2));
        await Files.PurgeAsync(default);
        Assert.False(File.Exists(pms.Get<FileStore>().PathOf(goes.Hash)));
        Assert.True(File.Exists(pms.Get<FileStore>().PathOf(stays.Hash)));
        Assert.Equal(3, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM audit WHERE action IN ('file.add', 'file.remove') AND entity = 'product'"));
    }

    private Task<StoredFile> AddAsync(FileRole role, string name, byte[] content) => Files.AddAsync(TestPms.System, "product", product.Id, role, name, new MemoryStream(content));

    private async Task RefusedAsync(string code, FileRole role, string name, byte[] content) => Assert.Equal(code, (await Assert.ThrowsAsync<RuleException>(() => AddAsync(role, name, content))).Code);

    /// <summary>PNG's checksum of one part.</summary>
    private static uint Crc(ReadOnlySpan<byte> part)
    {
        var crc = uint.MaxValue;
        foreach (var b in part)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
                crc = (crc >> 1) ^ ((crc & 1) == 1 ? 0xEDB88320 : 0);
        }
        return ~crc;
    }

    private static byte[] Picture(int width, int height, SKEncodedImageFormat format, SKColor? colour = null)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, format == SKEncodedImageFormat.Jpeg ? SKAlphaType.Opaque : SKAlphaType.Premul));
        bitmap.Erase(colour ?? SKColors.SteelBlue);
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }
}

public sealed class FileTests_on_SQLite() : FileTests(Engine.Sqlite);

public sealed class FileTests_on_MariaDB() : FileTests(Engine.MySql);
