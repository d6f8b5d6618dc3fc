namespace Pms.Tests.Support;

/// <summary>The two databases every rule has to hold on; SQLite alone hides races that MariaDB shows.</summary>
public enum Engine
{
    /// <summary>The embedded database PMS starts with.</summary>
    Sqlite,

    /// <summary>MySQL or MariaDB; tests run it on a private MariaDB server.</summary>
    MySql,
}
