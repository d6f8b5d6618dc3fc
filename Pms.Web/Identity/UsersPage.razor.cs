using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Users;
using Pms.Web.Shared;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Identity;

/// <summary>Who may sign in and as what; a password is issued here, shown once, and changed by its owner.</summary>
public sealed partial class UsersPage
{
    private readonly Dictionary<long, string> _numbers = [];
    private IReadOnlyList<Role> _roles = [];
    private IReadOnlyList<Department> _departments = [];
    private SecondFactorState _mfa = new();
    private (string Name, IssuedPassword Password)? _issued;

    /// <summary>The employee number as it is typed; null while it is untouched.</summary>
    private string? _number;

    [Inject] private UserService Users { get; set; } = default!;
    [Inject] private SecondFactorService SecondFactors { get; set; } = default!;
    [Inject] private RoleService Roles { get; set; } = default!;
    [Inject] private DepartmentService Departments { get; set; } = default!;
    [Inject] private EmployeeService Employees { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;

    private IReadOnlyList<ListFrame<UserRow>.Column> Columns =>
    [
        new(L["UserName"], "user", Field: "UserName"), new(L["Name"], "name", Field: "DisplayName"), new(L["Roles"], null, Field: "RoleIds"), new(L["EmployeeNumber"], null, "wide", Field: "EmployeeId"),
        new(L["User_LastSignIn"], "last", "wide"), new(L["Mfa"], null, "wide"), new(L["State"], "state", "wide", Field: "Active"),
    ];

    private IReadOnlyList<(string Key, string Text, string Href)> SheetTabs => IsNew ? [] :
        [("details", L["Tab_Details"], Href(("tab", null))), ("access", L["Access_Title"], Href(("tab", "access"))), ("history", Words["Tab_History"], Href(("tab", "history")))];

    protected override IReadOnlyDictionary<string, string> FirstFilters { get; } = new Dictionary<string, string> { ["active"] = "true" };

    protected override bool AlsoTyped => _number is not null && _number.Trim() != (Draft is null ? "" : KnownNumber(Draft) ?? "");

    protected override void Forget() => _number = null;

    protected override void Listen() => ReloadOn<RightsChanged>(_ => true);

    protected override async Task<Page<UserRow>> RowsAsync(PageRequest request, CancellationToken ct)
    {
        _roles = await Roles.ListAsync(Me.Who, ct);
        _departments = await Departments.ActiveAsync(Me.Who, ct);
        return await Users.ListAsync(Me.Who, request, ct);
    }

    protected override User Blank() => new() { Active = true };

    protected override Task<User> ReadAsync(long id, CancellationToken ct) => Users.GetAsync(Me.Who, id, ct);

    protected override async Task OpenedAsync(User user, CancellationToken ct)
    {
        _mfa = await SecondFactors.GetAsync(Me.Who, user.Id, ct);
        if (user.EmployeeId is { } employee && await Employees.FindAsync(employee, ct) is { } found)
            _numbers[employee] = found.Number;
    }

    protected override async Task<User> StoreAsync(User draft, CancellationToken ct)
    {
        if (AlsoTyped)
        {
            draft = draft with { EmployeeId = await EmployeeAsync(_number) };
            Set(draft);
        }
        _number = null;
        if (draft.Id == 0)
        {
            var made = await Users.CreateAsync(Me.Who, new CreateUser
            {
                UserName = draft.UserName, DisplayName = draft.DisplayName, Email = draft.Email, EmployeeId = draft.EmployeeId, RoleIds = draft.RoleIds, DepartmentIds = draft.DepartmentIds,
            }, ct: ct);
            _issued = (draft.DisplayName, made);
            return await Users.GetAsync(Me.Who, made.UserId, ct);
        }
        await Users.UpdateAsync(Me.Who, new UpdateUser
        {
            Id = draft.Id, Version = draft.Version, DisplayName = draft.DisplayName, Email = draft.Email, Culture = draft.Culture, Language = draft.Language, EmployeeId = draft.EmployeeId, RoleIds = draft.RoleIds, DepartmentIds = draft.DepartmentIds,
        }, ct);
        return await Users.GetAsync(Me.Who, draft.Id, ct);
    }

    private async Task IssueAsync(User user)
    {
        if (await Dialogs.AskAsync(L["User_IssuePassword"], L["User_IssueAsk", user.DisplayName], L["User_IssuePassword"]))
            await DoAsync(async () => _issued = (user.DisplayName, await Users.IssuePasswordAsync(Me.Who, user.Id, Left)), null);
    }

    private async Task ResetMfaAsync(User user)
    {
        if (await Dialogs.AskAsync(L["Mfa_Reset"], L["Mfa_ResetAsk", user.DisplayName], L["Mfa_Reset"], danger: true))
            await DoAsync(() => SecondFactors.ResetAsync(Me.Who, user.Id, Left), L["Mfa_ResetDone", user.DisplayName]);
    }

    private async Task DeactivateAsync(User user)
    {
        if (await Dialogs.AskAsync(L["User_Deactivate"], L["User_DeactivateAsk", user.DisplayName], L["User_Deactivate"], danger: true))
            await DoAsync(() => Users.DeactivateAsync(Me.Who, user.Id, Left), L["User_Deactivated", user.DisplayName]);
    }

    private Task ReactivateAsync(User user) => DoAsync(() => Users.ReactivateAsync(Me.Who, user.Id, Left), L["Saved"]);

    private async Task DoAsync(Func<Task> command, string? done)
    {
        if (await TryAsync(command, done))
            await ReloadAsync();
    }

    private string? KnownNumber(User user) => user.EmployeeId is { } employee ? _numbers.GetValueOrDefault(employee) : null;

    private async Task<long?> EmployeeAsync(string? number)
    {
        if (string.IsNullOrWhiteSpace(number))
            return null;
        var key = Text.Key(number);
        var found = (await Employees.ListAsync(Me.Who, new PageRequest { Search = Text.Clean(number), Size = PageRequest.MaxSize }, Left)).Items.FirstOrDefault(e => Text.Key(e.Number) == key)
            ?? throw new InvalidException("EmployeeId", "user.no_employee", Text.Clean(number));
        _numbers[found.Id] = found.Number;
        return found.Id;
    }

    private static IReadOnlyList<long> Turned(IReadOnlyList<long> ids, long id, ChangeEventArgs e) => [.. (e.Value is true ? ids.Append(id) : ids.Where(i => i != id)).Distinct().Order()];

    private static string IdText(long id) => id.ToString(CultureInfo.InvariantCulture);
}
