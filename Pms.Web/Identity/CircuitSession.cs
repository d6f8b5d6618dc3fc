using Microsoft.AspNetCore.Components.Server.Circuits;
using Pms.Core.Identity.Sessions;

namespace Pms.Web.Identity;

/// <summary>A page in use keeps its session awake: what the person does counts, what the server sends doesn't.</summary>
public sealed class CircuitSession(SessionService sessions) : CircuitHandler
{
    /// <summary>The session of this circuit; the guard sets it.</summary>
    public string? SessionId { get; set; }

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => context =>
    {
        if (SessionId is { } id)
            sessions.Touch(id);   // only remembered here: a tap must not be slower for it
        return next(context);
    };
}
