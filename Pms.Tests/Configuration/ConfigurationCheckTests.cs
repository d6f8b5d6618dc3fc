using Microsoft.Extensions.Configuration;
using Pms.Core.Data;
using Pms.Tests.Support;
using Pms.Web.Configuration;

namespace Pms.Tests.Configuration;

/// <summary>Settings are read once, from new and old names, and every fault is told at once with its remedy.</summary>
public sealed class ConfigurationCheckTests
{
    private const string GoodSecret = "hV2kq9Zr+3sXw7Lm1TfYbN8uJc5oPd4Ee6GaQ0Ri";
    private const string GoodKey = "u3sVpYw0nQ1mZ8rT5xKcB7eJ2hLdF9gA4iOqWvNyUkE=";

    [Fact]
    public void Nothing_set_in_development_is_SQLite_under_the_data_folder_with_secrets_of_its_own()
    {
        var root = NewFolder();
        var result = Read(root, Development);

        Assert.Empty(result.Faults);
        var c = result.Configuration!;
        Assert.Equal(Dialect.Sqlite, c.Database.Dialect);
        Assert.Contains(Path.Combine(root, "data", "pms.db"), c.Database.ConnectionString, StringComparison.Ordinal);
        Assert.Equal((5, 20), (c.Database.PoolMin, c.Database.PoolMax));
        Assert.Equal(TimeZoneInfo.Local, c.Zone);
        Assert.Equal(60, c.RateLimitPerMinute);
        Assert.Equal(32, c.MasterKey!.Length);
        Assert.True(c.JwtSecret.Value.Length >= 32);
        Assert.DoesNotContain(c.JwtSecret.Value, c.JwtSecret.ToString(), StringComparison.Ordinal);

        foreach (var file in OperatingSystem.IsWindows() ? [] : new[] { "jwt.secret", "master.key" })
            Assert.False(Secrets.OthersCanRead(Path.Combine(root, "data", "keys", file)));

        var again = Read(root, Development).Configuration!;
        Assert.Equal(c.JwtSecret.Value, again.JwtSecret.Value);
        Assert.Equal(c.MasterKey, again.MasterKey);
    }

    [Fact]
    public void The_old_systems_names_are_understood()
    {
        var c = Read(NewFolder(), Production, ("DB_HOST", "db.plant"), ("DB_PORT", "3307"), ("DB_USER", "pms"), ("DB_PASSWORD", "a;long'pass\"word"), ("DB_NAME", "plant"),
            ("REDIS_URL", "redis://:x@cache:6380/1"), ("JWT_SECRET_KEY", GoodSecret), ("DB_POOL_MIN", "2"), ("DB_POOL_MAX", "9"), ("RATE_LIMIT_PER_MINUTE", "100"),
            ("SESSION_TIMEOUT_HOURS", "8"), ("MAX_UPLOAD_SIZE_MB", "25"), ("Security:MasterKey", GoodKey)).Configuration!;

        Assert.Equal(Dialect.MySql, c.Database.Dialect);
        var parts = new MySqlConnector.MySqlConnectionStringBuilder(c.Database.ConnectionString);
        Assert.Equal(("db.plant", 3307u, "pms", "a;long'pass\"word", "plant"), (parts.Server, parts.Port, parts.UserID, parts.Password, parts.Database));
        Assert.Equal((2, 9), (c.Database.PoolMin, c.Database.PoolMax));
        Assert.Equal("redis://:x@cache:6380/1", c.RedisUrl);
        Assert.Equal((GoodSecret, 100, TimeSpan.FromHours(8), 25L << 20), (c.JwtSecret.Value, c.RateLimitPerMinute, c.SessionTimeout, c.MaxUploadBytes));
    }

