using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;

namespace Pms.Web.Shared.Api;

/// <summary>Every refusal that one endpoint may answer, by status: those of its own and those that the conventions bring with what it takes.</summary>
public static class ApiPromise
{
    /// <summary>Whoever is not let in hears one of these.</summary>
    public static readonly IReadOnlyList<string> SignIn = ["not_signed_in", "session.ended", "session.expired", "session.idle", "session.disabled", "password.change_first", "mfa.enrol_first",
        "api_key.unknown", "api_key.revoked", "api_key.expired", "api_key.owner_disabled"];

    public static SortedDictionary<int, IReadOnlyList<string>> Of(EndpointMetadataCollection metadata, string path, string method)
    {
        var codes = new SortedDictionary<int, SortedSet<string>>();
        void May(int status, params IEnumerable<string> more)
        {
            if (!codes.TryGetValue(status, out var known))
                codes[status] = known = new SortedSet<string>(StringComparer.Ordinal);
            known.UnionWith(more);
        }

        if (metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            May(401, SignIn);
            May(403, "forbidden");
        }
        if (path.Contains('{', StringComparison.Ordinal))
            May(404, "not_found", "no_such_address");
        if (metadata.GetMetadata<IAcceptsMetadata>() is not null)
        {
            May(400, "invalid");
            May(413, "too_big");
            May(415, "not_json");
        }
        if (metadata.GetMetadata<AsksList>() is not null || metadata.GetMetadata<PicksFields>() is not null || metadata.GetMetadata<AsksDepartment>() is not null || metadata.GetMetadata<AsksDays>() is not null)
            May(400, "invalid");
        if (metadata.GetMetadata<TakesKey>() is not null)
        {
            May(400, "invalid");
            May(409, "key_in_flight", "changed_meanwhile");
            May(422, "key_reused");
        }
        if (metadata.GetMetadata<NeedsIfMatch>() is not null)
        {
            May(412, "version_stale");
            May(428, "if_match_needed");
        }
        foreach (var own in metadata.GetOrderedMetadata<MayRefuse>())
            May(own.Status, own.Codes);
        May(429, "too_many_requests");
        May(500, "unexpected");
        May(503, "database_away", "database_busy", "database_unread");
        if (!HttpMethods.IsGet(method))
            May(503, "outcome_unknown");
        return new(codes.ToDictionary(c => c.Key, c => (IReadOnlyList<string>)[.. c.Value]));
    }
}
