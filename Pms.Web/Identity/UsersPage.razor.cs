using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Users;
using Pms.Web.Shared;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Identity;

/// <summary>Who may sign in and as what; a password is issued here, shown once, and changed by its owner.</summary>
public sealed partial class UsersPage
{
    private const int Size = 50;

    private Page<UserRow> _page = new([], 0);
    private IReadOnlyList<Role> _roles = [];
    private IReadOnlyList<Department> _departments = [];
    private string? _search;
    private bool _inactiveToo;
    private SecondFactorFilter? _factor;
    private string _shown = "";
    private long? _at;
    private int _index;
    private string _sort = "user";
    private bool _story;
    private SecondFactorState _mfa = new();
    private User? _opened;
    private Form? _form;
    private FieldFaults _faults = FieldFaults.None;
    private (string Name, IssuedPassword Password)? _issued;

    /// <summary>The user whose sheet is open.</summary>
    [SupplyParameterFromQuery(Name = "id")] public long? Id { get; set; }

    [Inject] private NavigationManager Nav { get; set; } = default!;
    [Inject] private UserService Users { get; set; } = default!;
    [Inject] private SecondFactorService SecondFactors { get; set; } = default!;
    [Inject] private RoleService Roles { get; set; } = default!;
    [Inject] private DepartmentService Departments { get; set; } = default!;
    [Inject] private EmployeeService Employees { get; set; } = default!;
    [Inject] private FieldRules Fields { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;

    /// <summary>What the reader sees of users as a list, and of the open one.</summary>
    private FieldSight Sight => new(Me.Actor is { } actor ? Fields.Of(actor, typeof(UserRow)) : null, null);

    private FieldSight FormSight => new(Me.Actor is { } actor ? Fields.Of(actor, typeof(User)) : null, _opened ?? new User(), _opened is null);

    protected override bool ShowsFields => true;

    protected override void Listen() => ReloadOn<RightsChanged>(_ => true);

    protected override async Task LoadAsync(CancellationToken ct)
    {
        _roles = await Roles.ListAsync(Me.Who, ct);
        _departments = await Departments.ActiveAsync(Me.Who, ct);
        _page = await Users.ListAsync(Me.Who, _search, !_inactiveToo, _index, Size, _sort, _factor, ct);
        if (_at != Id)
            await ShowAsync();
    }

    protected override Task OnParametersSetAsync() => Loaded && _at != Id ? ShowAsync() : Task.CompletedTask;

    /// <summary>Opens whom the address names, or closes the sheet.</summary>
    private Task ShowAsync()
    {
        (_at, _form) = (Id, null);
        return Id is { } id ? OpenAsync(id) : Task.CompletedTask;
    }

    private string Opened(long id) => Nav.GetUriWithQueryParameter("id", id);

    private bool Changed => _form is { } form && form.Text != _shown;

    private async Task CloseAsync()
    {
        if (Id is not null)
            Nav.NavigateTo(Nav.GetUriWithQueryParameter("id", (long?)null));
        else if (!Changed || await Dialogs.AskAsync(Words["Unsaved_Title"], Words["Unsaved_Text"], Words["Unsaved_Leave"], danger: true))
            _form = null;
    }

    private async Task LeavingAsync(LocationChangingContext leaving)
    {
        if (Changed && !await Dialogs.AskAsync(Words["Unsaved_Title"], Words["Unsaved_Text"], Words["Unsaved_Leave"], danger: true))
            leaving.PreventNavigation();
    }

    private async Task SearchAsync(string? text)
    {
        (_search, _index) = (text, 0);
        await ReloadAsync();
    }

    private async Task ToggleAsync(ChangeEventArgs e)
    {
        (_inactiveToo, _index) = (e.Value is true, 0);
        await ReloadAsync();
    }

    private async Task FactorAsync(ChangeEventArgs e)
    {
        (_factor, _index) = (Enum.TryParse<SecondFactorFilter>(e.Value as string, out var factor) ? factor : null, 0);
        await ReloadAsync();
    }

    private async Task SortAsync(string name)
    {
        (_sort, _index) = (_sort == name ? "-" + name : name, 0);
        await ReloadAsync();
    }

    private string? Sorted(string name) => _sort == name ? "ascending" : _sort == "-" + name ? "descending" : null;

    private string Arrow(string name) => _sort == name ? " ↑" : _sort == "-" + name ? " ↓" : "";

    private string Export(string format) => $"{UserExport.Path}.{format}?sort={_sort}&all={(_inactiveToo ? "true" : "false")}&factor={_factor}&q={Uri.EscapeDataString(_search ?? "")}";

    private async Task TurnAsync(int pages)
    {
        _index = Math.Max(0, _index + pages);
        await ReloadAsync();
    }

    private void New()
    {
        (_form, _faults, _opened) = (new Form(), FieldFaults.None, null);
        _shown = _form.Text;
    }

    private Task OpenAsync(long id) => TryAsync(async () =>
    {
        var user = await Users.GetAsync(Me.Who, id, Left);
        (_faults, _story, _opened, _mfa) = (FieldFaults.None, false, user, await SecondFactors.GetAsync(Me.Who, id, Left));
        _form = new Form
        {
            Id = id, Version = user.Version, UserName = user.UserName, DisplayName = user.DisplayName, Email = user.Email, Culture = user.Culture, Language = user.Language, Active = user.Active,
            EmployeeNumber = user.EmployeeId is { } employee ? (await Employees.FindAsync(employee, Left))?.Number : null, Roles = [.. user.RoleIds], Departments = [.. user.DepartmentIds],
        };
        _shown = _form.Text;
    });

    private Task SaveAsync() => FormAsync(async form =>
    {
        var employee = await EmployeeAsync(form.EmployeeNumber);
        if (form.Id == 0)
        {
            var issued = await Users.CreateAsync(Me.Who, new CreateUser
            {
                UserName = form.UserName ?? "", DisplayName = form.DisplayName ?? "", Email = form.Email, EmployeeId = employee, RoleIds = [.. form.Roles], DepartmentIds = [.. form.Departments],
            }, ct: Left);
            _issued = (form.DisplayName ?? "", issued);
        }
        else
        {
            await Users.UpdateAsync(Me.Who, new UpdateUser
            {
                Id = form.Id, Version = form.Version, DisplayName = form.DisplayName ?? "", Email = form.Email, Culture = form.Culture, Language = form.Language, EmployeeId = employee, RoleIds = [.. form.Roles], DepartmentIds = [.. form.Departments],
            }, Left);
        }
    }, L["Saved"]);

    private async Task IssueAsync()
    {
        if (_form is { } form && await Dialogs.AskAsync(L["User_IssuePassword"], L["User_IssueAsk", form.DisplayName ?? ""], L["User_IssuePassword"]))
            await FormAsync(async f => _issued = (f.DisplayName ?? "", await Users.IssuePasswordAsync(Me.Who, f.Id, Left)), null);
    }

    private async Task ResetMfaAsync()
    {
        if (_form is { } form && await Dialogs.AskAsync(L["Mfa_Reset"], L["Mfa_ResetAsk", form.DisplayName ?? ""], L["Mfa_Reset"], danger: true))
            await FormAsync(f => SecondFactors.ResetAsync(Me.Who, f.Id, Left), L["Mfa_ResetDone", form.DisplayName ?? ""]);
    }

    private async Task DeactivateAsync()
    {
        if (_form is { } form && await Dialogs.AskAsync(L["User_Deactivate"], L["User_DeactivateAsk", form.DisplayName ?? ""], L["User_Deactivate"], danger: true))
            await FormAsync(f => Users.DeactivateAsync(Me.Who, f.Id, Left), L["User_Deactivated", form.DisplayName ?? ""]);
    }

    private Task ReactivateAsync() => FormAsync(f => Users.ReactivateAsync(Me.Who, f.Id, Left), L["Saved"]);

    private async Task FormAsync(Func<Form, Task> command, string? done)
    {
        if (_form is not { } form)
            return;
        _faults = FieldFaults.None;
        var ok = await TryAsync(async () =>
        {
            try { await command(form); }
            catch (InvalidException invalid) { _faults = FieldFaults.Of(invalid, Refused); }
        });
        if (!ok || _faults.Any)
            return;
        (_form, _shown) = (null, "");
        await CloseAsync();
        if (done is not null)
            Say(done, Severity.Success);
        await ReloadAsync();
    }

    private async Task<long?> EmployeeAsync(string? number)
    {
        if (string.IsNullOrWhiteSpace(number))
            return null;
        var key = Text.Key(number);
        var found = await Employees.ListAsync(Me.Who, new PageRequest { Search = Text.Clean(number), Size = PageRequest.MaxSize }, Left);
        return found.Items.FirstOrDefault(e => Text.Key(e.Number) == key)?.Id ?? throw new InvalidException("EmployeeId", "user.no_employee", Text.Clean(number));
    }

    private static void Toggle(HashSet<long> chosen, long id, ChangeEventArgs e)
    {
        if (e.Value is true)
            chosen.Add(id);
        else
            chosen.Remove(id);
    }

    private sealed class Form
    {
        public long Id { get; init; }
        public int Version { get; init; }
        public bool Active { get; init; }
        public string? Culture { get; init; }
        public string? Language { get; init; }
        public string? UserName { get; set; }
        public string? DisplayName { get; set; }
        public string? Email { get; set; }
        public string? EmployeeNumber { get; set; }
        public HashSet<long> Roles { get; init; } = [];
        public HashSet<long> Departments { get; init; } = [];

        /// <summary>All that is typed or ticked, to tell whether anything was changed.</summary>
        public string Text => string.Join('\n', [UserName, DisplayName, Email, EmployeeNumber, string.Join(',', Roles.Order()), string.Join(',', Departments.Order())]);
    }
}