    [Theory]
    [InlineData("Plant:TimeZone", "Mars/Olympus", "Plant:TimeZone")]
    [InlineData("DB_PORT", "a lot", "DB_PORT")]
    [InlineData("DB_PORT", "70000", "DB_PORT")]
    [InlineData("DB_POOL_MIN", "30", "DB_POOL_MIN")]
    [InlineData("DB_POOL_MAX", "0", "DB_POOL_MAX")]
    [InlineData("RATE_LIMIT_PER_MINUTE", "-1", "RATE_LIMIT_PER_MINUTE")]
    [InlineData("SESSION_TIMEOUT_HOURS", "forever", "SESSION_TIMEOUT_HOURS")]
    [InlineData("MAX_UPLOAD_SIZE_MB", "1e9", "MAX_UPLOAD_SIZE_MB")]
    [InlineData("Database:Kind", "oracle", "Database:Kind")]
    [InlineData("Database:MigrateAtStart", "perhaps", "Database:MigrateAtStart")]
    [InlineData("Data:Folder", "/proc/pms", "Data:Folder")]
    [InlineData("REDIS_URL", "http://cache", "REDIS_URL")]
    [InlineData("Web:TrustedProxies", "10.0.0.300", "Web:TrustedProxies")]
    [InlineData("Security:MasterKey", "short", "Security:MasterKey")]
    [InlineData("Security:MasterKey", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "Security:MasterKey")]
    [InlineData("Security:MasterKeyFile", "/nowhere/master.key", "Security:MasterKeyFile")]
    [InlineData("Security:PasswordWorkFactor", "3", "Security:PasswordWorkFactor")]
    public void A_fault_stops_the_start_and_names_its_setting_and_remedy(string setting, string value, string named)
    {
        var result = Read(NewFolder(), Development, (setting, value));
        Assert.False(result.Ok);
        var fault = result.Faults.First(f => f.Stops && f.Setting.StartsWith(named, StringComparison.Ordinal));
        Assert.True(fault.Remedy.Length > 10, fault.ToString());
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var result = Read(NewFolder(), Production, ("Plant:TimeZone", "x"), ("DB_HOST", "db"), ("DB_PORT", "x"), ("DB_POOL_MIN", "30"), ("JWT_SECRET_KEY", "secret"));
        var named = string.Join("\n", result.Faults.Where(f => f.Stops));
        foreach (var setting in new[] { "Plant:TimeZone", "DB_PORT", "DB_POOL_MIN", "JWT_SECRET_KEY", "DB_USER", "DB_NAME", "DB_PASSWORD", "Security:MasterKey" })
            Assert.Contains(setting, named, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JWT_SECRET_KEY", "secret")]
    [InlineData("JWT_SECRET_KEY", "your-256-bit-secret-your-256-bit-secret")]
    [InlineData("JWT_SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("DB_PASSWORD", "password")]
    [InlineData("DB_PASSWORD", "pms_user")]
    [InlineData("DB_PASSWORD", "root")]
    public void A_weak_or_known_secret_stops_production_and_warns_in_development(string setting, string value)
    {
        (string, string)[] all = [("DB_HOST", "db"), ("DB_USER", "pms_user"), ("DB_NAME", "pms"), ("DB_PASSWORD", GoodSecret), ("JWT_SECRET_KEY", GoodSecret), ("Security:MasterKey", GoodKey), (setting, value)];

        var production = Read(NewFolder(), Production, all);
        Assert.False(production.Ok);
        Assert.Contains(production.Faults, f => f.Stops && f.Setting == setting);

        var development = Read(NewFolder(), Development, all);
        Assert.True(development.Ok, string.Join("\n", development.Faults));
        Assert.Contains(development.Faults, f => !f.Stops && f.Setting == setting);
    }

    [Fact]
    public void Production_makes_no_secret_by_itself()
    {
        var root = NewFolder();
        var result = Read(root, Production);
        Assert.Equal(["Security:JwtSecret (JWT_SECRET_KEY)", "Security:MasterKey"], result.Faults.Where(f => f.Stops).Select(f => f.Setting));
        Assert.False(Directory.Exists(Path.Combine(root, "data", "keys")));
    }

    [Fact]
    public void The_demo_refuses_MySQL_and_production()
    {
        Assert.Contains(Read(NewFolder(), Development with { IsDemo = true }, ("DB_HOST", "db")).Faults, f => f.Stops && f.Setting == "DB_HOST");
        Assert.Contains(Read(NewFolder(), Production with { IsDemo = true }, ("JWT_SECRET_KEY", GoodSecret), ("Security:MasterKey", GoodKey)).Faults, f => f.Stops && f.Setting == "demo");

        var demo = Read(NewFolder(), Development with { IsDemo = true });
        Assert.Contains("demo.db", demo.Configuration!.Database.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_takes_the_place_of_the_master_key_and_is_tried_at_start()
    {
        var folder = NewFolder();
        string File(string name, int bits, string? password = null, bool withKey = true)
        {
            using var rsa = System.Security.Cryptography.RSA.Create(bits);
            using var made = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=pms", rsa, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(TestPms.Start, TestPms.Start.AddYears(10));
            var path = Path.Combine(folder, name);
            if (name.EndsWith(".pem", StringComparison.Ordinal))
                System.IO.File.WriteAllText(path, made.ExportCertificatePem() + "\n" + (withKey ? rsa.ExportPkcs8PrivateKeyPem() : ""));
            else
                System.IO.File.WriteAllBytes(path, made.Export(System.Security.Cryptography.X509Certificates.X509ContentType.Pfx, password));
            return path;
        }
        ConfigurationResult With(string path, string? password = null, bool master = false) => Read(folder, Production,
            [("JWT_SECRET_KEY", GoodSecret), ("Security:CertificatePath", path), .. password is null ? Array.Empty<(string, string)>() : [("Security:CertificatePassword", password)], .. master ? new[] { ("Security:MasterKey", GoodKey) } : []]);

        var (pfx, pem) = (File("c.pfx", 2048, "a long word"), File("c.pem", 2048));
        var good = With(pfx, "a long word");
        Assert.True(good.Ok, string.Join("\n", good.Faults));
        Assert.True(good.Configuration!.Certificate!.HasPrivateKey);
        Assert.Null(good.Configuration.MasterKey);
        Assert.Equal(32, With(pem, master: true).Configuration!.MasterKey!.Length);
        foreach (var wrong in new[] { With(pfx, "another"), With(Path.Combine(folder, "none.pfx")), With(File("small.pem", 1024)), With(File("keyless.pem", 2048, withKey: false)) })
            Assert.Equal(["Security:CertificatePath"], wrong.Faults.Where(f => f.Stops).Select(f => f.Setting));
        var shown = new StringWriter();
        StartReport.Settings(shown, good, "Production");
        Assert.DoesNotContain("a long word", shown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_setting_is_warned_of()
    {
        var result = Read(NewFolder(), Development, ("Database:PoolMaxx", "5"), ("Logging:LogLevel:Default", "Debug"));
        Assert.True(result.Ok);
        Assert.Equal("Database:PoolMaxx", Assert.Single(result.Faults).Setting);
    }

    [Fact]
    public void No_secret_is_shown_and_every_setting_says_where_it_came_from()
    {
        var result = Read(NewFolder(), Production, ("JWT_SECRET_KEY", GoodSecret), ("Security:MasterKey", GoodKey), ("REDIS_URL", "redis://:hidden-word@cache:6379"));
        var shown = new StringWriter();
        StartReport.Settings(shown, result, "Production");
        Assert.DoesNotContain(GoodSecret, shown.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(GoodKey, shown.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", shown.ToString(), StringComparison.Ordinal);
        Assert.All(result.Settings, s => Assert.NotEmpty(s.Source));
    }

    [Theory]
    [InlineData("demo --lan", RunCommand.Serve, true, true, "")]
    [InlineData("check-config --Plant:Name=X", RunCommand.CheckConfig, false, false, "--Plant:Name=X")]
    [InlineData("migrate --Plant:Name X", RunCommand.Migrate, false, false, "--Plant:Name X")]
    [InlineData("--lan demo", RunCommand.Serve, true, true, "")]
    public void The_command_line_is_read(string line, RunCommand command, bool demo, bool lan, string rest)
    {
        var mode = RunMode.Parse(line.Split(' '));
        Assert.Equal((command, demo, lan, rest), (mode.Command, mode.IsDemo, mode.Lan, string.Join(' ', mode.Rest)));
        Assert.Empty(mode.Unknown);
    }

    [Fact]
    public void An_unknown_word_stops_the_start() =>
        Assert.Contains(Read(NewFolder(), RunMode.Parse(["chek-config"]) with { IsDevelopment = true }).Faults, f => f.Stops && f.What.Contains("chek-config", StringComparison.Ordinal));

    private static readonly RunMode Development = new() { IsDevelopment = true };
    private static readonly RunMode Production = new();

    private static string NewFolder() => Directory.CreateDirectory(TestRun.NewPath("config")).FullName;

    private static ConfigurationResult Read(string root, RunMode mode, params (string Name, string Value)[] settings) =>
        ConfigurationCheck.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.GroupBy(s => s.Name).Select(s => KeyValuePair.Create(s.Key, (string?)s.Last().Value))).Build(), mode, root);
}
