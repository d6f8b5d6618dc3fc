using Pms.Core.Departments;

namespace Pms.Core.Jobs;

/// <summary>Released work shows to operators today and the next working day.</summary>
public static class Shown
{
    /// <summary>The end of the department's last shift on its next working day; where no shifts are set, of tomorrow.</summary>
    public static DateTimeOffset Until(PlantCalendar calendar, PlantClock clock, long departmentId)
    {
        var today = calendar.ProductionDay(departmentId, null, clock.Now);
        for (var day = today.AddDays(1); day <= today.AddDays(14); day = day.AddDays(1))
            if (calendar.ShiftsOf(departmentId, null, day) is [.., var last])
                return last.End;
        return clock.At(today, 2 * 24 * 60);
    }
}
