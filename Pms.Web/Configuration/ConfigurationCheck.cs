using System.Data.Common;
using System.Globalization;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Demo;
using Pms.Core.Settings;

namespace Pms.Web.Configuration;

/// <summary>
/// Turns settings into the one checked configuration, naming every fault at once. Settings files, environment and command line count,
/// under our names or those of the system before this one (DB_HOST, …).
/// </summary>
public static class ConfigurationCheck
{
    /// <summary>What /admin/settings shows too; set here, it is decided here.</summary>
    private static readonly FixedSetting[] OnThePage =
    [
        new("plantName", "Plant:Name"), new("zone", "Plant:TimeZone"), new("sessionHours", "Security:SessionTimeoutHours"), new("failuresPerAddress", "Security:RateLimitPerMinute"), new("uploadMb", "Uploads:MaxSizeMb"),
    ];

    private static readonly string[] Sections = ["Plant", "Data", "Database", "Demo", "Redis", "Security", "Telemetry", "Uploads", "Web"];

    /// <param name="root">The folder that relative paths start from.</param>
    public static ConfigurationResult Read(IConfiguration configuration, RunMode mode, string root)
    {
        var read = new SettingsReader(configuration);
        foreach (var word in mode.Unknown)
            read.Fault("command line", $"'{word}' is not known.", "Start with --help to see what is.");
        if (mode.IsDemo && !mode.IsDevelopment)
            read.Fault("demo", "The demo plant never runs in production.", "Set ASPNETCORE_ENVIRONMENT=Development, or start without 'demo'.");

        var plant = read.Text("Plant:Name", preset: "PMS")!;
        if (plant.Length > 60)
            read.Fault("Plant:Name", "is longer than 60 characters.", "Shorten it.");
        var zone = Zone(read, mode);
        var data = DataFolder(read, root);
        var (database, databaseName) = Database(read, mode, data);
        var migrate = read.Flag("Database:MigrateAtStart", true);
        var redis = Redis(read);
        var jwt = JwtSecret(read, mode, data);
        var certificate = WrappingCertificate.Read(read);
        var master = MasterKey(read, mode, data, needed: certificate is null && !read.Stopped("Security:CertificatePath"));
        var factor = read.Number("Security:PasswordWorkFactor", null, 12, mode.IsDevelopment ? 4 : 12, 18);
        var limit = read.Number("Security:RateLimitPerMinute", "RATE_LIMIT_PER_MINUTE", 60, 1, 1_000_000);
        var session = read.Number("Security:SessionTimeoutHours", "SESSION_TIMEOUT_HOURS", 12, 1, 168);
        var upload = read.Number("Uploads:MaxSizeMb", "MAX_UPLOAD_SIZE_MB", 10, 1, 1024);
        var proxies = read.Networks("Web:TrustedProxies");
        var telemetry = Telemetry(read);
        var demo = new DemoSettings();
        if (mode.IsDemo)
            demo = demo with
            {
                Seed = read.Number("Demo:Seed", null, demo.Seed, 0, 1_000_000), HistoryDays = read.Number("Demo:HistoryDays", null, demo.HistoryDays, 2, 400),
                Speed = read.Number("Demo:Speed", null, 1, 1, 60), Simulate = read.Flag("Demo:Simulate", true),
            };
        read.WarnOfUnknown(Sections);

        var result = read.Stops ? null : new PmsConfiguration
        {
            Mode = mode, PlantName = plant, Zone = zone!, DataFolder = data, Database = database!, DatabaseName = databaseName, MigrateAtStart = migrate, RedisUrl = redis, Demo = demo,
            JwtSecret = new Secret(jwt!), MasterKey = master, Certificate = certificate, PasswordWorkFactor = factor, RateLimitPerMinute = limit, SessionTimeout = TimeSpan.FromHours(session),
            MaxUploadBytes = upload * 1024L * 1024, TrustedProxies = proxies, Telemetry = telemetry, Fixed = [.. OnThePage.Where(s => read.IsSet(s.By))],
        };
        return new(result, read.Settings, read.Faults);
    }

    private static TimeZoneInfo? Zone(SettingsReader read, RunMode mode)
    {
        var name = read.Text("Plant:TimeZone", preset: mode.IsDemo ? "Africa/Johannesburg" : null);
        if (PlantClock.TryZone(name, out var zone))
        {
            read.Note("  in force", zone.Id, name is null ? "this machine's own" : "Plant:TimeZone");
            return zone;
        }
        read.Fault("Plant:TimeZone", $"'{name}' is not a time zone this machine knows.", "Use a name of the IANA list such as Africa/Johannesburg or Europe/Berlin, or remove it for the machine's own.");
        return null;
    }

