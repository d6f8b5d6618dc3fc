using System.Globalization;

namespace Pms.Core.Settings;

/// <summary>How a setting is written.</summary>
public enum SettingKind { Text, Number, Choice, Zone, Mail, Secret }

/// <summary>One setting: its name, bounds, and where its value stands in <see cref="PlantSettings"/>. Values are texts, numbers with a point.</summary>
public sealed record Setting(string Key, string Group, SettingKind Kind, Func<PlantSettings, string> Read, Func<PlantSettings, string, PlantSettings> Write)
{
    public decimal? Min { get; init; }
    public decimal? Max { get; init; }

    /// <summary>Digits behind the point that a number may have.</summary>
    public int Places { get; init; }
    public string? Unit { get; init; }

    /// <summary>Empty where the kind decides.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Longest text.</summary>
    public int Length { get; init; } = 200;

    /// <summary>The value as it is stored.</summary>
    /// <exception cref="InvalidException">Named by <see cref="Key"/>.</exception>
    public string Checked(string text)
    {
        var value = Kind == SettingKind.Secret ? text : Text.Clean(text);
        var fault = Kind switch
        {
            SettingKind.Number => !decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? new Refusal("not_a_number")
                : number < Min || number > Max ? new Refusal("between", Min, Max)
                : decimal.Round(number, Places) != number ? Places == 0 ? new Refusal("not_whole") : new Refusal("too_many_decimals", Places) : null,
            SettingKind.Choice => Choices.Contains(value) ? null : new Refusal("unknown_value"),
            SettingKind.Zone => value.Length == 0 || PlantClock.TryZone(value, out _) ? null : new Refusal("unknown_value"),
            SettingKind.Mail => value.Length == 0 || IsMail(value) ? null : new Refusal("not_an_email"),
            _ => null,
        } ?? (value.Length > Length ? new Refusal("too_long", Length) : null);
        if (fault is not null)
            throw new InvalidException([new Fault(Key, fault)]);
        return Kind == SettingKind.Number ? decimal.Parse(value, CultureInfo.InvariantCulture).ToString("0.######", CultureInfo.InvariantCulture) : value;
    }

    /// <summary>One address and nothing else; what comes after is never a header of its own.</summary>
    public static bool IsMail(string text) => text.Length <= 200 && MimeKit.MailboxAddress.TryParse(text, out var box) && box.Address == text && text.Contains('@', StringComparison.Ordinal);
}

/// <summary>Every setting there is, in the order of the page; a line here needs words in SettingsTexts and something that obeys it.</summary>
public static class SettingList
{
    /// <summary>Ways of writing numbers and dates that may be the plant's; the empty one leaves it to each browser.</summary>
    public static readonly IReadOnlyList<string> Cultures = ["", "en-GB", "en-ZA", "en-US", "en-AU", "en-CA", "en-IE", "en-IN", "en-NZ", "af-ZA", "de-DE", "de-AT", "de-CH", "fr-FR", "fr-BE", "nl-NL", "nl-BE", "es-ES", "es-MX", "pt-PT", "pt-BR", "it-IT", "pl-PL", "cs-CZ", "sv-SE", "da-DK", "nb-NO", "fi-FI", "tr-TR"];

