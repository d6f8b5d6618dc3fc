using System.Globalization;
using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Web.Shared;

namespace Pms.Web.Identity.Fields;

/// <summary>
/// What a role may do with each field of an entity. Nothing counts before it is saved; what would change is listed first, and the entity's real
/// page below is rendered as somebody with only this role would see it, unsaved choices included.
/// </summary>
public sealed partial class FieldPermissionsPage
{
    private readonly Dictionary<string, string> _faults = [];
    private IReadOnlyList<Role> _roles = [];
    private Role? _role;
    private FieldEntity? _entity;
    private RoleFieldRules _stored = new();
    private Dictionary<string, FieldRule> _draft = [];
    private Me? _seen;
    private FieldPreview.Shown? _shown;
    private string? _at;
    private int _turn;
    private bool _busy, _gone;

    [SupplyParameterFromQuery(Name = "role")] public string? RoleId { get; set; }
    [SupplyParameterFromQuery(Name = "entity")] public string? EntityName { get; set; }

    [Inject] private RoleService Roles { get; set; } = default!;
    [Inject] private FieldPermissionService Rules { get; set; } = default!;
    [Inject] private FieldCatalog Catalog { get; set; } = default!;
    [Inject] private FieldPreview Preview { get; set; } = default!;
    [Inject] private Rights Held { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;

    private IEnumerable<FieldCondition> Conditions => _entity!.Conditions.SelectMany(c => c.Value.Select(v => new FieldCondition(c.Key, v)));

    private List<string> Changes => _entity is not { } entity ? [] :
        [.. entity.Fields.Where(f => IsChanged(f.Name)).Select(f => L["Fields_Change", Spoken.Field(entity, f.Name), Spoken.Rule(entity, _stored.Rules.GetValueOrDefault(f.Name, FieldRule.Free)), Spoken.Rule(entity, RuleOf(f.Name))].Value)];

    /// <summary>While something is unsaved, the changes of others wait: they show at the latest as a conflict.</summary>
    protected override void Listen() => ReloadOn<RightsChanged>(_ => true);

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (!Me.May(Permissions.AdminRoles))
            return;
        var at = $"{RoleId} {EntityName}";
        if (at == _at && Changes.Count > 0)
            return;
        _roles = [.. (await Roles.ListAsync(Me.Who, ct)).Where(r => r is { Active: true, IsAdmin: false })];
        _role = _roles.FirstOrDefault(r => r.Id.ToString(CultureInfo.InvariantCulture) == RoleId) ?? _roles.FirstOrDefault();
        _entity = Catalog.Find(EntityName ?? "") ?? Catalog.Find("order") ?? Catalog.All[0];
        if (_role is null)
            return;
        _stored = await Rules.GetAsync(Me.Who, _role.Id, _entity.Name, ct);
        _draft = _stored.Rules.ToDictionary();
        (_at, _gone) = (at, false);
        _faults.Clear();
        await ShowAsync(ct);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _at != $"{RoleId} {EntityName}")
            await LoadAsync(Left);
    }

    private FieldRule RuleOf(string field) => _draft.GetValueOrDefault(field, FieldRule.Free);

    private bool IsChanged(string field) => RuleOf(field) != _stored.Rules.GetValueOrDefault(field, FieldRule.Free);

    /// <summary>What the service would refuse anyway isn't offered.</summary>
    private bool MayBe(EntityField field, FieldAccess access) => access switch
    {
        FieldAccess.Hidden => !field.Names && !(field.Needed && _role!.Permissions.ContainsKey(_entity!.Edit)),
        FieldAccess.ReadOnly => !field.Settled,
        _ => true,
    };

    /// <summary>A condition means nothing where the field can't be kept back.</summary>
    private bool Always(EntityField field) => _entity!.Conditions.Count == 0 || field.Settled && !MayBe(field, FieldAccess.Hidden);

    private static string KeyOf(FieldCondition when) => $"{when.Name}={when.Value}";

    private FieldCondition? WhenOf(string? text) => Conditions.FirstOrDefault(c => KeyOf(c) == text);

    private string RoleKey => _role!.Id.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<(string, string)> RoleChoices => _roles.Select(r => (r.Id.ToString(CultureInfo.InvariantCulture), r.Name));

    private async Task SetAsync(string field, FieldRule rule)
    {
        if (rule == FieldRule.Free)
            _draft.Remove(field);
        else
            _draft[field] = rule;
        _faults.Remove(field);
        await TryAsync(() => ShowAsync(Left));
    }

    /// <summary>The preview again, under the rules as they stand in the form.</summary>
    private async Task ShowAsync(CancellationToken ct)
    {
        var seeing = await Rules.SeenAsAsync(Me.Who, _stored with { Rules = _draft }, ct);
        _turn++;
        if (!Held.Now.Anywhere(seeing, _entity!.View))
        {
            (_seen, _shown) = (null, null);
            return;
        }
        _shown = await Preview.OfAsync(seeing, _entity.Name, ct);
        _seen = new Me(seeing, _role!.Name, null, permission => Held.Now.Anywhere(seeing, permission));
        // The page inside opens its record by the address, as it does anywhere.
        var address = Nav.GetUriWithQueryParameters(new Dictionary<string, object?> { ["id"] = _shown.Id, ["tab"] = _shown.Tab, ["part"] = _shown.Part, ["q"] = null, ["sort"] = null, ["f"] = null, ["page"] = null });
        if (RendererInfo.IsInteractive && address != Nav.Uri)
            Nav.NavigateTo(address, replace: true);
    }

    private void Go(string role, string entity) => Nav.NavigateTo(Nav.GetUriWithQueryParameters(new Dictionary<string, object?> { ["role"] = role, ["entity"] = entity, ["id"] = null, ["tab"] = null, ["part"] = null }));

    private async Task SaveAsync()
    {
        _busy = true;
        _faults.Clear();
        await TryAsync(async () =>
        {
            try
            {
                _stored = await Rules.SaveAsync(Me.Who, _stored with { Rules = _draft }, Left);
                _draft = _stored.Rules.ToDictionary();
                Say(L["Saved"], MudBlazor.Severity.Success);
            }
            catch (InvalidException invalid)
            {
                foreach (var fault in invalid.Faults)
                    _faults[fault.Field] = Refused.Of(fault.Why);
            }
            catch (ConflictException)
            {
                _gone = true;   // what was typed stays to be read; dropping it shows what holds now
                throw;
            }
        });
        _busy = false;
    }

    private Task DropAsync()
    {
        _draft = _stored.Rules.ToDictionary();
        return TryAsync(ReloadAsync);
    }
}
