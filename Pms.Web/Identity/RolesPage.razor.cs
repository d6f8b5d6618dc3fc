using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.Extensions.Localization;
using MudBlazor;
using MudBlazor.Services;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>Roles × permissions, each not at all, for the own departments or for all. Nothing counts before it is saved; what would change is listed first. On a phone one role at a time.</summary>
public sealed partial class RolesPage
{
    private List<Draft> _draft = [];
    private IReadOnlyDictionary<long, int> _holders = new Dictionary<long, int>();
    private Role? _story;
    private (Role Role, IReadOnlyList<RoleHolder> People)? _who;
    private NewRole? _new;
    private Draft? _picked;
    private string? _search;
    private bool _onlyChanged;

    /// <summary>The row of the second factor, above the permissions.</summary>
    private const string MfaRow = "";

    private readonly Dictionary<(string Row, int Column), ElementReference> _cells = [];
    private (string Row, Draft? Role) _stand = (MfaRow, null);
    private bool _listening;

    [Inject] private RoleService Roles { get; set; } = default!;
    [Inject] private IKeyInterceptorService Keys { get; set; } = default!;
    [Inject] private IDialogService Ask { get; set; } = default!;

    private List<(string Role, List<(string Kind, string Text)> Lines)> Changes => [.. _draft.Where(r => r.IsChangedAtAll).Select(r => (r.Name, ChangesOf(r).ToList()))];

    /// <summary>The permissions that the search leaves: by their words, their code or their module.</summary>
    private List<string> Found => [.. Permissions.All.Where(p => Matches(p) && (!_onlyChanged || _draft.Any(r => r.IsChanged(p))))];

    /// <summary>The role that a phone shows.</summary>
    private Draft? Picked => _picked is not null && _draft.Contains(_picked) ? _picked : _draft.FirstOrDefault(r => !r.IsAdmin) ?? _draft.FirstOrDefault();

    private bool ShowsMfa => string.IsNullOrWhiteSpace(_search) && (!_onlyChanged || _draft.Any(r => r.IsMfaChanged));

    /// <summary>What the matrix shows, from above.</summary>
    private List<string> Rows => ShowsMfa ? [MfaRow, .. Found] : Found;

    /// <summary>One field of the matrix is reached by Tab, the others from there by the arrows.</summary>
    private int Stop(string row, Draft role)
    {
        var (rows, at) = (Rows, _stand);
        if (!rows.Contains(at.Row) || at.Role is null || !_draft.Contains(at.Role))
            at = (rows.FirstOrDefault() ?? MfaRow, Picked);
        return at == (row, role) ? 0 : -1;
    }

