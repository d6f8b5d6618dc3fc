using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Tests.Security;
using Pms.Tests.Support;

namespace Pms.Tests.Shared;

/// <summary>Tickets, plan, allocations, times and uploads by the API: on the version read, once per key, and not past somebody faster.</summary>
public sealed class FloorCommandsApiTests
{
    [Fact]
    public async Task A_ticket_goes_its_way_on_versions_and_a_repeat_answers_the_same()
    {
        await using var app = await WebApp.StartAsync();
        var place = await PlantAsync(app);
        using var api = await app.ApiAsync("nomsa");
        var report = await SendAsync(api, HttpMethod.Post, "/api/v1/tickets", new { machineId = place.Machine, stands = false, description = "Noise", severity = "Low" }, key: "r1");
        Assert.Equal(HttpStatusCode.Created, report.Status);
        var address = report.Location!;
        Assert.Equal(report.Body.GetProperty("ticketId").GetInt64(), (await SendAsync(api, HttpMethod.Post, "/api/v1/tickets", new { machineId = place.Machine, stands = false, description = "Noise", severity = "Low" }, key: "r1")).Body.GetProperty("ticketId").GetInt64());

        Assert.Equal(HttpStatusCode.PreconditionRequired, (await SendAsync(api, HttpMethod.Post, address + "/start", new { })).Status);
        var started = await SendAsync(api, HttpMethod.Post, address + "/start", new { }, "\"1\"", "s1");
        Assert.Equal(("InProgress", 2), (started.Body.GetProperty("status").GetString(), started.Body.GetProperty("version").GetInt32()));
        Assert.Equal(2, (await SendAsync(api, HttpMethod.Post, address + "/start", new { }, "\"1\"", "s1")).Body.GetProperty("version").GetInt32());   // the answer was lost: the same again
        var late = await SendAsync(api, HttpMethod.Post, address + "/cancel", new { reason = "Twice" }, "\"1\"", "c1");
        Assert.Equal((HttpStatusCode.PreconditionFailed, "version_stale"), (late.Status, late.Body.GetProperty("code").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(api, HttpMethod.Post, address + "/complete", new { workDone = " " }, "\"2\"")).Status);
        Assert.Equal("Completed", (await SendAsync(api, HttpMethod.Post, address + "/complete", new { workDone = "Oiled" }, "\"2\"")).Body.GetProperty("status").GetString());
        var list = await SendAsync(api, HttpMethod.Get, "/api/v1/tickets?status=Completed&limit=1&fields=number,status", null);
        Assert.Equal(["number", "status"], list.Body.GetProperty("items")[0].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task A_job_is_moved_on_the_version_of_its_plan_and_a_person_put_at_a_machine()
    {
        await using var app = await WebApp.StartAsync();
        var place = await PlantAsync(app);
        using var api = await app.ApiAsync("nomsa");
        var plan = await SendAsync(api, HttpMethod.Get, $"/api/v1/jobs/{place.Job}/plan", null);
        var moved = await SendAsync(api, HttpMethod.Post, $"/api/v1/jobs/{place.Job}/assign", new { employeeId = place.Employee, locked = true }, plan.ETag, "m1");
        Assert.Equal(HttpStatusCode.OK, moved.Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(api, HttpMethod.Post, $"/api/v1/jobs/{place.Job}/unplan", new { }, plan.ETag, "m2")).Status);

        var made = await SendAsync(api, HttpMethod.Post, "/api/v1/allocations", new { employeeId = place.Employee, machineId = place.Machine, level = "Backup", fromDay = "2026-03-01" }, key: "a1");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(made.Location, (await SendAsync(api, HttpMethod.Post, "/api/v1/allocations", new { employeeId = place.Employee, machineId = place.Machine, level = "Backup", fromDay = "2026-03-01" }, key: "a1")).Location);
        var found = await SendAsync(api, HttpMethod.Get, $"/api/v1/allocations?on=2026-03-02&level=Backup&machine={place.Machine}", null);
        Assert.Equal(1, found.Body.GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(api, HttpMethod.Delete, made.Location!, null, made.ETag)).Status);

        foreach (var stream in new[] { "presences", "work", "machines" })
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(api, HttpMethod.Get, $"/api/v1/times/{stream}?state=ToConfirm&from=2026-01-01T00:00:00Z&limit=1", null)).Status);
        var work = await SendAsync(api, HttpMethod.Get, $"/api/v1/times/work?employee={place.Employee}", null);
        Assert.Equal(1, work.Body.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task The_same_upload_under_the_same_key_is_one_import()
    {
        await using var app = await WebApp.StartAsync();
        await PlantAsync(app);
        using var api = await app.ApiAsync("nomsa");
        var ids = new List<long>();
        foreach (var key in new[] { "u1", "u1", "u2" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/imports/machine?name=machines.csv") { Content = new StringContent("Number;Name\nM-1;Head\nM-2;Press\n") };
            request.Headers.Add("Idempotency-Key", key);
            using var answer = await api.SendAsync(request);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            ids.Add((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
        }
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
    }

    private static async Task<Place> PlantAsync(WebApp app)
    {
        var plant = await new MatrixPlant(app.Get<Db>(), app.Get<PlantClock>().Now).MakeAsync(app.Get<Rights>(), app.Get<Calendars>());
        await app.UserAsync("nomsa");
        return plant.Own;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body, string? ETag, string? Location)> SendAsync(HttpClient api, HttpMethod method, string path, object? body, string? version = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, new MediaTypeHeaderValue("application/json")) };
        if (version is not null)
            request.Headers.TryAddWithoutValidation("If-Match", version);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var answer = await api.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? JsonSerializer.Deserialize<JsonElement>(text) : default, answer.Headers.ETag?.Tag, answer.Headers.Location?.ToString());
    }
}
