using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.OrderBooks;
using Pms.Core.Orders;
using Pms.Core.Orders.Goods;
using Pms.Web.Shared;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Orders;

/// <summary>One order: its items with what each step made and needs, its jobs, holds and story.</summary>
public sealed partial class OrderPage
{
    private OrderDetail? _detail;
    private IReadOnlyList<Hold> _holds = [];
    private IReadOnlyList<OrderDecision> _decisions = [];
    private IReadOnlyList<ItemGoods> _goods = [];
    private Sheets _sheet;
    private OrderDetail.Item? _item;
    private (long Id, string Tab) _shown;
    private Core.Capacity.OrderForecast? _forecast;
    private OrderDetail.JobRow? _moved;

    private enum Sheets { None, Hold, Head, Item, Cancel, Plan }

    [Parameter] public long Id { get; set; }
    [SupplyParameterFromQuery(Name = "tab")] public string? Tab { get; set; }

    [Inject] private OrderService Orders { get; set; } = default!;
    [Inject] private HoldService Holds { get; set; } = default!;
    [Inject] private OrderDecisionService Decisions { get; set; } = default!;
    [Inject] private GoodsService Goods { get; set; } = default!;
    [Inject] private CloseService Closing { get; set; } = default!;
    [Inject] private Core.Planning.Outlooks.PresentOutlook Outlooks { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;
    [Inject] private FieldRules Fields { get; set; } = default!;
    [Inject] private Rights Held { get; set; } = default!;
    [Inject] private IDialogService Ask { get; set; } = default!;

    private string TabNow => Tabs.Any(t => t.Key == Tab) ? Tab! : "items";

    private FieldSight Sight => SightOf(_detail!.Order);

    private bool Late => _detail is { Order.IsOpen: true } && _detail.Items.Any(IsLate);

    private bool IsLate(OrderDetail.Item item) => item.IsOpen && (!SightOf(item).Hides(nameof(item.DueOn)) ? item.DueOn : null) is var own
        && (own is not null || !Sight.Hides(nameof(Order.DueOn))) && (own ?? _detail!.Order.DueOn) < Plant.Today;

    private bool MayEdit => _detail is { Order.IsOpen: true } && Me.May(Permissions.OrdersEdit);

    private bool MayCancel => _detail is { Order.IsOpen: true } && Me.May(Permissions.OrdersCancel);

    /// <summary>More of a completed item begins it again.</summary>
    private bool MayRaise => _detail is { Order.Status: OrderStatus.InProgress or OrderStatus.Completed } && Me.May(Permissions.OrdersEdit);

    private bool MayReopen => _detail is { Order.Status: not (OrderStatus.Closed or OrderStatus.Cancelled) } && Me.May(Permissions.OrdersReopen);

    private IEnumerable<(string Key, string Text)> Tabs =>
    [
        ("items", Words["Tab_Overview"]), ("jobs", L["Tab_Jobs", _detail?.Jobs.Count ?? 0]), ("goods", L["Tab_Goods"]), ("holds", L["Tab_Holds", _holds.Count(h => h.State == HoldState.Open)]), ("files", Words["Tab_Files"]), ("history", Words["Tab_History"]),
    ];

    protected override bool ShowsFields => true;

    protected override void Listen()
    {
        ReloadOn<OrderChanged>(e => e.OrderId == Id);
        ReloadOn<HoldChanged>(e => e.OrderId == Id);
        ReloadOn<JobChanged>(e => e.OrderId == Id);
    }

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (!Me.May(Permissions.OrdersView))
            return;
        _shown = (Id, TabNow);
        _detail = await Orders.GetAsync(Me.Who, Id, ct);
        _holds = await Holds.ListAsync(Me.Who, Id, ct);
        _decisions = await Decisions.OfOrderAsync(Me.Who, Id, ct);
        if (TabNow == "goods")
            _goods = await Goods.OfOrderAsync(Me.Who, Id, ct);
        _forecast = _detail.Order.IsOpen && RendererInfo.IsInteractive ? (await Outlooks.RecentAsync(ct)).Forecast.Orders.GetValueOrDefault(Id) : null;
    }

    protected override Task OnParametersSetAsync() => Loaded && (_shown.Id != Id || TabNow == "goods" && _shown.Tab != TabNow) ? LoadAsync(Left) : Task.CompletedTask;

    /// <summary>The line below the number: what of the head the reader sees.</summary>
    private IEnumerable<string> About
    {
        get
        {
            var order = _detail!.Order;
            if (!Sight.Hides(nameof(Order.CustomerId)))
                yield return _detail.Customer;
            if (!Sight.Hides(nameof(Order.DueOn)))
                yield return L["Due_On", order.DueOn.ToString("ddd d MMM yyyy", CultureInfo.CurrentCulture)];
            if (!Sight.Hides(nameof(Order.Priority)))
                yield return L["Priority_" + order.Priority];
            if (order.SalesOrderNumber is { } sales)
                yield return sales;
            if (_forecast is { } forecast && !Sight.Hides(nameof(Order.DueOn)))
                yield return forecast.Finish is { } finish ? L["Forecast", Plant.Local(finish).ToString("ddd d MMM HH:mm", CultureInfo.CurrentCulture)] : L["Forecast_None"];
        }
    }

