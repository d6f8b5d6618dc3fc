using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Pms.Tests.Support;

/// <summary>The screens PMS promises to work on.</summary>
public enum Screen
{
    /// <summary>A small phone, 360×640, with touch.</summary>
    Phone,

    /// <summary>A 10.1" shop-floor terminal, 1280×800, with touch.</summary>
    Terminal,

    /// <summary>A tablet upright, 768×1024, with touch.</summary>
    Tablet,

    /// <summary>A manager's desk, 1440×900.</summary>
    Desktop,
}

/// <summary>
/// One person's browser: a context and a page of its own in the one Chromium of this test process.
/// Whatever the console calls an error (a blocked script or style, an exception, a missing file) fails the test when it is disposed.
/// </summary>
public sealed partial class Browser : IAsyncDisposable
{
    /// <summary>
    /// The tests with a browser stand in two lines of about the same length: people and master data here, planning and the floor in <see cref="SecondLine"/>.
    /// In a line they run one after the other, for one of them keeps more than one core busy, and several at once only wait for each other.
    /// </summary>
    public const string Line = "Browsers";

    /// <summary>The other line; with one alone, half a run had nothing beside it, and cores were idle whenever a page or its server waited for the other.</summary>
    public const string SecondLine = "Browsers of the plan";

    /// <summary>How long anything may take, in ms, on a machine that does much else meanwhile; a test that passes never waits for it.</summary>
    private const int Patience = 60_000;
    /// <summary>Each serious or critical fault in words: the rule, the elements, why.</summary>
    private const string LookForFaults = """
        async rules => {
            const options = { resultTypes: ['violations'], preload: false };
            if (rules)
                options.runOnly = { type: 'rule', values: rules };
            return (await axe.run(document, options)).violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v =>
                `${v.impact} ${v.id}: ${v.help}` + v.nodes.slice(0, 5).map(n => `\n  ${n.target}: ${n.html}\n    ${[...n.any, ...n.all, ...n.none].map(c => c.message).join('; ')}`).join(''));
        }
        """;
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();
    private static readonly Lazy<Task<IBrowser>> Chromium = new(() => Task.Run(LaunchAsync));
    private readonly ConcurrentQueue<string> problems = [];
    private readonly List<string> expected = [];
    private readonly IBrowserContext context;
    private readonly bool dark;

    private Browser(IBrowserContext context, IPage page, bool dark)
    {
        (this.context, Page, this.dark) = (context, page, dark);
        context.Page += (_, opened) => Watch(opened);
        Watch(page);
    }

    public IPage Page { get; }

