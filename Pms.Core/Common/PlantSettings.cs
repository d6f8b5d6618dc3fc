namespace Pms.Core;

/// <summary>What an administrator may set while PMS runs, as it is in force; immutable, and a new plant starts with the values written here.</summary>
public sealed record PlantSettings
{
    /// <summary>Languages that PMS has words in; the first is the one that holds where a word is missing.</summary>
    public static readonly IReadOnlyList<string> Languages = ["en", "de"];

    public string PlantName { get; init; } = "PMS";

    /// <summary>IANA name of the plant's time zone; empty: the one the process was started with.</summary>
    public string Zone { get; init; } = "";

    /// <summary>How numbers and dates are written for who chose nothing; empty: as each reader's browser asks.</summary>
    public string Culture { get; init; } = "";

    /// <summary>The language of who chose none, as two letters; empty: as each reader's browser asks.</summary>
    public string Language { get; init; } = "";

    /// <summary>More good pieces than planned by this many percent need a reason, unless the order's line says otherwise.</summary>
    public decimal OverTolerancePercent { get; init; } = 5;
    public int UndoMinutes { get; init; } = 5;

    /// <summary>How far back an operator may say that something began.</summary>
    public int EarlierMinutes { get; init; } = 15;

    /// <summary>How far back a Supervisor may say it in a tap.</summary>
    public int EarlierHours { get; init; } = 12;

    /// <summary>How long after its shift's end something open counts as forgotten.</summary>
    public int ForgottenMinutes { get; init; } = 30;

    /// <summary>A stop without a reason for this long needs a person.</summary>
    public int ReasonWantedMinutes { get; init; } = 10;

    /// <summary>A stop this long needs a person whatever its reason.</summary>
    public int LongStopMinutes { get; init; } = 30;

    /// <summary>How long the slots of what is on hold are kept for it; 0 frees them at once.</summary>
    public int HoldGraceMinutes { get; init; } = 60;

    /// <summary>Planners are told when a day's load of a department reaches so much of its capacity.</summary>
    public int CapacityWarningPercent { get; init; } = 80;

    public int SessionHours { get; init; } = 12;
    public int SessionIdleMinutes { get; init; } = 240;
    public int TerminalIdleSeconds { get; init; } = 120;
    public int PasswordLength { get; init; } = 12;
    public int IssuedPasswordDays { get; init; } = 7;

    /// <summary>From this failure on a device's next try waits.</summary>
    public int FailuresBeforeWait { get; init; } = 5;
    public int FirstWaitSeconds { get; init; } = 30;
    public int LongestWaitMinutes { get; init; } = 15;

    /// <summary>Failed sign-ins per address and minute.</summary>
    public int FailuresPerAddress { get; init; } = 60;

    public int UploadMb { get; init; } = 10;
    public int NotificationDays { get; init; } = 90;

    public string SmtpHost { get; init; } = "";
    public int SmtpPort { get; init; } = 587;

    /// <summary>none, starttls or tls.</summary>
    public string SmtpSecurity { get; init; } = "starttls";
    public string SmtpUser { get; init; } = "";

    /// <summary>Sealed; never the password itself.</summary>
    public string SmtpPassword { get; init; } = "";
    public string MailFrom { get; init; } = "";

    public decimal OverTolerance => OverTolerancePercent / 100;
    public TimeSpan Undo => TimeSpan.FromMinutes(UndoMinutes);
    public TimeSpan EarlierByOperator => TimeSpan.FromMinutes(EarlierMinutes);
    public TimeSpan EarlierByAnyone => TimeSpan.FromHours(EarlierHours);
    public TimeSpan ForgottenGrace => TimeSpan.FromMinutes(ForgottenMinutes);
    public TimeSpan ReasonWanted => TimeSpan.FromMinutes(ReasonWantedMinutes);
    public TimeSpan HoldGrace => TimeSpan.FromMinutes(HoldGraceMinutes);
    public TimeSpan LongStop => TimeSpan.FromMinutes(LongStopMinutes);
    public long UploadBytes => UploadMb * 1024L * 1024;
}

/// <summary>The settings in force on this node; read at each use, so that a change bites without a restart.</summary>
public sealed class LiveSettings(PlantSettings? first = null)
{
    private volatile PlantSettings now = first ?? new();

    public PlantSettings Now
    {
        get => now;
        set => now = value;
    }
}
