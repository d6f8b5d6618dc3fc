using Pms.Core.Demo.History;
using Pms.Core.Maintenance;

namespace Pms.Core.Demo.Simulation;

/// <summary>The technicians: they take a ticket, look at the machine, wait for parts now and then, and give it back. Two machines are always theirs.</summary>
internal sealed class Repairs(MaintenanceService maintenance, Crew crew, DemoSettings settings, Dice dice)
{
    public IEnumerable<Chore> Chores(FloorView view)
    {
        var standing = view.Tickets.Count(t => t.Stands && t.ReleasedAt is null);
        foreach (var ticket in view.Tickets.Where(t => t.Stands && t.ReleasedAt is null))
        {
            var mine = dice.Fork(900_000 + ticket.Id);
            var person = crew.Technician(ticket.Id);
            if (view.RealPeople.Contains(person.Id))
                continue;
            var (look, work, parts) = (mine.Between(6, 18), mine.Between(12, 30), mine.Between(20, 50));
            var waits = mine.Chance(0.2);
            Chore To(TicketStatus status, DateTimeOffset due, string? done = null) => new($"ticket {ticket.Id} {status}", due,
                ct => maintenance.ChangeAsync(Crew.Actor(person), new(ticket.Id, status, ticket.Version, status == TicketStatus.Assigned ? person.Id : null, done), ct: ct));
            var begun = ticket.StartedAt ?? ticket.OpenedAt;
            switch (ticket.Status)
            {
                case TicketStatus.Open: yield return To(TicketStatus.Assigned, ticket.OpenedAt + Minutes(look)); break;
                case TicketStatus.Assigned: yield return To(TicketStatus.InProgress, ticket.OpenedAt + Minutes(look * 2)); break;
                case TicketStatus.InProgress when waits && view.Now < begun + Minutes(work): yield return To(TicketStatus.AwaitingParts, begun + Minutes(work / 2)); break;
                case TicketStatus.AwaitingParts: yield return To(TicketStatus.InProgress, begun + Minutes(work + parts)); break;
                case TicketStatus.InProgress when standing > 2: yield return To(TicketStatus.Completed, begun + Minutes(work + (waits ? parts + 10 : 0)), mine.Pick(PlantHistory.Faults).Cure); break;
            }
        }
    }

    private TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes / settings.Speed);
}
