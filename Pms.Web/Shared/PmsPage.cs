using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using MudBlazor;
using Pms.Core;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Web.Resources;

namespace Pms.Web.Shared;

/// <summary>The base of every page: it listens before it first loads, loads again when its own things change, and is the one place where a page turns refusals into words.</summary>
public abstract class PmsPage : ComponentBase, IDisposable
{
    private readonly List<IDisposable> _listening = [];
    private readonly CancellationTokenSource _left = new();
    private readonly CultureInfo _numbers = CultureInfo.CurrentCulture, _language = CultureInfo.CurrentUICulture;
    private readonly OwnEvents _own = new();
    private Burst? _burst;

    protected PmsPage() => Left = _left.Token;

    [CascadingParameter] public Me Me { get; set; } = Me.Nobody;

    [Inject] protected IStringLocalizer<Texts> Words { get; set; } = default!;
    [Inject] private RefusalWords Refusals { get; set; } = default!;
    [Inject] private IEventBus Bus { get; set; } = default!;
    [Inject] private TimeProvider Clock { get; set; } = default!;
    [Inject] private Rights Rights { get; set; } = default!;
    [Inject] private ISnackbar Snackbar { get; set; } = default!;
    [Inject] private IDialogService Asking { get; set; } = default!;
    [Inject] private SecurityEvents Security { get; set; } = default!;
    [Inject] private ILoggerFactory Logs { get; set; } = default!;
    [Inject] private IHostApplicationLifetime Node { get; set; } = default!;

    /// <summary>Cancelled when the person leaves the page.</summary>
    protected CancellationToken Left { get; }

    /// <summary>True once <see cref="LoadAsync"/> came back the first time; before that a page shows skeletons.</summary>
    protected bool Loaded { get; private set; }

    /// <summary>Reads what the page shows; called at first and after each event of <see cref="ReloadOn{TEvent}"/>. A refusal here is shown instead of the page.</summary>
    protected virtual Task LoadAsync(CancellationToken ct) => Task.CompletedTask;

    /// <summary>The place for <see cref="ReloadOn{TEvent}"/>; runs before the first load, so that no change falls between.</summary>
    protected virtual void Listen()
    {
    }

    /// <summary>True for pages that show fields which roles may be kept from: they load again when those rules change.</summary>
    protected virtual bool ShowsFields => false;

    /// <summary>Loads again when such an event passes the filter: only what this page shows, or a storm elsewhere redraws it.</summary>
    protected void ReloadOn<TEvent>(Func<TEvent, bool> filter) where TEvent : IEvent => _listening.Add(Hear(filter, null));

    /// <summary>As <see cref="ReloadOn{TEvent}"/>, of these departments only (null: all) and until the page ends it: for a page that a thousand have open and that may come to show others.</summary>
    protected IDisposable Hear<TEvent>(Func<TEvent, bool> filter, IReadOnlyCollection<long>? departments) where TEvent : IEvent =>
        Bus.Subscribe<TEvent>(e => filter(e) && !_own.Has(e), _ => _burst!.Request(), departments);

    /// <summary>Runs a command whose own events need not be heard: the page reads itself again after its answer in any case.</summary>
    protected Task UnheardAsync(Func<Task> command) => _own.RunAsync(command);

    /// <summary>Loads again soon, as after an event.</summary>
    protected void ReloadSoon() => _burst?.Request();

    protected override async Task OnInitializedAsync()
    {
        if (RendererInfo.IsInteractive)
        {
            _burst = new Burst(_ => InvokeAsync(RefreshAsync), Clock, Logs.CreateLogger(GetType()));
            Listen();
            if (ShowsFields)
                Rights.FieldsChanged += _burst.Request;
            if (_listening.Count > 0)
            {
                ReloadOn<EventsMissed>(static _ => true);
            }
        }

        await LoadAsync(Left);
        Loaded = true;
    }

    /// <summary>Runs on the page's own turn, in its reader's culture: an event comes on a thread that knows neither.</summary>
    protected new Task InvokeAsync(Func<Task> work) => base.InvokeAsync(() =>
    {
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (_numbers, _language);
        return work();
    });

