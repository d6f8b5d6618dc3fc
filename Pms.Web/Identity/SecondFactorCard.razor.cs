using Microsoft.AspNetCore.Components;
using MudBlazor;
using Pms.Core;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Sessions;
using Pms.Web.Configuration;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>Sets the actor's second factor up, shows its recovery codes once, and turns it off; what the service refuses stands beside the field.</summary>
public sealed partial class SecondFactorCard
{
    private SecondFactorState _state = new();
    private Enrolment? _enrolment;
    private IReadOnlyList<string>? _codes;
    private Asked? _asked;
    private string? _password, _code;
    private FieldFaults _faults = FieldFaults.None;

    private enum Asked { Codes, Off }

    /// <summary>The recovery codes were kept: whoever had to set it up first can go on.</summary>
    [Parameter] public EventCallback OnKept { get; set; }

    [Inject] private SecondFactorService SecondFactors { get; set; } = default!;
    [Inject] private PmsConfiguration Configuration { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;

    protected override void Listen() => ReloadOn<SessionEnded>(e => e.Id is null);

    protected override async Task LoadAsync(CancellationToken ct) => _state = await SecondFactors.GetMineAsync(Me.Who, ct);

    private Task StartAsync() => DoAsync(async () => _enrolment = await SecondFactors.StartAsync(Me.Who, _password, Left));

    private Task ConfirmAsync() => DoAsync(async () => (_codes, _enrolment) = (await SecondFactors.ConfirmAsync(Me.Who, _code, Left), null));

    private async Task ProveAsync()
    {
        if (_asked == Asked.Codes)
            await DoAsync(async () => _codes = await SecondFactors.RenewCodesAsync(Me.Who, _password, _code, Left));
        else if (await DoAsync(() => SecondFactors.TurnOffAsync(Me.Who, _password, _code, Left)))
            Say(L["Mfa_TurnedOff"], Severity.Success);
    }

    private async Task<bool> DoAsync(Func<Task> command)
    {
        _faults = FieldFaults.None;
        var done = await TryAsync(async () =>
        {
            try { await command(); }
            catch (InvalidException invalid) { _faults = FieldFaults.Of(invalid, Refused); }
        }) && !_faults.Any;
        if (!done)
            return false;
        (_password, _code, _asked) = (null, null, null);
        await ReloadAsync();
        return true;
    }

    private void Back() => (_enrolment, _asked, _password, _code, _faults) = (null, null, null, null, FieldFaults.None);

    private Task KeptAsync()
    {
        _codes = null;
        return OnKept.InvokeAsync();
    }

    private string AsText(IReadOnlyList<string> codes) => $"{Configuration.PlantName}: {L["Mfa_Codes"]}\n{Me.Who.Name}, {Plant.Local(Plant.Now):yyyy-MM-dd}\n\n{string.Join('\n', codes)}\n";
}
