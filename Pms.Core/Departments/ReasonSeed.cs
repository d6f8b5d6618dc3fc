namespace Pms.Core.Departments;

/// <summary>The lists a new plant starts with, most used first; every word of them may be changed or switched off.</summary>
public static class ReasonSeed
{
    public static IReadOnlyList<Reason> All { get; } =
    [
        .. Numbered(ReasonList.Stop,
            Stop("material", "Material missing", "material", KpiClass.Organisational),
            Stop("breakdown", "Machine broken", "build", KpiClass.Technical, ticket: true),
            Stop("adjust", "Adjusting", "tune", KpiClass.Technical),
            Stop("thread", "Thread, ink or foil change", "thread", KpiClass.Organisational),
            Stop("tool", "Tool or screen change", "tool", KpiClass.Technical),
            Stop("quality", "Quality problem", "quality", KpiClass.Quality),
            Stop("artwork", "Waiting for artwork", "document", KpiClass.Organisational),
            Stop("previous", "Waiting for the step before", "hourglass", KpiClass.Organisational),
            Stop("operator", "No operator", "people", KpiClass.Organisational),
            Stop("cleaning", "Cleaning", "cleaning", KpiClass.Planned),
            Stop("break", "Break", "coffee", KpiClass.Break),
            Stop("meeting", "Meeting", "meeting", KpiClass.Planned),
            Stop("training", "Training", "school", KpiClass.Planned),
            Stop("power", "No power or air", "warning", KpiClass.Technical),
            Stop("other", "Something else", "question", KpiClass.Organisational)),
        .. Numbered(ReasonList.Scrap,
            Of("position", "Wrong position", "ruler"), Of("colour", "Wrong colour", "color"), Of("damaged", "Damaged by the machine", "damage"),
            Of("material", "Material fault", "material"), Of("stain", "Stain or dirt", "stain"), Of("size", "Wrong size", "cut"),
            Of("setup", "Set-up piece", "tune"), Of("artwork", "Artwork wrong", "document"), Of("other", "Something else", "question")),
        .. Numbered(ReasonList.Rework,
            Of("touch_up", "Touch up", "color"), Of("redo", "Do it again", "swap"), Of("clean", "Clean", "cleaning"), Of("trim", "Trim", "cut"),
            Of("other", "Something else", "question")),
        .. Numbered(ReasonList.Hold,
            Of("material", "Material", "material"), Of("capacity", "Capacity", "clock"), Of("machine", "Machine", "machine"), Of("quality", "Quality", "quality"),
            Of("customer", "Customer", "people"), Of("other", "Something else", "question")),
    ];

    private static Reason Of(string code, string word, string icon) => new() { Code = code, Word = word, Icon = icon };

    private static Reason Stop(string code, string word, string icon, KpiClass kpi, bool ticket = false) => Of(code, word, icon) with { KpiClass = kpi, OpensTicket = ticket };

    private static IEnumerable<Reason> Numbered(ReasonList list, params Reason[] reasons) => reasons.Select((r, i) => r with { List = list, Position = (i + 1) * 10 });
}
