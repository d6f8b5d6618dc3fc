using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Files;
using Pms.Core.Floor.WallBoards;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.Sessions;
using Pms.Core.Imports;
using Pms.Core.Jobs;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Core.Notifications;

namespace Pms.Core.Floor;

/// <summary>
/// What the events since the last picture named: these jobs, machines, people, orders and departments are read again and nothing else.
/// An event that names nothing exact, or more of them than a reading of everything is worth, asks for <see cref="All"/>.
/// </summary>
internal sealed class FloorChanges
{
    /// <summary>More changed jobs than this are read with everything else: a list of so many is no longer the shorter way.</summary>
    public const int Most = 64;

    public HashSet<long> Jobs { get; } = [];
    public HashSet<long> Orders { get; } = [];
    public HashSet<long> Departments { get; } = [];

    /// <summary>Whose work on machines changed.</summary>
    public HashSet<long> Employees { get; } = [];

    /// <summary>Machines whose jobs changed, the next one among them.</summary>
    public HashSet<long> Queues { get; } = [];

    /// <summary>Machines whose tickets changed.</summary>
    public HashSet<long> Stands { get; } = [];

    /// <summary>Machines given to other people.</summary>
    public HashSet<long> Given { get; } = [];

    /// <summary>People who clocked in or out, or whose time was corrected; and the departments of such times, one of which may wait to be confirmed.</summary>
    public HashSet<long> Clocks { get; } = [];

    /// <inheritdoc cref="Clocks"/>
    public HashSet<long> Confirms { get; } = [];

    public bool All { get; set; }

    /// <summary>Nothing was named: who asks finds what another asked for a moment before.</summary>
    public bool AreNone => !All && Jobs.Count + Orders.Count + Departments.Count + Employees.Count + Queues.Count + Stands.Count + Given.Count == 0;

    /// <summary>Takes what an event names.</summary>
    public void Add(IEvent e)
    {
        if (All)
            return;
        switch (e)
        {
            case JobChanged job:
                if (job.JobId > 0)
                    Jobs.Add(job.JobId);
                Orders.Add(job.OrderId);
                Departments.Add(job.DepartmentId);
                Add(Queues, job.MachineId, job.MachineBefore);
                Add(Employees, job.EmployeeId, job.EmployeeBefore);
                break;
            case TimeChanged { EmployeeId: > 0 } time:
                Clocks.Add(time.EmployeeId);
                Employees.Add(time.EmployeeId);
                Confirms.Add(time.DepartmentId);
                Departments.Add(time.DepartmentId);
                break;
            case TicketChanged ticket:
                Stands.Add(ticket.MachineId);
                Departments.Add(ticket.DepartmentId);
                break;
            case AllocationChanged allocation:
                Given.Add(allocation.MachineId);
                Departments.Add(allocation.DepartmentId);
                break;
            default:
                All = true;
                break;
        }
        // Clocks and Confirms are no longer than Employees and Departments.
        All |= Jobs.Count > Most || Orders.Count > Most || Departments.Count > Most || Employees.Count > Most || Queues.Count > Most || Stands.Count > Most || Given.Count > Most;
    }

    /// <summary>False for what no board shows. Anything new is taken for visible until it is named here.</summary>
    public static bool AreSeen(IEvent e) =>
        e is not (RightsChanged or SessionEnded or NotificationsChanged or FilesChanged or ImportChanged or ApiKeyChanged or WallBoardChanged);

    private static void Add(HashSet<long> set, long? one, long? other)
    {
        if (one is { } a)
            set.Add(a);
        if (other is { } b)
            set.Add(b);
    }
}