    /// <inheritdoc cref="InvokeAsync(Func{Task})"/>
    protected new Task InvokeAsync(Action work) => base.InvokeAsync(() =>
    {
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (_numbers, _language);
        work();
    });

    /// <summary>Reads again because something happened. A node that stops takes away what pages read from before it ends the pages: nobody sees them any more.</summary>
    private async Task RefreshAsync()
    {
        var stopping = Node.ApplicationStopping;
        if (stopping.IsCancellationRequested)
            return;
        try
        {
            await ReloadAsync();
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // it ended meanwhile
        }
    }

    /// <summary>Reads again and redraws.</summary>
    protected async Task ReloadAsync()
    {
        if (Left.IsCancellationRequested)
        {
            return;
        }

        await LoadAsync(Left);
        StateHasChanged();
    }

    /// <summary>Runs a command. Refusals become words on the page, a fault of ours a reference to quote; true when it was done.</summary>
    protected async Task<bool> TryAsync(Func<Task> command, string? done = null)
    {
        Hush();
        try
        {
            await command();
            if (done is not null)
            {
                Say(done, Severity.Success);
            }

            return true;
        }
        catch (PmsException refused)
        {
            if (refused is ForbiddenException forbidden && Me.Actor is { } actor)
            {
                await Security.RefusedAsync(actor, forbidden);
            }

            Say(Refusals.Of(refused), refused is BusyException or OutcomeUnknownException ? Severity.Error : Severity.Warning);
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            return false; // the person left; nobody is there to read it
        }
        catch (Exception fault)
        {
            var reference = Guid.NewGuid().ToString("N")[..10];
            Logs.CreateLogger(GetType()).LogError(fault, "A command failed, reference {Reference}", reference);
            Say(Refusals.Of(new Refusal("unexpected", reference)), Severity.Error);
        }

        return false;
    }

    /// <summary>Runs a command that may ask for a reason; the warnings are shown, and with the reason given it runs once more.</summary>
    protected async Task<bool> TryWithReasonAsync(Func<string?, Task> command, string? done = null)
    {
        IReadOnlyList<Refusal>? warnings = null;
        var ok = await TryAsync(async () =>
        {
            try
            {
                await command(null);
            }
            catch (ReasonNeededException needed)
            {
                warnings = needed.Warnings;
            }
        }, null);
        if (warnings is not null)
        {
            return await AskReasonAsync(string.Join(" ", warnings.Select(Refusals.Of))) is { } reason && await TryAsync(() => command(reason), done);
        }

        if (ok && done is not null)
        {
            Say(done, Severity.Success);
        }

        return ok;
    }

    /// <summary>Asks why a soft rule is overridden; null when the person goes back.</summary>
    protected virtual Task<string?> AskReasonAsync(string warnings) =>
        Asking.AskReasonAsync(Words["Reason_Title"], warnings, Words["Reason_Yes"], Words["Reason_Label"]);

    /// <summary>Before each command: takes the message of the last one away, where it stays.</summary>
    protected virtual void Hush()
    {
    }

    /// <summary>Shows a message; here as a snackbar, on the floor's pages as a line that stays.</summary>
    protected virtual void Say(string text, Severity severity) => Snackbar.Add(text, severity);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _left.Cancel();
        if (ShowsFields && _burst is not null)
            Rights.FieldsChanged -= _burst.Request;
        _burst?.Dispose();
        foreach (var subscription in _listening)
        {
            subscription.Dispose();
        }

        _listening.Clear();
    }
}

/// <summary>A page of the floor: its message stays until the next tap, because nobody watches a corner of the screen with a machine running.</summary>
public abstract class FloorPage : PmsPage
{
    /// <summary>The last message, for <c>&lt;Said What="Last" /&gt;</c>; null when there is none.</summary>
    protected Message? Last { get; private set; }

    /// <summary>A message and how it looks.</summary>
    public sealed record Message(string Text, PlantState State);

    protected override void Hush() => Last = null;

    protected override void Say(string text, Severity severity) =>
        Last = new Message(text, severity switch { Severity.Success => PlantState.Done, Severity.Error => PlantState.Broken, _ => PlantState.Paused });
}
