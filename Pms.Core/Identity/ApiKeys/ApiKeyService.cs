using System.Collections.Concurrent;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Events;

namespace Pms.Core.Identity.ApiKeys;

/// <summary>
/// Makes, checks and revokes API keys. A node's picture of a key is at most ten seconds old, so that one that was revoked, has expired or whose
/// creator is disabled stops everywhere within that time; this node knows at once.
/// </summary>
public sealed class ApiKeyService : IDisposable
{
    /// <summary>Being used is written at most this often.</summary>
    public static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    /// <summary>A revocation can be taken back for this long.</summary>
    public static readonly TimeSpan RestoreWithin = TimeSpan.FromMinutes(10);

    private const int MostKept = 5_000, PrefixLength = 12;

    private readonly Commands commands;
    private readonly Db db;
    private readonly ApiKeyRepository keys;
    private readonly AuditLog audit;
    private readonly Rights rights;
    private readonly IdentitySettings settings;
    private readonly PlantClock clock;
    private readonly IDisposable[] subscriptions;
    private readonly ConcurrentDictionary<string, Picture> pictures = new();

    public ApiKeyService(Commands commands, Db db, ApiKeyRepository keys, AuditLog audit, Rights rights, IdentitySettings settings, PlantClock clock, IEventBus bus)
    {
        (this.commands, this.db, this.keys, this.audit, this.rights, this.settings, this.clock) = (commands, db, keys, audit, rights, settings, clock);
        subscriptions =
        [
            bus.Subscribe<ApiKeyChanged>(_ => true, _ => pictures.Clear()), bus.Subscribe<RightsChanged>(_ => true, _ => pictures.Clear()), bus.Subscribe<EventsMissed>(_ => true, _ => pictures.Clear()),
        ];
    }

    /// <summary>How the list can be asked; without a wish those come first that are not revoked.</summary>
    public static ListShape Shape => ApiKeyRepository.Shape;

    public Task<Page<ApiKey>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminApiKeys);
        return keys.PageAsync(request, ct);
    }

    public async Task<ApiKey> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminApiKeys);
        return await keys.FindAsync(id, ct) ?? throw new NotFoundException("api_key", id);
    }

    /// <summary>What a key of this actor may be given: what they hold themselves, without administration.</summary>
    public IReadOnlyList<string> Grantable(Actor actor) => [.. Permissions.All.Where(p => Permissions.ForKeys.Contains(p) && rights.Now.Anywhere(actor, p))];

    /// <summary>
    /// Makes a key that acts for the actor; the second half of the answer is the key itself, which nobody can read again: a repeat of the
    /// command answers the key without it.
    /// </summary>
    /// <exception cref="ForbiddenException">A permission that the actor lacks, or no user to act for.</exception>
    public async Task<(ApiKey Key, string? Token)> CreateAsync(Actor actor, CreateApiKey request, CancellationToken ct = default)
    {
        new CreateApiKeyValidator(clock.Today).Demand(request);
        rights.Demand(actor, Permissions.AdminApiKeys);
        if (actor.UserId is not { } user)
            throw new ForbiddenException(Permissions.AdminApiKeys);
        rights.DemandCovers(actor, request.Permissions.Select(p => KeyValuePair.Create(p, Scope.Own)));
        var departments = request.Departments.Distinct().Order().ToList();
        if (departments.Count > 0 && await keys.KnownDepartmentsAsync(departments, ct) != departments.Count)
            throw new InvalidException(nameof(request.Departments), "unknown_value");
        var token = ApiKey.Begin + Token.New();
        var key = new ApiKey
        {
            Name = Text.Clean(request.Name), Prefix = token[..PrefixLength], UserId = user, Permissions = [.. request.Permissions.Distinct().Order(StringComparer.Ordinal)], Departments = departments,
            PerMinute = request.PerMinute, CreatedAt = clock.Now, ExpiresAt = clock.At(request.ExpiresOn.AddDays(1), 0),
        };
        var id = await commands.RunAsync(actor, "api_key.create", actor.CommandKey, request, async tx =>
        {
            var id = await keys.InsertAsync(tx, key, token);
            audit.Write(tx, actor, "api_key.create", "api_key", id, AuditLog.Diff(null, key));
            tx.Raise(new ApiKeyChanged(id));
            return id;
        }, ct);
        return await keys.FindByTokenAsync(token, ct) is { } made ? (made, token) : ((await keys.FindAsync(id, ct))!, null);
    }

    /// <summary>The key stops: here at once, on other nodes within seconds. For ten minutes it can be restored.</summary>
    public Task RevokeAsync(Actor actor, long id, CancellationToken ct = default) => TurnAsync(actor, id, "api_key.revoke", tx => ApiKeyRepository.RevokeAsync(tx, id, clock.Now), null, ct);

    /// <summary>Takes a revocation back.</summary>
    /// <exception cref="RuleException">api_key.restore_too_late: make a new key instead.</exception>
    public Task RestoreAsync(Actor actor, long id, CancellationToken ct = default) =>
        TurnAsync(actor, id, "api_key.restore", tx => ApiKeyRepository.RestoreAsync(tx, id, clock.Now - RestoreWithin), new RuleException("api_key.restore_too_late", RestoreWithin.TotalMinutes), ct);

    /// <summary>The key behind a token if it holds, else why it doesn't, as a code.</summary>
    public async Task<(ApiKey? Key, string? WhyNot)> CheckAsync(string token, string? ip, CancellationToken ct = default)
    {
        var (id, now) = (Token.Hash(token), clock.Now);
        if (!pictures.TryGetValue(id, out var picture) || now - picture.At >= settings.SessionFreshness || now < picture.At)
        {
            if (pictures.Count > MostKept)
                pictures.Clear();
            if (await keys.FindByTokenAsync(token, ct) is not { } read)
                return (null, "api_key.unknown");
            picture = pictures[id] = new(read, now);
        }
        var key = picture.Key;
        if (key.StateAt(now) is var state && state != ApiKeyState.Active)
            return (null, state switch { ApiKeyState.Revoked => "api_key.revoked", ApiKeyState.Expired => "api_key.expired", _ => "api_key.owner_disabled" });
        if (!(now - key.LastUsedAt < TouchEvery))
        {
            pictures[id] = picture with { Key = key with { LastUsedAt = now, LastIp = ip } };
            await keys.TouchAsync(key.Id, now, ip, ct);
        }
        return (key, null);
    }

    private async Task TurnAsync(Actor actor, long id, string action, Func<Tx, Task<bool>> turn, RuleException? otherwise, CancellationToken ct)
    {
        var before = await GetAsync(actor, id, ct);
        await db.InTransactionAsync(async tx =>
        {
            if (!await turn(tx))
            {
                if (otherwise is not null)
                    throw otherwise;
                return;
            }
            audit.Write(tx, actor, action, "api_key", id, new Dictionary<string, object?[]> { ["Key"] = [before.Name, before.Prefix] });
            tx.Raise(new ApiKeyChanged(id));
        }, ct);
        pictures.Clear();
    }

    public void Dispose()
    {
        foreach (var subscription in subscriptions)
            subscription.Dispose();
    }

    private sealed record Picture(ApiKey Key, DateTimeOffset At);
}
