using Pms.Core.Jobs;
using Pms.Core.Jobs.Time;
using Pms.Core.Maintenance;
using Pms.Web.Shared;

namespace Pms.Web.Jobs;

// What each tap asks of the services, and what is said when it was done.
public sealed partial class OperatorBoard
{
    private async Task TapAsync(JobTap tap)
    {
        var job = tap.Job;
        switch (tap.Verb)
        {
            case JobVerb.Start or JobVerb.Resume when job.Status == JobStatus.Planned && job.MachineId is null:
                await PickMachineAsync(job);
                break;
            case JobVerb.Start:
                await StartAsync(job, null, 0);
                break;
            case JobVerb.Resume:
                await ResumeAsync(job, null, 0);
                break;
            case JobVerb.RunNow:
                await SendAsync($"run:{job.Id}", (o, _) => Service.RunNowAsync(Actor, new RunNow(job.Id), o.Key, Left), L["Done_RunNow", job.OrderNumber]);
                break;
            case JobVerb.Pause:
                await PauseAsync(job, 0);
                break;
            case JobVerb.Why:
                await OpenAsync(SheetKind.Why, job.Id);
                break;
            case JobVerb.Report:
                await OpenAsync(SheetKind.Report, job.Id);
                break;
            case JobVerb.Finish:
                await OpenAsync(SheetKind.Finish, job.Id);
                break;
            case JobVerb.TakeOver:
                await OpenAsync(SheetKind.TakeOver, job.Id);
                break;
            default:
                await OpenAsync(SheetKind.More, job.Id);
                break;
        }
    }

    internal async Task StartAsync(OperatorJob job, MachineChoice? machine, int earlier)
    {
        await SendAndCloseAsync($"start:{job.Id}:{machine?.Id}:{earlier}", (o, reason) => Service.StartAsync(Actor, new StartJob(job.Id, machine?.Id ?? job.MachineId, o.Earlier(earlier), reason), o.Key, Left),
            L["Done_Start", job.OrderNumber, machine?.Number ?? job.MachineNumber ?? job.Stage]);
    }

    internal async Task ResumeAsync(OperatorJob job, MachineChoice? machine, int earlier)
    {
        await SendAndCloseAsync($"resume:{job.Id}:{machine?.Id}:{earlier}", (o, reason) => Service.ResumeAsync(Actor, new ResumeJob(job.Id, machine?.Id, o.Earlier(earlier), reason), o.Key, Left),
            L["Done_Resume", job.OrderNumber, machine?.Number ?? job.MachineNumber ?? job.Stage]);
    }

    internal async Task PauseAsync(OperatorJob job, int earlier)
    {
        var sheet = Sheet;
        if (await SendAsync($"pause:{job.Id}:{earlier}", (o, _) => Service.PauseAsync(Actor, new PauseJob(job.Id, null, o.Earlier(earlier)), o.Key, Left), L["Done_Pause", job.OrderNumber]) && ReferenceEquals(sheet, Sheet) && _scope!.StopReasons.Count > 0)
            await OpenAsync(SheetKind.Why, job.Id);
    }

    internal async Task SayWhyAsync(OperatorJob job, long reason)
    {
        var word = _scope!.StopReasons.First(r => r.Id == reason).Word;
        await SendAndCloseAsync($"why:{job.Id}:{reason}", (o, _) => Service.SetPauseReasonAsync(Actor, new SetPauseReason(job.Id, reason), o.Key, Left), L["Done_Why", job.OrderNumber, word]);
    }

    /// <summary>Report, finish and take-over carry the draft's key, which a restored draft still has.</summary>
    internal async Task CountAsync(ShortAnswer? answer)
    {
        if (SheetJob is not { } job || _draft is null)
            return;
        var (s, key) = (Sheet, _draft.Key);
        var done = s.Kind switch
        {
            SheetKind.Finish when answer == ShortAnswer.MoreToCome => L["Done_More", job.OrderNumber],
            SheetKind.Finish => L["Done_Finish", job.OrderNumber, Words2.Figure(job.Good + s.Good), Words2.Figure(job.Planned)],
            SheetKind.TakeOver => L["Done_TakeOver", job.OrderNumber, job.Operator ?? ""],
            _ => L["Done_Report", Words2.Figure(s.Good), Words2.Figure(s.Scrap), job.OrderNumber],
        };
        await SendAndCloseAsync($"count:{job.Id}", (o, reason) => s.Kind switch
        {
            SheetKind.Finish => Service.FinishAsync(Actor, new FinishJob(job.Id, s.Good, s.Scrap, s.Rework, s.ScrapReasonId, answer, reason, o.Earlier(s.Earlier)), key + answer, Left),
            SheetKind.TakeOver => Service.TakeOverAsync(Actor, new TakeOverJob(job.Id, s.Good, s.Scrap, s.ScrapReasonId, s.Text.Length > 0 ? s.Text : null, reason), key, Left),
            _ => Service.ReportAsync(Actor, new ReportJob(job.Id, s.Good, s.Scrap, s.Rework, s.ScrapReasonId, s.VariantId, reason), key, Left),
        }, done);
    }

    internal async Task StartManualAsync(ManualStep step, decimal quantity, MachineChoice? machine)
    {
        var key = _draft?.Key;
        await SendAndCloseAsync($"manual:{step.StepId}", (_, reason) => Service.StartManualAsync(Actor, new StartManualJob(step.StepId, quantity, machine?.Id, reason), key, Left),
            L["Done_Start", step.OrderNumber, machine?.Number ?? step.Stage]);
    }

    internal async Task ReportStopAsync(MachineChoice machine, bool stands)
    {
        var (key, text, number) = (_draft?.Key, Sheet.Text, "");
        await SendAndCloseAsync($"stop:{machine.Id}:{stands}", async (_, _) => number = (await Maintenance.ReportStopAsync(Actor,
                new ReportStop(machine.Id, stands, null, text, stands ? Severity.High : Severity.Medium), key + stands, Left)).Number, () => L[stands ? "Done_StopStands" : "Done_StopRuns", machine.Number, number]);
    }

    internal async Task ClockInAsync()
    {
        await SendAndCloseAsync("clock-in", async (o, _) => ReadScopeAnew(await Times.ClockInAsync(Actor, o.Key, Left)), () => L["Done_ClockIn"]);
    }

    internal async Task ClockOutAsync()
    {
        var (note, paused) = (Sheet.Text.Length > 0 ? Sheet.Text : null, 0);
        await SendAndCloseAsync("clock-out", async (o, _) => paused = ReadScopeAnew(await Times.ClockOutAsync(Actor, new ClockOut(note), o.Key, Left)).JobsPaused,
                () => paused > 0 ? L["Done_ClockOutPaused", paused] : L["Done_ClockOut"]);
    }

    private Task UndoAsync(OperatorJob job) =>
        SendAsync($"undo:{job.Id}:{job.LastActionAt?.ToUnixTimeMilliseconds()}", (o, _) => Service.UndoAsync(Actor, new UndoJob(job.Id), o.Key, Left), L["Done_Undo", job.OrderNumber]);
}