    public static readonly IReadOnlyList<Setting> All =
    [
        new("plantName", "plant", SettingKind.Text, s => s.PlantName, (s, v) => s with { PlantName = v.Length == 0 ? "PMS" : v }) { Length = 60 },
        new("zone", "plant", SettingKind.Zone, s => s.Zone, (s, v) => s with { Zone = v }) { Length = 64 },
        new("culture", "plant", SettingKind.Choice, s => s.Culture, (s, v) => s with { Culture = v }) { Choices = Cultures },
        new("language", "plant", SettingKind.Choice, s => s.Language, (s, v) => s with { Language = v }) { Choices = ["", .. PlantSettings.Languages] },
        Number("overTolerancePercent", "work", "percent", 0, 100, s => s.OverTolerancePercent, (s, v) => s with { OverTolerancePercent = v }) with { Places = 2 },
        Whole("undoMinutes", "work", "minutes", 1, 60, s => s.UndoMinutes, (s, v) => s with { UndoMinutes = v }),
        Whole("earlierMinutes", "work", "minutes", 0, 120, s => s.EarlierMinutes, (s, v) => s with { EarlierMinutes = v }),
        Whole("earlierHours", "work", "hours", 1, 72, s => s.EarlierHours, (s, v) => s with { EarlierHours = v }),
        Whole("forgottenMinutes", "work", "minutes", 5, 240, s => s.ForgottenMinutes, (s, v) => s with { ForgottenMinutes = v }),
        Whole("holdGraceMinutes", "work", "minutes", 0, 10_080, s => s.HoldGraceMinutes, (s, v) => s with { HoldGraceMinutes = v }),
        Whole("reasonWantedMinutes", "attention", "minutes", 1, 240, s => s.ReasonWantedMinutes, (s, v) => s with { ReasonWantedMinutes = v }),
        Whole("longStopMinutes", "attention", "minutes", 5, 480, s => s.LongStopMinutes, (s, v) => s with { LongStopMinutes = v }),
        Whole("capacityWarningPercent", "attention", "percent", 10, 200, s => s.CapacityWarningPercent, (s, v) => s with { CapacityWarningPercent = v }),
        Whole("notificationDays", "attention", "days", 7, 3650, s => s.NotificationDays, (s, v) => s with { NotificationDays = v }),
        Whole("sessionHours", "access", "hours", 1, 168, s => s.SessionHours, (s, v) => s with { SessionHours = v }),
        Whole("sessionIdleMinutes", "access", "minutes", 5, 1440, s => s.SessionIdleMinutes, (s, v) => s with { SessionIdleMinutes = v }),
        Whole("terminalIdleSeconds", "access", "seconds", 20, 3600, s => s.TerminalIdleSeconds, (s, v) => s with { TerminalIdleSeconds = v }),
        Whole("passwordLength", "access", "characters", 12, 64, s => s.PasswordLength, (s, v) => s with { PasswordLength = v }),
        Whole("issuedPasswordDays", "access", "days", 1, 90, s => s.IssuedPasswordDays, (s, v) => s with { IssuedPasswordDays = v }),
        Whole("failuresBeforeWait", "access", "tries", 3, 20, s => s.FailuresBeforeWait, (s, v) => s with { FailuresBeforeWait = v }),
        Whole("firstWaitSeconds", "access", "seconds", 5, 300, s => s.FirstWaitSeconds, (s, v) => s with { FirstWaitSeconds = v }),
        Whole("longestWaitMinutes", "access", "minutes", 1, 120, s => s.LongestWaitMinutes, (s, v) => s with { LongestWaitMinutes = v }),
        Whole("failuresPerAddress", "access", "tries", 5, 1_000_000, s => s.FailuresPerAddress, (s, v) => s with { FailuresPerAddress = v }),
        Whole("uploadMb", "files", "megabytes", 1, 1024, s => s.UploadMb, (s, v) => s with { UploadMb = v }),
        new("smtpHost", "mail", SettingKind.Text, s => s.SmtpHost, (s, v) => s with { SmtpHost = v }),
        Whole("smtpPort", "mail", null, 1, 65_535, s => s.SmtpPort, (s, v) => s with { SmtpPort = v }),
        new("smtpSecurity", "mail", SettingKind.Choice, s => s.SmtpSecurity, (s, v) => s with { SmtpSecurity = v }) { Choices = ["starttls", "tls", "none"] },
        new("smtpUser", "mail", SettingKind.Text, s => s.SmtpUser, (s, v) => s with { SmtpUser = v }),
        new("smtpPassword", "mail", SettingKind.Secret, s => s.SmtpPassword, (s, v) => s with { SmtpPassword = v }),
        new("mailFrom", "mail", SettingKind.Mail, s => s.MailFrom, (s, v) => s with { MailFrom = v }),
    ];

    public static Setting? Find(string key) => All.FirstOrDefault(s => s.Key == key);

    private static Setting Number(string key, string group, string? unit, decimal min, decimal max, Func<PlantSettings, decimal> read, Func<PlantSettings, decimal, PlantSettings> write) =>
        new(key, group, SettingKind.Number, s => read(s).ToString("0.######", CultureInfo.InvariantCulture), (s, v) => write(s, decimal.Parse(v, CultureInfo.InvariantCulture))) { Min = min, Max = max, Unit = unit };

    private static Setting Whole(string key, string group, string? unit, int min, int max, Func<PlantSettings, int> read, Func<PlantSettings, int, PlantSettings> write) =>
        Number(key, group, unit, min, max, s => read(s), (s, v) => write(s, (int)v));
}

/// <summary>A setting with its value, as pages and the API show it.</summary>
public sealed record SettingState
{
    /// <summary>Stable name.</summary>
    public string Key { get; init; } = "";

    /// <summary>Heading it stands under.</summary>
    public string Group { get; init; } = "";
    public SettingKind Kind { get; init; }

    /// <summary>In force; numbers with a point. A secret shows ••• where there is one.</summary>
    public string Value { get; init; } = "";

    /// <summary>What it is without anybody's choice; a change to null goes back to it.</summary>
    public string Default { get; init; } = "";
    public bool IsDefault { get; init; }
    public decimal? Min { get; init; }
    public decimal? Max { get; init; }
    public string? Unit { get; init; }
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The name it is set by outside PMS (file, environment, command line); then it can't be changed here. Null where it can.</summary>
    public string? FixedBy { get; init; }
}

/// <summary>All settings as one record with one version.</summary>
public sealed record SettingsPicture : Audit.IVersioned
{
    public long Id { get; init; } = 1;
    public int Version { get; init; }
    public IReadOnlyList<SettingState> Items { get; init; } = [];

    public SettingState this[string key] => Items.First(i => i.Key == key);
}

/// <summary>New values by name; null goes back to the default. What isn't named stays.</summary>
public sealed record ChangeSettings(int Version, IReadOnlyDictionary<string, string?> Values);

/// <summary>Somebody changed the settings; every node reads them again.</summary>
public sealed record SettingsChanged : Events.IEvent;

/// <summary>A setting that the deployment decides: its name there.</summary>
public sealed record FixedSetting(string Key, string By);
