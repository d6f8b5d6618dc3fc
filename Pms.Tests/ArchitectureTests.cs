using System.Reflection;
using Pms.Tests.Architecture;
using Pms.Tests.Support;

namespace Pms.Tests;

/// <summary>The rules of docs/architecture.md that the compiler can't keep; each is proven by samples that break it.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly Core = Assembly.Load("Pms.Core");
    private static readonly Assembly Web = Assembly.Load("Pms.Web");
    private static readonly Lazy<IReadOnlyList<SourceFile>> Files = new(() => [.. SourceFile.Repository()]);

    [Fact]
    public void The_rules_see_the_repository() =>
        Assert.Superset(new HashSet<string> { "Pms.sln", "Pms.Core/Pms.Core.csproj", "Pms.Web/Program.cs", "Pms.Tests/ArchitectureTests.cs" }, Files.Value.Select(f => f.Path).ToHashSet());

    [Fact]
    public void Web_knows_no_database_driver() => Kept(ArchitectureRules.WebKnowsNoDriver(Files.Value, Web.GetReferencedAssemblies()));

    [Fact]
    public void A_web_that_knows_a_database_driver_is_caught()
    {
        Broken(ArchitectureRules.WebKnowsNoDriver([], [new AssemblyName("Dapper")]));
        Broken(ArchitectureRules.WebKnowsNoDriver([new("Pms.Web/Jobs/JobsApi.cs", "using MySqlConnector;")], []));
        Broken(ArchitectureRules.WebKnowsNoDriver([new("Pms.Web/Pms.Web.csproj", "<PackageReference Include=\"Microsoft.Data.Sqlite\" />")], []));
        Kept(ArchitectureRules.WebKnowsNoDriver([new("Pms.Core/Data/Db.cs", "using Dapper;"), new("Pms.Web/Program.cs", "// using Dapper would break a rule")], [new AssemblyName("MudBlazor")]));
    }

    [Fact]
    public void Ground_names_no_feature() => Kept(ArchitectureRules.GroundNamesNoFeature(Files.Value));

    [Fact]
    public void A_ground_that_names_a_feature_is_caught()
    {
        SourceFile job = new("Pms.Core/Jobs/Job.cs", "namespace Pms.Core.Jobs; public sealed record Job;");
        Broken(ArchitectureRules.GroundNamesNoFeature([job, new("Pms.Core/Events/Bus.cs", "using Pms.Core.Jobs; class Bus;")]));
        Broken(ArchitectureRules.GroundNamesNoFeature([job, new("Pms.Core/Data/Db.cs", "class Db { void X(Pms.Core.Jobs.Job j) {} }")]));
        Broken(ArchitectureRules.GroundNamesNoFeature([job, new("Pms.Core/Usings.cs", "global using Pms.Core.Jobs;")]));
        Broken(ArchitectureRules.GroundNamesNoFeature([job, new("Pms.Core/Pms.Core.csproj", "<Using Include=\"Pms.Core.Jobs\" />")]));
        Kept(ArchitectureRules.GroundNamesNoFeature([job, new("Pms.Core/Data/Db.cs", "using Pms.Core.Events; class Db { int Job; /* Pms.Core.Jobs */ }")]));
        Kept(ArchitectureRules.GroundNamesNoFeature([job, new("Pms.Core/Floor/Board.cs", "using Pms.Core.Jobs; class Board;")]));
    }

    [Fact]
    public void A_feature_uses_its_own_repositories_only() => Kept(ArchitectureRules.RepositoriesStayInTheirFeature(Files.Value));

    [Fact]
    public void The_use_of_another_features_repository_is_caught()
    {
        SourceFile repository = new("Pms.Core/Jobs/JobRepository.cs", "public sealed class JobRepository;");
        Broken(ArchitectureRules.RepositoriesStayInTheirFeature([repository, new("Pms.Core/Orders/OrderService.cs", "class OrderService(JobRepository jobs);")]));
        Broken(ArchitectureRules.RepositoriesStayInTheirFeature([repository, new("Pms.Core/Orders/OrderService.cs", "class OrderService { void X() { services.Get<JobRepository>(); } }")]));
        Broken(ArchitectureRules.RepositoriesStayInTheirFeature([repository, new("Pms.Web/Jobs/JobsPage.razor", "@inject JobRepository Jobs")]));
        Kept(ArchitectureRules.RepositoriesStayInTheirFeature([
            new("Pms.Core/Data/KeyRepository.cs", "public sealed class KeyRepository;"), new("Pms.Web/Security/KeyRing.cs", "class KeyRing(KeyRepository keys);")]));
        Kept(ArchitectureRules.RepositoriesStayInTheirFeature([repository,
            new("Pms.Core/Jobs/Time/TimeService.cs", "class TimeService(JobRepository jobs);"),
            new("Pms.Core/ServiceRegistration.cs", "services.AddSingleton<JobRepository>();"),
            new("Pms.Core/Orders/OrderService.cs", "/// <summary>Not JobRepository.</summary>\nclass OrderService;")]));
    }

    [Fact]
    public void Sql_stands_in_its_place() => Kept(ArchitectureRules.SqlStandsInItsPlace(Files.Value));

    [Theory]
    [InlineData("Pms.Core/Jobs/JobService.cs", "var x = \"SELECT id FROM jobs\";")]
    [InlineData("Pms.Core/Jobs/JobService.cs", "var x = \"UPDATE jobs SET status = 1\";")]
    [InlineData("Pms.Core/Jobs/Job.cs", "const string X = \"\"\"\n  INSERT INTO jobs (id) VALUES (1)\n  \"\"\";")]
    [InlineData("Pms.Web/Jobs/JobsPage.razor", "@code { string sql = \"DELETE FROM jobs\"; }")]
    [InlineData("Pms.Web/Jobs/JobRepository.cs", "var x = \"SELECT id FROM jobs\";")]
    [InlineData("Pms.Core/Jobs/JobRepository.cs", "var x = $\"SELECT id FROM jobs WHERE code = '{code}'\";")]
    [InlineData("Pms.Core/Jobs/JobQueries.cs", "class Q { string Columns => \"id\"; string X => $\"SELECT {Columns} FROM jobs\"; }")]
    public void Sql_out_of_its_place_is_caught(string path, string text) => Broken(ArchitectureRules.SqlStandsInItsPlace([new(path, text)]));

    [Theory]
    [InlineData("Pms.Core/Jobs/JobRepository.cs", "class R { const string Columns = \"id\"; string X = $\"SELECT {Columns} FROM jobs WHERE id = @Id\"; }")]
    [InlineData("Pms.Core/Jobs/JobQueries.cs", "class Q { void X() { const string others = \"FROM jobs\"; var x = $\"SELECT id {others} WHERE id = @Id\"; } }")]
    [InlineData("Pms.Core/Audit/AuditLog.cs", "var x = \"INSERT INTO audit (id) VALUES (@Id)\";")]
    [InlineData("Pms.Core/Data/ListQuery.cs", "var x = $\"SELECT {columns} FROM {table}\";")]
    [InlineData("Pms.Core/Jobs/JobService.cs", "/// <summary>SELECT x FROM y</summary>\nvar x = \"Select a machine from the list\";")]
    [InlineData("Pms.Web/Jobs/JobsPage.razor", "<p title=\"Update jobs\">Select one from the list</p>")]
    public void Sql_in_its_place_is_kept(string path, string text) => Kept(ArchitectureRules.SqlStandsInItsPlace([new(path, text)]));

    [Fact]
    public void Time_comes_from_TimeProvider() => Kept(ArchitectureRules.TimeComesFromTimeProvider(Files.Value));

    [Theory]
    [InlineData("Pms.Core/Jobs/Job.cs", "var now = DateTime.UtcNow;")]
    [InlineData("Pms.Core/Jobs/Job.cs", "var now = System.DateTimeOffset.Now;")]
    [InlineData("Pms.Core/Jobs/Job.cs", "var now = TimeProvider.System.GetUtcNow();")]
    [InlineData("Pms.Web/Jobs/JobCard.razor", "<p>@DateTime.Today</p>")]
    [InlineData("Pms.Core/Jobs/JobRepository.cs", "var x = \"UPDATE jobs SET ended_at = NOW()\";")]
    [InlineData("Pms.Core/Data/Migrations/0001_jobs.sql", "CREATE TABLE jobs (created_at BIGINT DEFAULT CURRENT_TIMESTAMP);")]
    public void Another_clock_is_caught(string path, string text) => Broken(ArchitectureRules.TimeComesFromTimeProvider([new(path, text)]));

    [Theory]
    [InlineData("Pms.Core/Jobs/Job.cs", "// DateTime.UtcNow is not for us\nvar now = time.GetUtcNow();")]
    [InlineData("Pms.Core/ServiceRegistration.cs", "services.AddSingleton(TimeProvider.System);")]
    [InlineData("Pms.Core/Data/Migrations/0001_jobs.sql", "-- never NOW()\nCREATE TABLE jobs (created_at BIGINT NOT NULL);")]
    [InlineData("Pms.Tests/Jobs/JobTests.cs", "var now = DateTime.UtcNow;")]
    public void The_plants_clock_is_kept(string path, string text) => Kept(ArchitectureRules.TimeComesFromTimeProvider([new(path, text)]));

    [Fact]
    public void No_script_of_our_own() => Kept(ArchitectureRules.NoScriptOfOurOwn(Files.Value));

    [Theory]
    [InlineData("wwwroot/app.js", "")]
    [InlineData("Pms.Web/Jobs/JobsPage.razor.ts", "")]
    [InlineData("Pms.Web/App.razor", "<script>alert(1)</script>")]
    [InlineData("Pms.Web/App.razor", "<button onclick=\"go()\">Go</button>")]
    [InlineData("Pms.Web/App.razor", "<a href=\"javascript:go()\">Go</a>")]
    public void A_script_of_our_own_is_caught(string path, string text) => Broken(ArchitectureRules.NoScriptOfOurOwn([new(path, text)]));

    [Theory]
    [InlineData("Pms.Web/App.razor", "<script src=\"_framework/blazor.web.js\"></script>")]
    [InlineData("Pms.Web/App.razor", "<button @onclick=\"Go\" @onclick:stopPropagation=\"true\">Go</button>@* <script>x</script> *@")]
    [InlineData("Pms.Web/App.razor", "<BigButton OnClick=\"Go\" />")]
    [InlineData("wwwroot/app.css", "")]
    public void The_frameworks_script_is_kept(string path, string text) => Kept(ArchitectureRules.NoScriptOfOurOwn([new(path, text)]));

    [Fact]
    public void Styles_stand_in_style_sheets() => Kept(ArchitectureRules.StylesStandInStyleSheets(Files.Value));

    [Theory]
    [InlineData("<p style=\"color: red\">x</p>")]
    [InlineData("<p style=\"--x: 1; width: 2px\">x</p>")]
    [InlineData("<p style='width: 2px'>x</p>")]
    [InlineData("<MudPaper Style=\"padding: 2px\" />")]
    [InlineData("<MudTable HeaderStyle=\"padding: 2px\" />")]
    [InlineData("<p style=\"@Css\">x</p>")]
    [InlineData("<p style=\"@($\"width:{Width}px\")\">x</p>")]
    public void An_inline_style_is_caught(string text) => Broken(ArchitectureRules.StylesStandInStyleSheets([new("Pms.Web/Jobs/JobCard.razor", text)]));

    [Theory]
    [InlineData("<p style=\"--done: @Done\">x</p>")]
    [InlineData("<p style=\"--done:@(Done);--left:@Left\">x</p>")]
    [InlineData("<p style=\"@($\"--done:{Done}\")\">x</p>")]
    [InlineData("<p class=\"card\" data-style=\"wide\">style=plain</p>")]
    public void A_custom_property_is_kept(string text) => Kept(ArchitectureRules.StylesStandInStyleSheets([new("Pms.Web/Jobs/JobCard.razor", text)]));

    [Fact]
    public void What_is_typed_is_bound() => Kept(ArchitectureRules.TypedTextIsBound(Files.Value));

    [Fact]
    public void A_text_written_back_is_caught() => Broken(ArchitectureRules.TypedTextIsBound([new("Pms.Web/Jobs/JobCard.razor", "<input value=\"@_text\" @oninput=\"e => Set(e.Value)\" />")]));

    [Fact]
    public void No_scheduler_class_is_called_a_job() => Kept(ArchitectureRules.SchedulerClassesAreNoJobs(Core.GetTypes().Concat(Web.GetTypes())));

    [Fact]
    public void A_scheduler_class_called_a_job_is_caught()
    {
        Broken(ArchitectureRules.SchedulerClassesAreNoJobs([typeof(SealJob)]));
        Kept(ArchitectureRules.SchedulerClassesAreNoJobs([typeof(SealTick), typeof(PressJob)]));
    }

    [Fact]
    public void One_repository_writes_a_table() => Kept(ArchitectureRules.OneRepositoryWritesATable(Files.Value));

    [Fact]
    public void A_second_writer_of_a_table_is_caught()
    {
        SourceFile jobs = new("Pms.Core/Jobs/JobRepository.cs", "var x = \"UPDATE jobs SET status = @s WHERE id = @id\";");
        Broken(ArchitectureRules.OneRepositoryWritesATable([jobs, new("Pms.Core/Orders/OrderRepository.cs", "var x = \"DELETE FROM jobs WHERE id = @id\";")]));
        Broken(ArchitectureRules.OneRepositoryWritesATable([jobs, new("Pms.Core/Jobs/Time/TimeRepository.cs", "var x = \"\"\"\n INSERT INTO jobs (id)\n VALUES (@id)\n \"\"\";")]));
        Kept(ArchitectureRules.OneRepositoryWritesATable([jobs, new("Pms.Core/Jobs/JobRepository.Counting.cs", "var x = \"INSERT INTO jobs (id) VALUES (@id)\";"),
            new("Pms.Core/Demo/DemoRepository.cs", "var x = \"INSERT INTO jobs (id) VALUES (@id)\";"), new("Pms.Core/Floor/FloorQueries.cs", "var x = \"SELECT id FROM jobs\";")]));
    }

    [Fact]
    public void Browsers_stand_in_line() => Kept(ArchitectureRules.BrowsersStandInLine(Files.Value));

    [Fact]
    public void A_browser_out_of_line_is_caught()
    {
        Broken(ArchitectureRules.BrowsersStandInLine([new("Pms.Tests/Jobs/PageTests.cs", "class PageTests { Task X() => Browser.OpenAsync(address, Screen.Phone); }")]));
        Kept(ArchitectureRules.BrowsersStandInLine([new("Pms.Tests/Jobs/PageTests.cs", "[Collection(Browser.Line)] class PageTests { Task X() => Browser.OpenAsync(address, Screen.Phone); }")]));
        Kept(ArchitectureRules.BrowsersStandInLine([new("Pms.Tests/Jobs/PageTests.cs", "[Collection(Browser.SecondLine)] class PageTests { Task X() => Browser.OpenAsync(address, Screen.Phone); }")]));
    }

    [Fact]
    public void Every_test_over_an_engine_runs_on_both() => Kept(ArchitectureRules.EngineTestsRunOnBoth(typeof(ArchitectureTests).Assembly.GetTypes()
        .Where(t => t.DeclaringType != typeof(ArchitectureTests)).ToList()));

    [Fact]
    public void A_test_on_one_engine_only_is_caught()
    {
        Broken(ArchitectureRules.EngineTestsRunOnBoth([typeof(Half), typeof(Half_on_SQLite)]));
        Kept(ArchitectureRules.EngineTestsRunOnBoth([typeof(Half), typeof(Half_on_SQLite), typeof(Half_on_MariaDB)]));
    }

    private static void Kept(IEnumerable<string> breaches)
    {
        var all = string.Join('\n', breaches);
        Assert.True(all.Length == 0, all);
    }

    private static void Broken(IEnumerable<string> breaches) => Assert.NotEmpty(breaches);

    private interface IJob;

    private sealed class SealJob : IJob;

    private sealed class SealTick : IJob;

    private sealed class PressJob;

    private abstract class Half(Engine engine)
    {
        public Engine Engine => engine;
    }

    private sealed class Half_on_SQLite() : Half(Engine.Sqlite);

    private sealed class Half_on_MariaDB() : Half(Engine.MySql);
}
