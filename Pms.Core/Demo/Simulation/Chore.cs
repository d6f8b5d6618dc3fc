namespace Pms.Core.Demo.Simulation;

/// <summary>Something one of the demo's people would do now; a refused one is left alone for a minute.</summary>
internal sealed record Chore(string Key, DateTimeOffset Due, Func<CancellationToken, Task> DoAsync);
