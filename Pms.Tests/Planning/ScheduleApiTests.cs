using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Tests.Floor;
using Pms.Tests.Support;

namespace Pms.Tests.Planning;

/// <summary>The plan for programs: the same jobs, the same scope.</summary>
public sealed class ScheduleApiTests
{
    [Fact]
    public async Task A_program_reads_the_plan_of_its_departments()
    {
        await using var app = await WebApp.StartAsync();
        var seed = new FloorSeed(app.Get<Db>(), app.Get<Calendars>());
        await seed.PlantAsync(0, 1440);
        await seed.InsertAsync("stages", new { department_id = seed.Cutting, name = "Cut", name_key = "CUT", position = 1, kind = "Machine" });
        var start = app.Get<PlantClock>().Now.AddDays(1);
        var cut = await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Planned", start, start.AddHours(4));
        var pack = await seed.JobAsync(seed.PackStep, seed.Packing, seed.Packer, "Planned", start.AddDays(1), start.AddDays(1).AddHours(4));
        await app.Get<Rights>().LoadAsync();
        await app.UserAsync("nomsa", SeededRole.Planner);
        await app.UserAsync("lindiwe", SeededRole.Operator, departments: [seed.Packing]);
        using var all = await app.ApiAsync("nomsa");
        using var own = await app.ApiAsync("lindiwe");

        Assert.Equal([cut, pack], await JobsAsync(all, ""));
        Assert.Equal([pack], await JobsAsync(own, ""));
        Assert.Equal([cut], await JobsAsync(all, $"?department={seed.Cutting}"));
        Assert.Empty(await JobsAsync(own, $"?department={seed.Cutting}"));
        Assert.Equal([cut], await JobsAsync(all, $"?from={start.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}&to={start.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}"));
        using var refused = await all.GetAsync(new Uri("/api/v1/planning/schedule?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    private static async Task<long[]> JobsAsync(HttpClient http, string query) =>
        [.. (await http.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/planning/schedule" + query, UriKind.Relative))).GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("id").GetInt64())];
}
