using System.Data.Common;
using Bunit;
using Microsoft.AspNetCore.Components.Server.ProtectedBrowserStorage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using MudBlazor.Services;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Time;
using Pms.Tests.Support;
using Pms.Web.Jobs;
using Pms.Web.Shared;

namespace Pms.Tests.Jobs;

/// <summary>What an open operator's page reads again, and what it leaves alone: a thousand of them are open.</summary>
public sealed class OperatorBoardTests : BunitContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.MySql)]
    public async Task Somebody_s_time_is_read_anew_on_their_own_pages_and_on_nobody_else_s(Engine engine)
    {
        WatchedDialect watched = null!;
        await using var pms = await TestPms.StartAsync(engine, settings: s => s with { Dialect = watched = new WatchedDialect(s.Dialect) });
        var floor = await new OperatorFloor(pms.Db, pms.Get<PlantClock>()).PlantAsync(pms.Get<Rights>(), pms.Get<Calendars>());
        await floor.InsertAsync("allocations", new { employee_id = floor.Thabo, machine_id = floor.M15, level = "Primary", from_day = pms.Get<PlantClock>().Today });
        var job = await floor.OrderAsync("SO260117");
        var hers = Render(pms, floor.AsNomsa);
        var his = Render(pms, floor.AsThabo);
        Shows(hers, "not clocked in");
        Shows(his, "not clocked in");
        var lookedUp = 0;
        watched.Sends = command =>
        {
            var asked = command.Parameters.Cast<DbParameter>().Any(p => p.ParameterName is "@me" or "me" or "@Me" or "Me" && Equals(p.Value, floor.Thabo));
            if (asked && command.CommandText.Contains("AS clocked_in_at", StringComparison.Ordinal))
                Interlocked.Increment(ref lookedUp);
        };

        // As from her phone, while this page of hers is open elsewhere.
        await pms.Get<JobService>().StartAsync(floor.AsNomsa, new StartJob(job));
        Shows(hers, "SO260117 M-14");
        await pms.Get<TimeService>().ClockOutAsync(floor.AsNomsa, new ClockOut());
        Shows(hers, "not clocked in");
        await pms.Get<TimeService>().ClockInAsync(floor.AsNomsa);
        Shows(hers, "here since");
        await pms.Get<TimeService>().ClockOutAsync(floor.AsNomsa, new ClockOut());
        Shows(hers, "not clocked in");
        Assert.Equal(0, lookedUp);

        await pms.Get<TimeService>().ClockInAsync(floor.AsThabo);
        Shows(his, "here since");
        Assert.Equal(1, lookedUp);
        await DisposeAsync();
    }

    private static void Shows(IRenderedComponent<OperatorBoard> board, string text) =>
        board.WaitForAssertion(() => Assert.Contains(text, board.Find(".op-now").TextContent, StringComparison.Ordinal), Patience);

    private IRenderedComponent<OperatorBoard> Render(TestPms pms, Actor actor)
    {
        if (!Services.IsProviderInitialized)
        {
            Services.AddLogging().AddLocalization().AddMudServices().AddDataProtection();
            Services.AddFallbackServiceProvider(pms.Get<IServiceProvider>());
            Services.AddSingleton(TimeProvider.System).AddSingleton(pms.Get<PlantClock>()).AddScoped<ProtectedSessionStorage>().AddScoped<JobWords>().AddScoped<RefusalWords>().AddScoped<ClockOrigin>()
                .AddSingleton<IHostApplicationLifetime, ApplicationLifetime>();
            JSInterop.Mode = JSRuntimeMode.Loose;
            SetRendererInfo(new("Server", isInteractive: true));
        }
        return Render<OperatorBoard>(p => p.Add(b => b.Actor, actor).AddCascadingValue(new Me(actor, actor.Name, null, _ => true)));
    }
}