    private static string DataFolder(SettingsReader read, string root)
    {
        var folder = Path.GetFullPath(read.Text("Data:Folder", preset: "data")!, root);
        read.Note("  in force", folder, "Data:Folder");
        try
        {
            if (!Directory.Exists(folder))
            {
                if (OperatingSystem.IsWindows())
                    Directory.CreateDirectory(folder);
                else
                    Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
            var probe = Path.Combine(folder, $".probe-{Guid.NewGuid():N}");
            File.WriteAllText(probe, "PMS tries whether it may write here.");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            read.Fault("Data:Folder", $"{folder} can't be written ({e.Message.TrimEnd('.')}).", "Give the account that runs PMS the right to write there, or set another folder.");
        }
        return folder;
    }

    private static (DbSettings? Settings, string Name) Database(SettingsReader read, RunMode mode, string data)
    {
        var kind = read.Text("Database:Kind")?.ToLowerInvariant();
        var text = read.Text("Database:ConnectionString", secret: true);
        var host = read.Text("Database:Host", "DB_HOST");
        var port = read.Number("Database:Port", "DB_PORT", 3306, 1, 65535);
        var user = read.Text("Database:User", "DB_USER");
        var password = read.Text("Database:Password", "DB_PASSWORD", secret: true);
        var name = read.Text("Database:Name", "DB_NAME");
        var file = read.Text("Database:File", preset: mode.IsDemo ? "demo.db" : "pms.db")!;
        var min = read.Number("Database:PoolMin", "DB_POOL_MIN", 5, 0, 1000);
        var max = read.Number("Database:PoolMax", "DB_POOL_MAX", 20, 1, 1000);
        if (min > max)
            read.Fault(read.NameUsed("Database:PoolMin", "DB_POOL_MIN"), $"{min} is more than {read.NameUsed("Database:PoolMax", "DB_POOL_MAX")}, {max}.", "Lower the one or raise the other.");
        if (kind is not (null or "sqlite" or "mysql"))
        {
            read.Fault("Database:Kind", $"'{kind}' is not a database PMS knows.", "Use sqlite, or mysql for MySQL and MariaDB; without it, a host or connection string means mysql.");
            return (null, "");
        }

        var mysql = kind == "mysql" || kind is null && (host is not null || text is not null);
        if (!mysql)
        {
            if (host is null && (user ?? name ?? password) is not null)
                read.Fault("DB_HOST", "is not set, although other settings of a MySQL server are; the embedded SQLite database is used.", "Set DB_HOST too, or remove the others.", stops: false);
            var path = Path.GetFullPath(file, data);
            var sqlite = new DbConnectionStringBuilder { ["Data Source"] = path };
            return (new DbSettings { Dialect = Dialect.Sqlite, ConnectionString = text ?? sqlite.ConnectionString, PoolMin = min, PoolMax = max }, $"SQLite, {path}");
        }

        if (mode.IsDemo)
        {
            read.Fault(read.NameUsed("Database:Host", "DB_HOST"), "The demo plant has a database file of its own and never runs on MySQL.", "Remove the settings of the MySQL server (DB_HOST, …) for the demo, or start without 'demo'.");
            return (null, "");
        }
        if (text is null)
        {
            foreach (var (value, setting) in new[] { (host, "Database:Host (DB_HOST)"), (user, "Database:User (DB_USER)"), (name, "Database:Name (DB_NAME)") })
                if (value is null)
                    read.Fault(setting, "is missing for a MySQL database.", "Set it, or remove all of the server's settings for the embedded SQLite.");
        }
        var parts = new DbConnectionStringBuilder();
        try
        {
            if (text is not null)
                parts.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            read.Fault("Database:ConnectionString", "can't be read.", "Write it as Server=…;Port=3306;User ID=…;Password=…;Database=…");
            return (null, "");
        }
        if (text is null)
            (parts["Server"], parts["Port"], parts["User ID"], parts["Password"], parts["Database"]) = (host ?? "", port.ToString(CultureInfo.InvariantCulture), user ?? "", password ?? "", name ?? "");
        var (usedUser, usedPassword) = (Part(parts, "User ID", "User", "Uid", "Username", "User Name"), Part(parts, "Password", "Pwd"));
        if (Secrets.WeaknessOfPassword(usedPassword, usedUser) is { } weak)
            read.Fault(text is null ? read.NameUsed("Database:Password", "DB_PASSWORD") : "Database:ConnectionString", $"The database password {weak}", "Give that database user a long random password.", stops: !mode.IsDevelopment);
        var shown = $"MySQL, {Part(parts, "Database")} at {Part(parts, "Server", "Host", "Data Source", "DataSource")}:{Part(parts, "Port") ?? "3306"}";
        return (new DbSettings { Dialect = Dialect.MySql, ConnectionString = parts.ConnectionString, PoolMin = min, PoolMax = max }, shown);
    }

    private static string? Redis(SettingsReader read)
    {
        var url = read.Text("Redis:Url", "REDIS_URL", secret: true);
        if (url is null)
            return null;
        var asUrl = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "redis" or "rediss" && uri.Host.Length > 0;
        var asList = !url.Contains("://", StringComparison.Ordinal) && url.Split(',')[0] is { Length: > 0 } first && !first.Contains(' ') && !first.Contains('=');
        if (!asUrl && !asList)
            read.Fault(read.NameUsed("Redis:Url", "REDIS_URL"), "is not the address of a Redis server.", "Write redis://:password@host:6379/0 (rediss:// with TLS) or host:6379,password=….");
        else if (asUrl)
            read.Note("  in force", $"{uri!.Scheme}://{uri.Host}:{(uri.Port > 0 ? uri.Port : 6379)}", "without its password");
        return url;
    }

    private static TelemetrySettings? Telemetry(SettingsReader read)
    {
        var (text, percent) = (read.Text("Telemetry:OtlpEndpoint"), read.Number("Telemetry:TracePercent", null, 0, 0, 100));
        if (text is null)
            return null;
        if (Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https")
            return new(endpoint, percent);
        read.Fault("Telemetry:OtlpEndpoint", "is not the address of a receiver.", "Write http://collector:4318, or for Prometheus http://prometheus:9090/api/v1/otlp.");
        return null;
    }

    private static string? JwtSecret(SettingsReader read, RunMode mode, string data)
    {
        var secret = read.Text("Security:JwtSecret", "JWT_SECRET_KEY", secret: true);
        var used = read.NameUsed("Security:JwtSecret", "JWT_SECRET_KEY");
        if (secret is null)
            return Generated(read, mode, used, Path.Combine(data, "keys", "jwt.secret"), 48, "Set 32 or more random characters, for example from: openssl rand -base64 48");
        if (Secrets.WeaknessOfKey(secret) is { } weak)
        {
            read.Fault(used, $"The secret that signs API tokens {weak}", "Set 32 or more random characters, for example from: openssl rand -base64 48", stops: !mode.IsDevelopment);
            // Tokens need a key of full length even where a weak one is let through.
            return secret.Length >= Secrets.ShortestJwtSecret ? secret : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)));
        }
        return secret;
    }

    /// <summary>32 bytes as base64, from the setting, from a file named by a setting, or made in development.</summary>
    private static byte[]? MasterKey(SettingsReader read, RunMode mode, string data, bool needed)
    {
        const string remedy = "Set 32 random bytes as base64, for example from: openssl rand -base64 32; keep a copy with the backups, for without it the sign-in keys in the database are lost.";
        var text = read.Text("Security:MasterKey", secret: true);
        var file = read.Text("Security:MasterKeyFile");
        var used = text is not null || file is null ? "Security:MasterKey" : "Security:MasterKeyFile";
        if (text is null && file is not null)
        {
            try
            {
                text = File.ReadAllText(file).Trim();
                if (Secrets.OthersCanRead(file))
                    read.Fault(used, $"{file} can be read by others than its owner.", $"Run: chmod 600 {file}", stops: false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                read.Fault(used, $"{file} can't be read ({e.Message.TrimEnd('.')}).", "Name a file that the account running PMS may read.");
                return null;
            }
        }
        if (text is null && !needed)
            return null;
        text ??= Generated(read, mode, used, Path.Combine(data, "keys", "master.key"), 32, remedy);
        if (text is null)
            return null;
        var key = new byte[64];
        if (Convert.TryFromBase64String(text, key, out var length) && length == 32 && key[..32].Distinct().Count() >= 8)
            return key[..32];
        read.Fault(used, "is not 32 random bytes written as base64.", remedy);
        return null;
    }

    private static string? Generated(SettingsReader read, RunMode mode, string setting, string file, int bytes, string remedy)
    {
        if (!mode.IsDevelopment)
        {
            read.Fault(setting, "is missing; production starts with no secret of PMS's own making.", remedy);
            return null;
        }
        try
        {
            var secret = Secrets.TakeOrMake(file, bytes);
            if (Secrets.OthersCanRead(file))
                read.Fault(setting, $"{file} can be read by others than its owner.", $"Run: chmod 600 {file}", stops: false);
            read.Note("  in force", "•••", $"generated, {file}");
            return secret;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            read.Fault(setting, $"is missing, and {file} can't be made ({e.Message.TrimEnd('.')}).", remedy);
            return null;
        }
    }

    private static string? Part(DbConnectionStringBuilder parts, params string[] names) =>
        names.Select(n => parts.TryGetValue(n, out var value) ? value?.ToString() : null).FirstOrDefault(v => v is not null);
}
