using Microsoft.AspNetCore.Authorization;
using Pms.Core.Identity;

namespace Pms.Web.Identity;

/// <summary>The page is shown to who holds the permission, anywhere; its commands are checked by the services all the same.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsAttribute(string permission) : AuthorizeAttribute(PolicyPrefix + permission)
{
    public const string PolicyPrefix = "needs:";

    public string Permission => permission;
}

/// <summary>The permission a policy asks for.</summary>
public sealed record NeededPermission(string Permission) : IAuthorizationRequirement;

/// <summary>Asks the rights snapshot, at each page and request.</summary>
public sealed class NeedsHandler(Rights rights) : AuthorizationHandler<NeededPermission>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, NeededPermission requirement)
    {
        if (PmsClaims.ActorOf(context.User) is { } actor && rights.Now.Anywhere(actor, requirement.Permission))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
