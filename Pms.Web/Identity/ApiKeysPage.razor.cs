using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity.ApiKeys;
using Pms.Web.Shared;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Identity;

/// <summary>The plant's API keys: made here, shown once, revoked at a tap that can be taken back for ten minutes.</summary>
public sealed partial class ApiKeysPage
{
    private IReadOnlyList<Department> _departments = [];
    private IReadOnlyList<string> _grantable = [];
    private (ApiKey Key, string? Token)? _made;
    private Form? _form;
    private ApiKey? _open;
    private FieldFaults _faults = FieldFaults.None;
    private string? _shown;
    private bool _busy;

    [SupplyParameterFromQuery(Name = "id")] public string? Id { get; set; }
    [SupplyParameterFromQuery(Name = "tab")] public string? Tab { get; set; }

    [Inject] private ApiKeyService Keys { get; set; } = default!;
    [Inject] private DepartmentService Departments { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;

    private ApiKey? Chosen => _form is null ? _open : null;

    private string Closed => Href(("id", null), ("tab", null));

    protected override void Listen() => ReloadOn<ApiKeyChanged>(_ => true);

    protected override async Task<Page<ApiKey>> RowsAsync(PageRequest request, CancellationToken ct)
    {
        _departments = await Departments.ActiveAsync(Me.Who, ct);
        _grantable = Keys.Grantable(Me.Who);
        Show();
        _open = null;
        if (long.TryParse(Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            await TryAsync(async () => _open = await Keys.GetAsync(Me.Who, id, ct));
        return await Keys.ListAsync(Me.Who, request, ct);
    }

    private void Show()
    {
        if (_shown == Id)
            return;
        (_shown, _faults) = (Id, FieldFaults.None);
        _form = Id == "new" ? new Form { Until = Plant.Today.AddYears(1) } : null;
    }

    private async Task CreateAsync()
    {
        if (_form is not { } form || _busy)
            return;
        (_busy, _faults) = (true, FieldFaults.None);
        await TryAsync(async () =>
        {
            try
            {
                _made = await Keys.CreateAsync(Me.Who, new CreateApiKey
                {
                    Name = form.Name, Permissions = [.. form.Permissions], Departments = [.. form.Departments], PerMinute = form.PerMinute, ExpiresOn = form.Until,
                }, Left);
                form.Permissions.Clear();
                form.Name = "";
                Go(Closed);
            }
            catch (InvalidException invalid)
            {
                _faults = FieldFaults.Of(invalid, Refused);
                Say(Words["Form_Wrong"], Severity.Warning);
            }
        });
        _busy = false;
    }

    private async Task RevokeAsync(ApiKey key)
    {
        if (await Dialogs.AskAsync(L["ApiKey_Revoke"], L["ApiKey_RevokeAsk", key.Name], L["ApiKey_Revoke"], danger: true)
            && await TryAsync(() => Keys.RevokeAsync(Me.Who, key.Id, Left), L["Saved"]))
            await ReloadAsync();
    }

    private async Task RestoreAsync(ApiKey key)
    {
        if (await TryAsync(() => Keys.RestoreAsync(Me.Who, key.Id, Left), L["Saved"]))
            await ReloadAsync();
    }

    private async Task LeavingAsync(LocationChangingContext leaving)
    {
        if (_form is { Typed: true } && !await Dialogs.AskAsync(Words["Unsaved_Title"], Words["Unsaved_Text"], Words["Unsaved_Leave"], danger: true))
            leaving.PreventNavigation();
    }

    private static void Toggle<T>(HashSet<T> chosen, T one, ChangeEventArgs e)
    {
        if (e.Value is true)
            chosen.Add(one);
        else
            chosen.Remove(one);
    }

    private string Look(ApiKey key) => key.StateAt(Plant.Now) == ApiKeyState.Active ? "running" : "idle";

    private string Sign(ApiKey key) => key.StateAt(Plant.Now) == ApiKeyState.Active ? Icons.Material.Filled.CheckCircle : Icons.Material.Filled.Block;

    private string At(DateTimeOffset at) => Plant.Local(at).ToString("g", CultureInfo.CurrentCulture);

    /// <summary>The last day it works.</summary>
    private string Day(DateTimeOffset end) => Plant.Local(end.AddSeconds(-1)).ToString("d", CultureInfo.CurrentCulture);

    private sealed class Form
    {
        public string Name { get; set; } = "";
        public DateOnly Until { get; set; }
        public int PerMinute { get; set; } = 600;
        public HashSet<string> Permissions { get; } = [];
        public HashSet<long> Departments { get; } = [];
        public bool Typed => Name.Length > 0 || Permissions.Count > 0;
    }
}
