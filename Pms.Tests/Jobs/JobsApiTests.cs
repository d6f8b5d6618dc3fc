using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

/// <summary>The taps by API: the same rules, once per key, refusals with their code and warnings.</summary>
public sealed class JobsApiTests
{
    [Fact]
    public async Task A_job_runs_from_start_to_undo_and_a_repeated_key_does_nothing_twice()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await new OperatorFloor(app.Get<Db>(), app.Get<PlantClock>()).PlantAsync(app.Get<Rights>(), app.Get<Calendars>());
        await app.UserAsync("nomsa", SeededRole.Operator, floor.Nomsa);
        var job = await floor.OrderAsync("SO260117", 250);
        var waiting = await floor.OrderAsync("SO260118", 250, cut: 0);
        using var http = await app.ApiAsync("nomsa");

        var mine = await http.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/jobs/mine", UriKind.Relative));
        Assert.Equal([job, waiting], mine.GetProperty("next").EnumerateArray().Select(j => j.GetProperty("id").GetInt64()));
        Assert.Equal("Ready", mine.GetProperty("next")[0].GetProperty("readiness").GetProperty("kind").GetString());

        await OkAsync(http, $"{job}/start", new { }, "k1", "Running");
        await OkAsync(http, $"{job}/start", new { }, "k1", "Running");
        await OkAsync(http, $"{job}/report", new { good = 40, scrap = 2, scrapReasonId = floor.WrongColour }, "k2", "Running");
        await OkAsync(http, $"{job}/report", new { good = 40, scrap = 2, scrapReasonId = floor.WrongColour }, "k2", "Running");
        await OkAsync(http, $"{job}/pause", new { }, "k3", "Paused");
        await OkAsync(http, $"{job}/pause-reason", new { reasonId = floor.ThreadBreak }, "k4", "Paused");
        await OkAsync(http, $"{job}/resume", new { }, "k5", "Running");
        await OkAsync(http, $"{job}/finish", new { good = 10, answer = "RestLater" }, "k6", "Finished");
        await OkAsync(http, $"{job}/undo", new { }, "k7", "Paused");
        var details = await http.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/jobs/{job}", UriKind.Relative));
        Assert.Equal((40, 2), (details.GetProperty("job").GetProperty("good").GetDecimal(), details.GetProperty("job").GetProperty("scrap").GetDecimal()));

        using var soft = await http.PostAsJsonAsync(new Uri($"/api/v1/jobs/{waiting}/start", UriKind.Relative), new { });
        Assert.Equal(HttpStatusCode.Conflict, soft.StatusCode);
        var problem = await soft.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("reason_needed", problem.GetProperty("code").GetString());
        Assert.Equal("job.nothing_to_work_on", problem.GetProperty("warnings")[0].GetProperty("code").GetString());
        using var gone = await http.PostAsJsonAsync(new Uri("/api/v1/jobs/999999/start", UriKind.Relative), new { });
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var negative = await http.PostAsJsonAsync(new Uri($"/api/v1/jobs/{job}/report", UriKind.Relative), new { good = -5 });
        Assert.Equal(HttpStatusCode.BadRequest, negative.StatusCode);
        using var nobody = app.Client();
        using var refused = await nobody.PostAsJsonAsync(new Uri($"/api/v1/jobs/{job}/start", UriKind.Relative), new { });
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private static async Task OkAsync(HttpClient http, string path, object body, string key, string status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/jobs/{path}") { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        Assert.Equal(status, JsonDocument.Parse(text).RootElement.GetProperty("status").GetString());
    }
}
