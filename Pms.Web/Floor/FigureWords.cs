using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Localization;
using Pms.Core.Floor;

namespace Pms.Web.Floor;

/// <summary>The numbers row in words, made once for all boards that show the same departments in the same language.</summary>
public sealed class FigureWords(IStringLocalizer<FloorTexts> words)
{
    private readonly ConditionalWeakTable<OverviewView, ConcurrentDictionary<(string Numbers, string Language), Said>> said = [];

    public Said Of(OverviewView view) => said.GetOrCreateValue(view).GetOrAdd((CultureInfo.CurrentCulture.Name, CultureInfo.CurrentUICulture.Name), _ => Say(view));

    private Said Say(OverviewView view)
    {
        int Machines(params ReadOnlySpan<MachineState> states)
        {
            var sum = 0;
            foreach (var state in states)
                sum += view.Machines.GetValueOrDefault(state);
            return sum;
        }
        return new Said
        {
            Label = words["Figures"],
            Running = words["Running"],
            RunningCount = Count(view.Running),
            RunningOf = words["Running_Of", Machines(MachineState.Running, MachineState.SetUp, MachineState.SetUpLong), view.MachineCount],
            Waiting = words["Waiting"],
            WaitingCount = Count(view.Waiting),
            Paused = words["Waiting_Paused", view.Paused],
            Late = words["Late"],
            LateCount = Count(view.Late),
            AnyLate = view.Late > 0,
            LateOrders = words["Late_Orders", view.OrdersLate, view.OrdersAtRisk],
            Done = words["Done"],
            DoneCount = FloorWords.Number(view.Done),
            Target = view.Target is { } target ? words["Done_Target", FloorWords.Number(target)] : words["Done_NoTarget"],
            TargetShare = view.Target is { } of ? FloorWords.Percent((double)(view.Done / of)) : null,
            Scrap = words["Scrap"],
            ScrapShare = FloorWords.Percent(view.ScrapShare, 1),
            ScrapOf = words["Scrap_Of"],
            Oee = words["Oee"],
            OeeShare = FloorWords.Percent(view.Oee.Value),
            OeeParts = view.Oee.Value is null ? words["Oee_None"] : words["Oee_Parts", FloorWords.Points(view.Oee.Availability), FloorWords.Points(view.Oee.Effectiveness), FloorWords.Points(view.Oee.Quality)],
            Unreported = view.Oee.IsPoorlyReported ? words["Oee_Unreported", FloorWords.Points(view.Oee.Unreported)].Value : null,
            ClockedIn = words["ClockedIn"],
            ClockedInCount = Count(view.ClockedIn),
            Shift = view.Shift is null ? words["Shift_None"] : words["Shift", view.Shift],
        };
    }

    private static string Count(int figure) => figure.ToString(CultureInfo.CurrentCulture);

    /// <summary>Every word and figure of the row.</summary>
    public sealed record Said
    {
        public required string Label { get; init; }
        public required string Running { get; init; }
        public required string RunningCount { get; init; }
        public required string RunningOf { get; init; }
        public required string Waiting { get; init; }
        public required string WaitingCount { get; init; }
        public required string Paused { get; init; }
        public required string Late { get; init; }
        public required string LateCount { get; init; }
        public required bool AnyLate { get; init; }
        public required string LateOrders { get; init; }
        public required string Done { get; init; }
        public required string DoneCount { get; init; }
        public required string Target { get; init; }
        public required string? TargetShare { get; init; }
        public required string Scrap { get; init; }
        public required string ScrapShare { get; init; }
        public required string ScrapOf { get; init; }
        public required string Oee { get; init; }
        public required string OeeShare { get; init; }
        public required string OeeParts { get; init; }
        public required string? Unreported { get; init; }
        public required string ClockedIn { get; init; }
        public required string ClockedInCount { get; init; }
        public required string Shift { get; init; }
    }
}
