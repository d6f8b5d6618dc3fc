using Pms.Core;
using Pms.Core.Jobs;
using Pms.Web.Shared;

namespace Pms.Web.Jobs;

// The sheets over the board: which one is open, what it shows, what was typed into it.
public sealed partial class OperatorBoard
{
    private JobDetails? _details;

    /// <summary>The machines to choose from in the open sheet.</summary>
    internal IReadOnlyList<MachineChoice> Choices { get; private set; } = [];

    internal JobDetails? Details => _details;

    internal IReadOnlyList<ManualStep>? Steps { get; private set; }

    /// <summary>The soft rules that the tap under way would override, in words.</summary>
    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    internal IReadOnlyList<ReasonTiles.Reason> StopReasons => [.. _scope!.StopReasons.Select(r => new ReasonTiles.Reason(r.Id, r.Word, JobStates.Icon(r.Icon)))];

    internal IReadOnlyList<ReasonTiles.Reason> ScrapReasons => [.. _scope!.ScrapReasons.Select(r => new ReasonTiles.Reason(r.Id, r.Word, JobStates.Icon(r.Icon)))];

    internal async Task OpenAsync(SheetKind kind, long jobId = 0, string text = "")
    {
        if (_scope is null)
            return;
        Sheet = new SheetState { Kind = kind, JobId = jobId, Text = text };
        _draft?.Begin(Sheet);
        await FillAsync();
    }

    /// <summary>What the open sheet shows beside what was typed; also after a draft came back.</summary>
    private async Task FillAsync()
    {
        if (_scope is not { } scope)
            return;
        _details = null;
        (Steps, Choices) = (null, []);
        var ok = await TryAsync(async () =>
        {
            switch (Sheet.Kind)
            {
                case SheetKind.Report or SheetKind.Finish or SheetKind.TakeOver or SheetKind.More:
                    _details = await Queries.DetailsAsync(Actor, Sheet.JobId, Left);
                    break;
                case SheetKind.Stop:
                    Choices = Mine(await Queries.MachinesAsync(scope.Departments, null, Left));
                    Sheet.MachineId ??= Running?.MachineId ?? scope.Machines.FirstOrDefault()?.Id;
                    break;
                case SheetKind.Manual when Sheet.Text.Length > 0:
                    await FindOrderAsync();
                    break;
            }
        });
        if (!ok || Sheet.Kind is SheetKind.Report or SheetKind.Finish or SheetKind.TakeOver or SheetKind.Why && SheetJob is null)
            await CloseAsync();   // the job is gone, or nothing could be read: the message says so
    }

    internal async Task CloseAsync()
    {
        Sheet = new SheetState();
        _asked?.TrySetResult(null);
        if (_draft is not null)
            await _draft.ClearAsync();
    }

    /// <summary>Typed: kept a second later.</summary>
    internal void Typed() => _draft?.Changed(Sheet);

    /// <summary>One tap where there is nothing to choose; else the machines, mine first and free ones before busy ones.</summary>
    private async Task PickMachineAsync(OperatorJob job)
    {
        IReadOnlyList<MachineChoice> machines = [];
        if (!await TryAsync(async () => machines = await Queries.MachinesAsync([job.DepartmentId], job.StageId, Left)))
            return;
        if (job.WorkCentreId is { } centre && machines.Any(m => m.WorkCentreId == centre))
            machines = [.. machines.Where(m => m.WorkCentreId == centre)];
        var mine = machines.Where(m => _scope!.Machines.Any(x => x.Id == m.Id)).ToList();
        if (machines.Count == 0 || mine.Count == 1)
        {
            await StartAsync(job, mine.FirstOrDefault(), 0);
            return;
        }

        await OpenAsync(SheetKind.PickMachine, job.Id);
        Choices = Mine(machines);
    }

    /// <summary>Another machine than planned, from the job's own sheet.</summary>
    internal async Task OtherMachineAsync(OperatorJob job)
    {
        var (departments, stage, earlier) = (new[] { job.DepartmentId }, job.StageId, Sheet.Earlier);
        IReadOnlyList<MachineChoice> machines = [];
        if (!await TryAsync(async () => machines = await Queries.MachinesAsync(departments, stage, Left)))
            return;
        await OpenAsync(SheetKind.PickMachine, job.Id);
        (Choices, Sheet.Earlier) = (Mine(machines), earlier);
    }

    internal Task PickAsync(OperatorJob job, MachineChoice machine) =>
        job.Status == JobStatus.Paused ? ResumeAsync(job, machine, Sheet.Earlier) : StartAsync(job, machine, Sheet.Earlier);

    internal async Task FindOrderAsync()
    {
        if (_scope is not { } scope || string.IsNullOrWhiteSpace(Sheet.Text))
            return;
        await TryAsync(async () =>
        {
            Steps = await Queries.ManualStepsAsync(scope, Sheet.Text, Left);
            // A scanned code may be a machine's or a job's: go there instead of saying "no such order".
            if (Steps.Count == 0 && await Queries.ScanAsync(Actor, Sheet.Text, Left) is { Kind: not ScanKind.Order } hit)
                await GoAsync(hit);
        });
    }

    internal async Task ChooseStepAsync(ManualStep step)
    {
        (Sheet.StepId, Sheet.Good) = (step.StepId, step.Suggested);
        await TryAsync(async () => Choices = Mine(await Queries.MachinesAsync([step.DepartmentId], step.StageId, Left)));
        Sheet.MachineId = Choices.FirstOrDefault(m => m.Free && _scope!.Machines.Any(x => x.Id == m.Id))?.Id ?? (Choices.Count == 1 ? Choices[0].Id : null);
        Typed();
    }

    private async Task GoAsync(ScanHit hit)
    {
        if (hit.Kind == ScanKind.Machine)
        {
            MachineId = hit.Id;
            await CloseAsync();
            await ReloadAsync();
        }
        else
        {
            await OpenAsync(SheetKind.More, hit.Id);
        }
    }

    internal void Lock()
    {
        Sheet = new SheetState();
        _locked = true;
    }

    /// <summary>The warnings in words, with a field for the reason; null when the person goes back.</summary>
    private async Task<string?> AskAsync(IReadOnlyList<Refusal> warnings)
    {
        _asked?.TrySetResult(null);
        var asked = _asked = new TaskCompletionSource<string?>();
        Warnings = [.. warnings.Select(Refused.Of)];
        StateHasChanged();
        var reason = await asked.Task;
        if (ReferenceEquals(_asked, asked))
        {
            _asked = null;
            Warnings = [];
        }

        return reason;
    }

    internal void Answer(string? reason) => _asked?.TrySetResult(string.IsNullOrWhiteSpace(reason) ? null : reason.Trim());

    private List<MachineChoice> Mine(IReadOnlyList<MachineChoice> machines) =>
        [.. machines.OrderByDescending(m => _scope!.Machines.Any(x => x.Id == m.Id)).ThenByDescending(m => m.Free).ThenBy(m => m.Number)];

    internal bool IsMine(MachineChoice machine) => _scope!.Machines.Any(m => m.Id == machine.Id);
}