    /// <summary>The head in words, as far as the reader sees it.</summary>
    private IEnumerable<(string Name, string? Value)> Facts
    {
        get
        {
            var o = _detail!.Order;
            (string Field, string Name, string? Value)[] all =
            [
                (nameof(o.CustomerId), L["Customer"], _detail.Customer), (nameof(o.SalesOrderNumber), L["Sales_Order"], o.SalesOrderNumber), (nameof(o.StartsOn), L["Starts"], o.StartsOn?.ToString("d", CultureInfo.CurrentCulture)),
                (nameof(o.DueOn), L["Due"], o.DueOn.ToString("d", CultureInfo.CurrentCulture)), (nameof(o.Value), L["Value"], o.Value?.ToString("N2", CultureInfo.CurrentCulture)),
                (nameof(o.CreatedAt), L["Created"], Plant.Local(o.CreatedAt).ToString("g", CultureInfo.CurrentCulture)),
                (nameof(o.CompletedAt), L["Completed"], o.CompletedAt is { } done ? Plant.Local(done).ToString("g", CultureInfo.CurrentCulture) : null), (nameof(o.Notes), L["Notes"], o.Notes),
            ];
            return all.Where(f => !Sight.Hides(f.Field)).Select(f => (f.Name, f.Value));
        }
    }

    private bool MaySee(OrderDetail.JobRow job) => Me.Actor is { } actor
        && _detail!.Items.SelectMany(i => i.Steps).FirstOrDefault(s => s.Id == job.StepId) is { } step && Held.Allows(actor, Permissions.JobsView, step.DepartmentId);

    private FieldSight SightOf(object record) => new(Me.Actor is { } actor ? Fields.Of(actor, record.GetType()) : null, record);

    private static string Num(decimal value) => value.ToString("#,0.###", CultureInfo.CurrentCulture);

    private string Href(string tab) => Nav.GetUriWithQueryParameter("tab", tab == "items" ? null : tab);

    private string? ScopeName(Hold h) =>
        h.ItemId is { } item ? _detail?.Items.FirstOrDefault(i => i.Id == item)?.Product
        : (h.StepId ?? _detail?.Jobs.FirstOrDefault(j => j.Id == h.JobId)?.StepId) is { } step ? _detail?.Items.SelectMany(i => i.Steps).FirstOrDefault(s => s.Id == step)?.Stage : null;

    private async Task CloseOrderAsync()
    {
        var number = _detail!.Order.Number;
        if (await Ask.AskAsync(L["Close_Title", number], L["Close_Text"], L["Close"]))
            await TryAsync(() => Closing.CloseAsync(Me.Who, Id, ct: Left), L["Close_Done", number]);
        await ReloadAsync();
    }

    private async Task ReopenAsync(OrderDetail.Item? item = null)
    {
        if (await Ask.AskReasonAsync(item is null ? L["Reopen_Title", _detail!.Order.Number] : L["Reopen_Item_Title", item.Line], L["Reopen_Text"], L["Reopen"], L["Reopen_Why"]) is { } why)
            await TryAsync(() => Orders.ReopenAsync(Me.Who, new ReopenItems(Id, item?.Id, why), ct: Left), L["Reopened"]);
        await ReloadAsync();
    }

    private async Task LiftAsync(Hold hold)
    {
        if (hold.Kind == HoldKind.NoStock)
        {
            if (await Ask.AskReasonAsync(L["Lift_Title"], L["Lift_Waive"], L["Lift"], Words["Reason_Label"]) is { } why)
                await TryAsync(() => Holds.LiftAsync(Me.Who, hold.Id, hold.Version, why, Left), L["Lifted"]);
        }
        else if (await Ask.AskAsync(L["Lift_Title"], L["Lift_Text", hold.Note], L["Lift"]))
            await TryAsync(() => Holds.LiftAsync(Me.Who, hold.Id, hold.Version, ct: Left), L["Lifted"]);
        await ReloadAsync();
    }

    private bool MayMove => _detail is { Order.IsOpen: true } && Me.May(Permissions.PlanningSchedule) && Me.May(Permissions.JobsAssign);

    private void Move(OrderDetail.JobRow job) => _moved = job;

    private Task MovedAsync()
    {
        _moved = null;
        return ReloadAsync();
    }

    private void Open(Sheets sheet, OrderDetail.Item? item = null) => (_sheet, _item) = (sheet, item);

    private Task CloseAsync()
    {
        _sheet = Sheets.None;
        return ReloadAsync();
    }
}
