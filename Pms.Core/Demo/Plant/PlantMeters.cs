using Pms.Core.Machines;

namespace Pms.Core.Demo.Plant;

/// <summary>What the counters of the demo plant's machines showed: hours read every Monday for a quarter, cycles where a machine counts them, and one counter that was exchanged.</summary>
internal static class PlantMeters
{
    private const int Weeks = 13;

    public static IReadOnlyList<MeterReading> Of(DemoPlant plant)
    {
        var dice = new Dice(4711);
        var (today, all) = (plant.Clock.DateOf(plant.Now), new List<MeterReading>());
        foreach (var machine in plant.Floor.Machines)
        {
            var technician = plant.People.FirstOf("Technician").Name;
            var hours = Math.Round((today.DayNumber - machine.PurchasedOn.DayNumber) * (decimal)dice.Between(6.5, 9.5), 1);
            var cycles = machine.Id % 2 == 0 ? Math.Round(hours * dice.Between(300, 900)) : (decimal?)null;
            hours -= Weeks * 60;
            cycles -= Weeks * 40_000;
            for (var week = Weeks; week >= 0; week--)
            {
                var at = plant.Clock.At(PlantClock.Monday(today).AddDays(-7 * week), 6 * 60 + 10 + (int)machine.Id % 40);
                if (at > plant.Now)
                    continue;
                var exchanged = machine.Id == 4 && week == 5;
                hours = exchanged ? 2.4m : hours + Math.Round((decimal)dice.Between(48.0, 74.0), 1);
                all.Add(new() { MachineId = machine.Id, At = at, Kind = MeterKind.Hours, Value = Math.Max(0, hours), IsReset = exchanged, Reason = exchanged ? "Counter exchanged with the control panel" : null, ByWhom = technician });
                if (cycles is not null)
                    all.Add(new() { MachineId = machine.Id, At = at.AddMinutes(1), Kind = MeterKind.Cycles, Value = Math.Max(0, (decimal)(cycles += dice.Between(28_000, 46_000))), ByWhom = technician });
            }
        }
        return all;
    }
}
