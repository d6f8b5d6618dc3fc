using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Events;
using Pms.Core.Notifications;
using Pms.Tests.Support;
using Pms.Web.Notifications;
using Pms.Web.Shared;

namespace Pms.Tests.Notifications;

/// <summary>The bell rings live, for its own person only, and is read by a tap.</summary>
public sealed class BellTests : BunitContext
{
    private static readonly Recipient Lea = new(null, 5);

    [Fact]
    public async Task It_rings_without_a_reload_and_is_read_by_a_tap()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        var bell = Render(pms);
        Assert.Empty(bell.FindAll(".bell-count"));

        await pms.Get<NotificationService>().TellAsync([new(null, 6)], "job.manual", ["Ben", "A-2", "M-2"], null, "1");
        await pms.Get<NotificationService>().TellAsync([Lea], "job.over_input", ["Anna", "A-1", "M-1", 12.5m, 10, "<b>twice</b>"], null, "2");
        bell.WaitForAssertion(() => Assert.Equal("1", bell.Find(".bell-count").TextContent), TimeSpan.FromSeconds(10));

        await bell.Find("button").ClickAsync();
        Assert.Equal("Anna reported 12.5 on order A-1, but only 10 had come from the step before: <b>twice</b>", bell.Find(".bell-panel li button").TextContent);
        await bell.Find(".bell-panel li button").ClickAsync();
        bell.WaitForAssertion(() => Assert.Empty(bell.FindAll(".bell-count")), TimeSpan.FromSeconds(10));
        Assert.Empty(bell.FindAll("[data-unread]"));
        await DisposeAsync();
    }

    [Fact]
    public void Every_kind_of_notification_has_words()
    {
        Services.AddLogging().AddLocalization();
        var words = Services.GetRequiredService<IStringLocalizer<NotificationTexts>>();
        Assert.All(FloorNotices.Kinds, kind => Assert.False(words[kind].ResourceNotFound, kind));
    }

    private IRenderedComponent<Bell> Render(TestPms pms)
    {
        Services.AddLogging().AddLocalization();
        Services.AddSingleton(pms.Get<NotificationService>()).AddSingleton(pms.Get<IEventBus>()).AddSingleton(pms.Get<PlantClock>()).AddSingleton(TimeProvider.System);
        JSInterop.Mode = JSRuntimeMode.Loose;
        SetRendererInfo(new("Server", isInteractive: true));
        var me = new Me(new Actor { Name = "Lea", EmployeeId = Lea.EmployeeId }, "Lea", null, _ => true);
        return Render<Bell>(p => p.AddCascadingValue(me));
    }
}
