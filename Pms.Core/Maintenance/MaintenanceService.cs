using System.Data.Common;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Machines;

namespace Pms.Core.Maintenance;

/// <summary>
/// Reports of stops and the tickets they open. A standing machine pauses its jobs in the same transaction; releasing it ends the downtime,
/// but no job is resumed by the system.
/// </summary>
public sealed class MaintenanceService(Commands commands, TicketRepository tickets, MachineService machines, EmployeeService employees, JobService jobs, JobSituationQueries situations, AuditLog audit, Rights rights, Calendars calendars, PlantClock clock)
{
    public static ListShape Shape => TicketRepository.Shape;

    /// <summary>All tickets of the departments the actor may see, ended ones too.</summary>
    public Task<Page<Ticket>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default) =>
        tickets.PageAsync(request, rights.DemandDepartments(actor, Permissions.MaintenanceView), ct);

    public Task<IReadOnlyList<Ticket>> ListOpenAsync(Actor actor, CancellationToken ct = default)
    {
        var departments = rights.DemandDepartments(actor, Permissions.MaintenanceView);
        return Filter(tickets.ListOpenAsync(ct), departments);
    }

    public Task<IReadOnlyList<Ticket>> ListOfMachineAsync(Actor actor, long machineId, CancellationToken ct = default)
    {
        var departments = rights.DemandDepartments(actor, Permissions.MaintenanceView);
        return Filter(tickets.ListOfMachineAsync(machineId, ct), departments);
    }

    public async Task<Ticket> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var ticket = await tickets.FindAsync(id, ct) ?? throw new NotFoundException("ticket", id);
        rights.Demand(actor, Permissions.MaintenanceView, ticket.DepartmentId);
        return ticket;
    }

    /// <summary>Opens a ticket; where the machine stands, its running jobs are paused with it.</summary>
    /// <exception cref="RuleException"><c>maintenance.already_reported</c>: the machine stands already, by whom and since when.</exception>
    public async Task<TicketResult> ReportStopAsync(Actor actor, ReportStop request, string? key = null, CancellationToken ct = default)
    {
        var description = Text.Clean(request.Description);
        if (description.Length > 1000)
            throw new InvalidException("Description", "too_long", 1000);
        try
        {
            return await commands.RunAsync(actor, "maintenance.report_stop", key, request, async tx =>
            {
                var machine = await tickets.FindMachineAsync(request.MachineId, ct) ?? throw new NotFoundException("machine", request.MachineId);
                rights.Demand(actor, Permissions.MaintenanceReport, machine.DepartmentId);
                if (machine.RetiredAt is not null)
                    throw new RuleException("job.machine_retired", machine.Number);
                if (request.ReasonId is { } reason && await situations.FindReasonAsync(reason, "Stop", machine.DepartmentId, ct) is null)
                    throw new InvalidException(nameof(request.ReasonId), "unknown_reason", reason);
                if (request.Stands)
                    await DemandNotReportedAsync(machine, ct);
                var now = clock.Now;
                var ticket = new Ticket
                {
                    MachineId = machine.Id,
                    DepartmentId = machine.DepartmentId,
                    ReasonId = request.ReasonId,
                    Description = description,
                    Severity = request.Severity,
                    Stands = request.Stands,
                    Status = TicketStatus.Open,
                    ReportedBy = actor.Name,
                    ReporterEmployeeId = actor.ForEmployeeId ?? actor.EmployeeId,
                    OpenedAt = now,
                    StandsFrom = request.Stands ? now : null,
                    ExpectedBack = request.Stands ? EndOfNextShift(machine, now) : null,
                };
                var id = await tickets.InsertAsync(tx, ticket);
                if (request.Stands)
                {
                    await machines.TouchAsync(tx, machine.Id);
                    foreach (var job in await TicketRepository.RunningJobsAsync(tx, machine.Id))
                        await jobs.PauseWithinAsync(tx, actor, job, PauseCause.Breakdown, now, request.ReasonId, ct: ct);
                }
                audit.Write(tx, actor, "maintenance.report_stop", "ticket", id, AuditLog.Diff(null, ticket), machine.DepartmentId);
                tx.Send("ticket.opened", Facts(ticket with { Id = id, Number = TicketRepository.Number(id), Machine = machine.Number }, actor), now);
                tx.Raise(new TicketChanged(id, machine.Id, machine.DepartmentId));
                return new TicketResult(id, TicketRepository.Number(id), TicketStatus.Open, 1);
            }, ct);
        }
        catch (DbException e) when (commands.IsDuplicate(e, "maintenance_tickets"))
        {
            // Another phone reported the same standing machine in the same moment.
            var machine = await tickets.FindMachineAsync(request.MachineId, ct) ?? throw new NotFoundException("machine", request.MachineId);
            await DemandNotReportedAsync(machine, ct);
            throw new ConflictException("changed_meanwhile");
        }
    }

    /// <summary>Open → Assigned → InProgress ⇄ AwaitingParts → Completed, or Cancelled before that.</summary>
    public Task<TicketResult> ChangeAsync(Actor actor, ChangeTicket request, string? key = null, CancellationToken ct = default) =>
        commands.RunAsync(actor, "maintenance.change", key, request, async tx =>
        {
            var before = await tickets.FindAsync(request.TicketId, ct) ?? throw new NotFoundException("ticket", request.TicketId);
            rights.Demand(actor, Permissions.MaintenanceWork, before.DepartmentId);
            Fresh(before, request.Version);
            if (!Ticket.After(before.Status).Contains(request.Status))
                throw new RuleException("maintenance.illegal_change", before.Number, before.Status, request.Status);
            if (request.Status == TicketStatus.Completed && Text.Clean(request.WorkDone).Length == 0)
                throw new InvalidException("WorkDone", "needed");
            if (request.Status == TicketStatus.Cancelled && Text.Clean(request.Reason).Length == 0)
                throw new InvalidException("Reason", "needed");
            if (request.AssignedEmployeeId is { } technician && await employees.FindAsync(technician, ct) is not { Active: true })
                throw new InvalidException(nameof(request.AssignedEmployeeId), "unknown_value", technician);
            var now = clock.Now;
            var ended = request.Status == TicketStatus.Cancelled || request.Status == TicketStatus.Completed && request.Release;
            var after = before with
            {
                Status = request.Status,
                AssignedEmployeeId = request.AssignedEmployeeId ?? (request.Status == TicketStatus.Open ? null : before.AssignedEmployeeId ?? actor.EmployeeId),
                StartedAt = before.StartedAt ?? (request.Status == TicketStatus.InProgress ? now : null),
                CompletedAt = request.Status is TicketStatus.Completed or TicketStatus.Cancelled ? now : null,
                ReleasedAt = before.Stands && ended ? now : before.ReleasedAt,
                WorkDone = request.WorkDone is null ? before.WorkDone : Text.Clean(request.WorkDone),
            };
            return Save(tx, actor, before, after, request.Reason, "ticket." + request.Status.ToString().ToLowerInvariant());
        }, ct);

    /// <summary>The machine may produce again; ends the downtime of a completed ticket.</summary>
    public Task<TicketResult> ReleaseAsync(Actor actor, long ticketId, int version, string? key = null, CancellationToken ct = default) =>
        commands.RunAsync(actor, "maintenance.release", key, new { ticketId, version }, async tx =>
        {
            var before = await tickets.FindAsync(ticketId, ct) ?? throw new NotFoundException("ticket", ticketId);
            rights.Demand(actor, Permissions.MaintenanceWork, before.DepartmentId);
            Fresh(before, version);
            if (!before.Stands || before.ReleasedAt is not null || before.Status != TicketStatus.Completed)
                throw new RuleException("maintenance.not_releasable", before.Number, before.Status);
            return Save(tx, actor, before, before with { ReleasedAt = clock.Now }, null, "ticket.released");
        }, ct);

    /// <summary>Changes when the machine is expected back.</summary>
    public Task<TicketResult> SetExpectedBackAsync(Actor actor, SetExpectedBack request, string? key = null, CancellationToken ct = default) =>
        commands.RunAsync(actor, "maintenance.expected_back", key, request, async tx =>
        {
            var before = await tickets.FindAsync(request.TicketId, ct) ?? throw new NotFoundException("ticket", request.TicketId);
            if (!rights.Allows(actor, Permissions.MaintenanceWork, before.DepartmentId))
                rights.Demand(actor, Permissions.JobsAssign, before.DepartmentId);
            Fresh(before, request.Version);
            if (!before.Stands || before.ReleasedAt is not null)
                throw new RuleException("maintenance.not_standing", before.Number);
            if (request.ExpectedBack <= clock.Now)
                throw new InvalidException("ExpectedBack", "in_the_past");
            return Save(tx, actor, before, before with { ExpectedBack = request.ExpectedBack }, null, "ticket.expected_back");
        }, ct);

    private TicketResult Save(Tx tx, Actor actor, Ticket before, Ticket after, string? reason, string what)
    {
        tickets.Update(tx, before, after);
        audit.Write(tx, actor, what, "ticket", before.Id, AuditLog.Diff(before, after), before.DepartmentId, reason);
        tx.Send(what, Facts(after, actor), clock.Now);
        tx.Raise(new TicketChanged(before.Id, before.MachineId, before.DepartmentId));
        return new TicketResult(before.Id, before.Number, after.Status, before.Version + 1);
    }

    private static object Facts(Ticket t, Actor actor) => new
    {
        ticketId = t.Id, ticket = t.Number, machineId = t.MachineId, machine = t.Machine, departmentId = t.DepartmentId, stands = t.Stands, severity = t.Severity.ToString(),
        status = t.Status.ToString(), by = actor.Name, assignedEmployeeId = t.AssignedEmployeeId,
    };

    private async Task DemandNotReportedAsync(MachineRef machine, CancellationToken ct)
    {
        if (await tickets.FindStandingAsync(machine.Id, ct) is { } standing)
            throw new RuleException("maintenance.already_reported", machine.Number, standing.Number, standing.ReportedBy, standing.OpenedAt);
    }

    private DateTimeOffset EndOfNextShift(MachineRef machine, DateTimeOffset now)
    {
        var shifts = calendars.Now.Shifts(machine.DepartmentId, machine.Id, now, now.AddDays(7));
        return shifts.Where(s => s.Start > now).Select(s => (DateTimeOffset?)s.End).FirstOrDefault() ?? now.AddDays(1);
    }

    private static void Fresh(Ticket ticket, int version)
    {
        if (ticket.Version != version)
            throw new ConflictException("changed_by_other", "ticket", ticket.Number);
    }

    private static async Task<IReadOnlyList<Ticket>> Filter(Task<IReadOnlyList<Ticket>> all, IReadOnlySet<long>? departments) =>
        departments is null ? await all : [.. (await all).Where(t => departments.Contains(t.DepartmentId))];
}