    /// <summary>Opens a browser on the app's address, without any cookie.</summary>
    public static async Task<Browser> OpenAsync(Uri address, Screen screen, bool dark = false)
    {
        var touch = screen is not Screen.Desktop;
        var context = await (await Chromium.Value).NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ViewportSize = screen switch
            {
                Screen.Phone => new() { Width = 360, Height = 640 },
                Screen.Terminal => new() { Width = 1280, Height = 800 },
                Screen.Tablet => new() { Width = 768, Height = 1024 },
                _ => new() { Width = 1440, Height = 900 },
            },
            HasTouch = touch,
            IsMobile = touch,
            ColorScheme = Scheme(dark),
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
        });
        context.SetDefaultTimeout(Patience);
        context.SetDefaultNavigationTimeout(Patience);
        return new(context, await context.NewPageAsync(), dark);
    }

    /// <summary>Goes to a page of the app and waits until it answers taps, where it is an interactive one.</summary>
    public async Task GoToAsync(string path, bool interactive = true)
    {
        await Page.GotoAsync(path);
        if (interactive)
            await InteractiveAsync();
    }

    /// <summary>Waits for the mark that the layout sets after its first interactive render: taps before it go nowhere.</summary>
    public Task InteractiveAsync() => Page.Locator("[data-interactive]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });

    /// <summary>Taps, and taps again when nothing came of it, until the expected element is seen: for pages that carry no mark.</summary>
    public static Task TapUntilAsync(ILocator target, ILocator seen) => Eventually.PassesAsync(async () =>
    {
        if (!await seen.IsVisibleAsync())
            await target.ClickAsync(new() { Timeout = 2_000 });
        await seen.WaitForAsync(new() { Timeout = 2_000 });
    });

    /// <summary>Gives a file, and again when nothing came of it, until the expected element is seen: the part listens a moment after it is drawn.</summary>
    public static Task GiveFileAsync(ILocator input, FilePayload file, ILocator seen) => Eventually.PassesAsync(async () =>
    {
        if (!await seen.IsVisibleAsync())
            await input.SetInputFilesAsync(file, new() { Timeout = 2_000 });
        await seen.WaitForAsync(new() { Timeout = 8_000 });
    });

    /// <summary>Allows one console error, by a part of its text: for a test that provokes it.</summary>
    public void Expect(string part) => expected.Add(part);

    /// <summary>Takes the messages at the page's foot away, as a person does who has read them: by themselves they go after eight seconds, and till then they cover what axe looks at.</summary>
    public Task MessagesReadAsync() => Eventually.PassesAsync(async () =>
    {
        var shown = Page.Locator(".mud-snackbar");
        if (await shown.CountAsync() > 0)
            await shown.First.GetByRole(AriaRole.Button).ClickAsync(new() { Timeout = 2_000 });
        Assert.Equal(0, await shown.CountAsync());
    });

    /// <summary>
    /// Fails on anything axe-core calls serious or critical on the page, and on poor contrast in the other theme, once the page has settled:
    /// the title is away for a moment while it becomes interactive.
    /// </summary>
    /// <param name="settles">How long a fault may still go away by itself.</param>
    public Task AccessibleAsync(TimeSpan? settles = null) => Eventually.PassesAsync(AccessibleNowAsync, settles ?? TimeSpan.FromSeconds(10));

    private async Task AccessibleNowAsync()
    {
        await Assertions.Expect(Page).ToHaveTitleAsync(AnyTitle());
        // The library's own call opens a second page for its answer and looks at frames, which PMS has none of; it takes three times as long.
        if (!await Page.EvaluateAsync<bool>("() => typeof axe === 'object'"))
            await Page.EvaluateAsync(Axe);
        await NoFaultsAsync(dark, null);
        await Page.EmulateMediaAsync(new() { ColorScheme = Scheme(!dark) });
        try
        {
            await NoFaultsAsync(!dark, ["color-contrast"]);
        }
        finally
        {
            await Page.EmulateMediaAsync(new() { ColorScheme = Scheme(dark) });
        }
    }

    private async Task NoFaultsAsync(bool inTheDark, string[]? rules)
    {
        var found = await Page.EvaluateAsync<string[]>(LookForFaults, rules);
        Assert.True(found.Length == 0, $"axe-core finds on {Page.Url}, {(inTheDark ? "dark" : "light")}:\n{string.Join('\n', found)}");
    }

    /// <summary>Fails when the page can be scrolled sideways.</summary>
    public async Task FitsAsync()
    {
        var overflow = await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{Page.Url} is {overflow} px wider than the screen.");
    }

    /// <summary>Keeps a picture of the page in artifacts/screenshots.</summary>
    public Task ScreenshotAsync(string name, bool fullPage = false) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(TestRun.Repository, "artifacts", "screenshots", name + ".png"), FullPage = fullPage });

    public async ValueTask DisposeAsync()
    {
        var url = Page.Url;
        await context.DisposeAsync();
        var found = problems.Where(p => !expected.Any(p.Contains)).ToList();
        Assert.True(found.Count == 0, $"The browser's console shows errors (last on {url}):\n{string.Join('\n', found)}");
    }

    private void Watch(IPage page)
    {
        page.Console += (_, message) =>
        {
            if (message.Type == "error" || message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
                problems.Enqueue($"{message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => problems.Enqueue(error);
        page.Crash += (_, _) => problems.Enqueue("The page crashed.");
    }

    private static ColorScheme Scheme(bool dark) => dark ? ColorScheme.Dark : ColorScheme.Light;

    [GeneratedRegex(".")]
    private static partial Regex AnyTitle();

    private static async Task<IBrowser> LaunchAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience);   // Playwright's own 5 s are too few for two busy cores
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Servers.Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        TestRun.AtExit(playwright.Dispose);   // its driver ends the browser
        return browser;
    }
}
