using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Pms.Core.Data;
using Pms.Tests.Support;
using Pms.Web.Configuration;
using Pms.Web.Security;

namespace Pms.Tests.Security;

/// <summary>The keys of cookies survive a restart and serve every node; the database alone opens nothing.</summary>
public abstract class KeyRingTests(Engine engine)
{
    private static readonly byte[] Master = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public async Task Another_node_opens_what_this_one_sealed()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var one = Ring(pms, Master);
        var sealed_ = Protector(one).Protect("badge");
        await using var other = Ring(pms, Master);
        Assert.Equal("badge", Protector(other).Unprotect(sealed_));
    }

    [Fact]
    public async Task Nothing_in_the_database_is_in_the_clear()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var one = Ring(pms, Master);
        Protector(one).Protect("badge");
        var xml = Assert.Single(await new KeyTable(pms.Db).ListAsync());
        Assert.DoesNotContain("masterKey", xml, StringComparison.Ordinal);
        Assert.Contains(MasterKeyEncryptor.Fingerprint(Master), xml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_another_master_key_nothing_opens()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var one = Ring(pms, Master);
        var sealed_ = Protector(one).Protect("badge");
        await using var thief = Ring(pms, RandomNumberGenerator.GetBytes(32));
        Assert.ThrowsAny<CryptographicException>(() => Protector(thief).Unprotect(sealed_));
    }

    [Fact]
    public async Task A_certificate_seals_anew_and_the_master_key_still_opens_what_it_sealed()
    {
        await using var pms = await TestPms.StartAsync(engine);
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=pms", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(TestPms.Start, TestPms.Start.AddYears(1));
        await using var one = Ring(pms, null, certificate);
        var sealed_ = Protector(one).Protect("badge");
        var xml = Assert.Single(await new KeyTable(pms.Db).ListAsync());
        Assert.DoesNotContain("masterKey", xml, StringComparison.Ordinal);
        Assert.Contains(certificate.Thumbprint, xml, StringComparison.Ordinal);
        await using var other = Ring(pms, Master, certificate);
        Assert.Equal("badge", Protector(other).Unprotect(sealed_));
        await using var thief = Ring(pms, Master);
        Assert.ThrowsAny<CryptographicException>(() => Protector(thief).Unprotect(sealed_));
    }

    [Fact]
    public async Task Going_over_to_a_certificate_keeps_what_the_master_key_sealed()
    {
        await using var pms = await TestPms.StartAsync(engine);
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=pms", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(TestPms.Start, TestPms.Start.AddYears(1));
        await using var before = Ring(pms, Master);
        var sealed_ = Protector(before).Protect("badge");
        await using var after = Ring(pms, Master, certificate);
        Assert.Equal("badge", Protector(after).Unprotect(sealed_));
    }

    private static IDataProtector Protector(IServiceProvider ring) => ring.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    private static ServiceProvider Ring(TestPms pms, byte[]? master, X509Certificate2? certificate = null) => new ServiceCollection().AddLogging().AddSingleton(pms.Db).AddSingleton(new PmsConfiguration
    {
        Mode = new(), PlantName = "", Zone = TimeZoneInfo.Utc, DataFolder = "", Database = pms.Database.Settings, DatabaseName = "", MigrateAtStart = true, JwtSecret = new(""),
        MasterKey = master, Certificate = certificate, RateLimitPerMinute = 60, SessionTimeout = TimeSpan.FromHours(1), MaxUploadBytes = 1, PasswordWorkFactor = 4, TrustedProxies = [],
    }).AddPmsKeyRing().BuildServiceProvider();
}

public sealed class KeyRingTests_on_SQLite() : KeyRingTests(Engine.Sqlite);

public sealed class KeyRingTests_on_MariaDB() : KeyRingTests(Engine.MySql);
