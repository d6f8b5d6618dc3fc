using Pms.Core.Planning;

namespace Pms.Web.Planning;

/// <summary>What the planner holds: a job of the board, or a step from the unplanned work.</summary>
public sealed record Dragged(PlannedJob? Job, UnplannedStep? Step)
{
    public long StageId => Job?.StageId ?? Step!.StageId;
    public long DepartmentId => Job?.DepartmentId ?? Step!.DepartmentId;
}

/// <summary>A move as it was stored, with where the job was before.</summary>
/// <param name="CanGoBack">False where it was first given a machine: a job that has one is never without again.</param>
public sealed record MovedJob(long JobId, int Version, string OrderNumber, DateTimeOffset Start, long? MachineId, bool CanGoBack)
{
    public static MovedJob Of(PlannedJob before, int version, long? machine) => new(before.Id, version, before.OrderNumber, before.PlannedStart, before.MachineId, before.MachineId is not null || machine is null);
}