    private void Stand(string row, Draft role) => _stand = (row, role);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_listening || !Loaded || Found.Count == 0)
            return;
        _listening = true;
        await Keys.SubscribeAsync("roles-matrix", new KeyInterceptorOptions("cell", [.. Arrows.Select(key => new KeyOptions(key, subscribeDown: true, preventDown: "key+none"))]), keyDown: e => InvokeAsync(() => MoveAsync(e.Key)));
    }

    private static readonly string[] Arrows = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"];

    private async Task MoveAsync(string key)
    {
        var rows = Rows;
        if (_stand.Role is not { } role)
            return;
        var (row, column) = (rows.IndexOf(_stand.Row), _draft.IndexOf(role));
        (row, column) = key switch
        {
            "ArrowUp" => (row - 1, column),
            "ArrowDown" => (row + 1, column),
            "ArrowLeft" => (row, column - 1),
            "ArrowRight" => (row, column + 1),
            "Home" => (row, 0),
            _ => (row, _draft.Count - 1),
        };
        if (row < 0 || row >= rows.Count || column < 0 || column >= _draft.Count)
            return;
        (_stand, _picked) = ((rows[row], _draft[column]), _draft[column]);
        StateHasChanged();
        if (_cells.TryGetValue((rows[row], column), out var cell))
            await cell.FocusAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_listening)
            await Keys.UnsubscribeAsync("roles-matrix");
        Dispose();
    }

    /// <summary>While something is unsaved, the changes of others wait: they show at the latest as a conflict.</summary>
    protected override void Listen() => ReloadOn<RightsChanged>(_ => true);

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (Loaded && Changes.Count > 0)
            return;
        var picked = _picked?.Before.Id;
        _draft = [.. (await Roles.ListAsync(Me.Who, ct)).Where(r => r.Active).Select(r => new Draft(r))];
        _picked = _draft.FirstOrDefault(r => r.Before.Id == picked);
        _holders = await Roles.HolderCountsAsync(Me.Who, ct);
    }

    private bool Matches(string permission) => string.IsNullOrWhiteSpace(_search) || new[] { permission, L["Perm_" + permission], L["Module_" + permission.Split('.')[0]] }
        .Any(text => text.Contains(_search.Trim(), StringComparison.CurrentCultureIgnoreCase));

    private void ShowAll() => (_search, _onlyChanged) = (null, false);

    private void Pick(string? at) => _picked = int.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < _draft.Count ? _draft[i] : null;

    private string? Other(Draft role) => role == Picked ? null : "other";

    private Task WhoAsync(Role role) => TryAsync(async () => _who = (role, await Roles.HoldersAsync(Me.Who, role.Id, Left)));

    private void AddRole()
    {
        if (_new is not { } made || string.IsNullOrWhiteSpace(made.Name))
            return;
        _picked = new Draft(new Role { Name = made.Name.Trim(), Code = made.Code?.Trim() ?? "", Active = true }, made.From);
        _draft.Add(_picked);
        _new = null;
    }

    private async Task SaveAsync()
    {
        foreach (var role in _draft.Where(r => r.IsChangedAtAll).ToList())
        {
            if (!await TryAsync(async () =>
            {
                var id = await Roles.SaveAsync(Me.Who, new SaveRole { Id = role.Before.Id, Version = role.Before.Version, Name = role.Name, NeedsSecondFactor = role.NeedsSecondFactor, Code = role.Before.Code, CloneOf = role.From?.Id, Permissions = role.Permissions }, Left);
                var stored = new Draft((await Roles.ListAsync(Me.Who, Left)).Single(r => r.Id == id));
                if (_picked == role)
                    _picked = stored;
                _draft[_draft.IndexOf(role)] = stored;
            }))
                return;
        }
        _onlyChanged = false;
        await ReloadAsync();
        Say(L["Saved"], MudBlazor.Severity.Success);
    }

    private async Task DropAsync()
    {
        _draft = [];
        _onlyChanged = false;
        await ReloadAsync();
    }

    private IEnumerable<(string Kind, string Text)> ChangesOf(Draft role)
    {
        if (role.Before.Id == 0)
            yield return ("added", role.From is { } from ? L["Role_ClonedFrom", from.Name] : L["Role_Added"]);
        else if (role.Name != role.Before.Name)
            yield return ("changed", L["Role_Renamed", role.Before.Name, role.Name]);
        if (role.NeedsSecondFactor != (role.From?.NeedsSecondFactor ?? role.Before.NeedsSecondFactor))
            yield return ("changed", L[role.NeedsSecondFactor ? "Role_MfaAsked" : "Role_MfaDropped"]);
        // A clone tells only what differs from the role it was made from.
        var compared = role.From?.Permissions ?? role.Before.Permissions;
        foreach (var permission in Permissions.All.Where(p => role.ScopeOf(p) != Draft.Of(compared, p)))
        {
            var (before, after) = (Draft.Of(compared, permission), role.ScopeOf(permission));
            yield return before == "None" ? ("added", L["Role_Gets", L["Perm_" + permission], L["Scope_" + after]])
                : after == "None" ? ("removed", L["Role_Loses", L["Perm_" + permission]]) : ("changed", L["Role_Change", L["Perm_" + permission], L["Scope_" + before], L["Scope_" + after]]);
        }
    }

    /// <summary>What the sheet for a new role asks; its permissions are chosen in the matrix.</summary>
    private sealed class NewRole
    {
        public Role? From { get; init; }
        public string? Name { get; set; }
        public string? Code { get; set; }
        public string? FirstName { get; init; }

        public bool Typed => (Name ?? "") != (FirstName ?? "") || !string.IsNullOrEmpty(Code);

        public static NewRole Of(Role from, IStringLocalizer words)
        {
            string name = words["Role_CopyName", from.Name];
            return new() { From = from, Name = name, FirstName = name };
        }
    }

    private sealed class Draft(Role before, Role? from = null)
    {
        public Role Before => before;

        /// <summary>The role it was cloned from; its field permissions come along.</summary>
        public Role? From => from;
        public string Name { get; set; } = before.Name;
        public Dictionary<string, Scope> Permissions { get; } = (from ?? before).Permissions.ToDictionary();
        public bool NeedsSecondFactor { get; set; } = (from ?? before).NeedsSecondFactor;
        public bool IsMfaChanged => NeedsSecondFactor != before.NeedsSecondFactor;
        public bool IsAdmin => before.IsAdmin;
        public bool IsChangedAtAll => before.Id == 0 || Name != before.Name || IsMfaChanged || Core.Identity.Permissions.All.Any(IsChanged);

        public string ScopeOf(string permission) => Of(Permissions, permission);

        public bool IsChanged(string permission) => ScopeOf(permission) != Of(before.Permissions, permission);

        /// <summary>None → own → all → none.</summary>
        public void Turn(string permission)
        {
            if (IsAdmin)
                return;
            if (!Permissions.TryGetValue(permission, out var scope))
                Permissions[permission] = Scope.Own;
            else if (scope == Scope.Own)
                Permissions[permission] = Scope.All;
            else
                Permissions.Remove(permission);
        }

        public static string Of(IReadOnlyDictionary<string, Scope> permissions, string permission) => permissions.TryGetValue(permission, out var scope) ? scope.ToString() : "None";
    }
}
