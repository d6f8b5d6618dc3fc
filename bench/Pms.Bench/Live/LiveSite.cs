using Pms.Bench.Circuits;
using Pms.Bench.Floors.Live;
using Pms.Bench.Support;

namespace Pms.Bench.Live;

/// <summary>A running site with its own database and plant: PMS or the bare one. Both are driven by the same client.</summary>
internal abstract class LiveSite : IAsyncDisposable
{
    private readonly Dictionary<long, Circuit> operators = [];
    private readonly Dictionary<long, Circuit> boards = [];

    public IReadOnlyDictionary<long, Circuit> Operators => operators;
    public IReadOnlyDictionary<long, Circuit> Boards => boards;
    public abstract ChildProcess Process { get; }

    public static async Task<LiveSite> PmsAsync(BenchDatabase database, int people)
    {
        await LivePlant.MakeAsync(database, people);
        return new Pms(await PmsProcess.StartAsync(database));
    }

    public static async Task<LiveSite> BareAsync(BenchDatabase database, int people)
    {
        await LivePlant.MakeAsync(database, people);
        var (process, address) = await BareBlazor.StartAsync(database, people);
        return new Bare(process, address);
    }

    /// <summary>Opens operators' pages, one per person, until there are so many; a few at a time.</summary>
    public async Task OpenOperatorsAsync(int until)
    {
        var missing = Enumerable.Range(1, until).Select(p => (long)p).Where(p => !operators.ContainsKey(p)).ToList();
        await Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (person, _) =>
        {
            var circuit = await OpenOperatorAsync(person);
            lock (operators)
                operators[person] = circuit;
        });
    }

    /// <summary>Opens one board for each department, or more of the first's where more are wanted.</summary>
    public async Task OpenBoardsAsync(int until)
    {
        for (var board = boards.Count + 1; board <= until; board++)
            boards[board] = await OpenBoardAsync(board);
    }

    /// <summary>Opens so many pages with a form and types a figure into each; a few at a time.</summary>
    public Task OpenFormsAsync(int count, int figure) => Parallel.ForEachAsync(Enumerable.Range(1, count), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (person, _) =>
    {
        var circuit = await OpenFormAsync(person, figure);
        await circuit.UntilAsync(n => IsFigure(n, person, figure));
        lock (operators)
            operators[person] = circuit;
    });

    /// <summary>What the person's page says of the running job: Running or Paused.</summary>
    public string StatusOf(long person) => operators[person].Read(p => p.Find(n => IsJob(n, person)))?["data-status"] ?? throw new InvalidOperationException($"The page of {person} shows no job.");

    public abstract Task<Circuit> OpenBoardAsync(long department);

    public abstract bool IsJob(PageNode node, long person);

    /// <summary>The button that pauses a running job or resumes a paused one.</summary>
    public abstract bool IsButton(PageNode node, long person, string status);

    /// <summary>Where a form shows the figure that was typed into it.</summary>
    public abstract bool IsFigure(PageNode node, long person, int figure);

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var circuit in operators.Values.Concat(boards.Values))
            await circuit.DisposeAsync();
        Process.Dispose();
    }

    protected abstract Task<Circuit> OpenOperatorAsync(long person);

    /// <summary>A page with this figure typed and not sent.</summary>
    protected abstract Task<Circuit> OpenFormAsync(long person, int figure);

    private sealed class Pms(PmsProcess pms) : LiveSite
    {
        private readonly Visitor manager = new(pms.Address);
        private bool signedIn;

        public override ChildProcess Process => pms.Process;

        public override bool IsJob(PageNode node, long person) => node.Tag == "article" && node["data-job"] == $"{LivePlant.JobOf(person)}";

        public override bool IsButton(PageNode node, long person, string status)
        {
            if (node.Tag != "button" || node["class"]?.Contains(status == "Running" ? "btn-halt" : "btn-go", StringComparison.Ordinal) != true)
                return false;
            var card = node;
            while (card is not null && !IsJob(card, person))
                card = card.Parent;
            return card is not null;
        }

        public override async Task<Circuit> OpenBoardAsync(long department)
        {
            if (!signedIn)
                await manager.SignInWithPasswordAsync(LivePlant.Manager, LivePlant.Password);
            signedIn = true;
            return await Circuit.OpenAsync(manager, $"/manager/floor?department={department}", n => n.Has("data-machine"));
        }

        protected override async Task<Circuit> OpenOperatorAsync(long person)
        {
            var visitor = new Visitor(pms.Address);
            await visitor.SignInWithPinAsync(LivePlant.NumberOf(person), LivePlant.Pin);
            return await Circuit.OpenAsync(visitor, "/operator", n => IsJob(n, person));
        }

        public override bool IsFigure(PageNode node, long person, int figure) => node.Tag == "output" && node.Children is [var shown, ..] && shown.InnerText == $"{figure}";

        protected override async Task<Circuit> OpenFormAsync(long person, int figure)
        {
            var circuit = await OpenOperatorAsync(person);
            await circuit.ClickAsync(n => n.Tag == "button" && n["class"]?.Contains("btn-primary first", StringComparison.Ordinal) == true);
            await circuit.UntilAsync(n => IsFigure(n, person, 0));
            var typed = 0;
            foreach (var digit in $"{figure}")
            {
                await circuit.ClickAsync(n => n.Tag == "button" && n.InnerText == $"{digit}");
                typed = typed * 10 + (digit - '0');
                await circuit.UntilAsync(n => IsFigure(n, person, typed));   // each key draws the pad anew
            }
            return circuit;
        }
    }

    private sealed class Bare(ChildProcess process, Uri address) : LiveSite
    {
        public override ChildProcess Process => process;

        public override bool IsJob(PageNode node, long person) => node["data-job"] == $"{person}";

        public override bool IsButton(PageNode node, long person, string status) => IsJob(node, person);

        public override Task<Circuit> OpenBoardAsync(long department) => Circuit.OpenAsync(new Visitor(address), $"/board/{department}", n => n.Has("data-state"));

        protected override Task<Circuit> OpenOperatorAsync(long person) => Circuit.OpenAsync(new Visitor(address), $"/tap/{person}", n => IsJob(n, person));

        public override bool IsFigure(PageNode node, long person, int figure) => node["data-form"] == $"{person}" && node.InnerText == $"{figure}";

        protected override async Task<Circuit> OpenFormAsync(long person, int figure)
        {
            var circuit = await Circuit.OpenAsync(new Visitor(address), $"/form/{person}", n => IsFigure(n, person, 0));
            await circuit.TypeAsync(n => n.Tag == "input", $"{figure}");
            return circuit;
        }
    }
}
