using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Pms.Core.Identity;
using Pms.Core.Identity.Sessions;
using Pms.Web.Configuration;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>
/// Access tokens of the API: signed, good for 15 minutes, naming the session and nothing else. The session's row decides at each request,
/// so that an ended one or a disabled account bites although the token is still young.
/// </summary>
public sealed class ApiTokens(PmsConfiguration configuration, IdentitySettings settings, TimeProvider time) : IConfigureNamedOptions<JwtBearerOptions>
{
    private const string Issuer = "pms";

    private readonly SymmetricSecurityKey key = new(SHA256.HashData(Encoding.UTF8.GetBytes("pms access token\n" + configuration.JwtSecret.Value)));

    public (string Token, int Seconds) Create(Session session)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer, Audience = Issuer, IssuedAt = now, NotBefore = now, Expires = now + settings.AccessToken,
            Subject = new ClaimsIdentity([new Claim("sid", session.Id)]), SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256),
        });
        return (token, (int)settings.AccessToken.TotalSeconds);
    }

    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        if (name != JwtBearerDefaults.AuthenticationScheme)
            return;
        options.MapInboundClaims = false;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = Issuer, ValidAudience = Issuer, IssuerSigningKey = key, ValidAlgorithms = [SecurityAlgorithms.HmacSha256], RequireExpirationTime = true,
            LifetimeValidator = (from, until, _, _) => time.GetUtcNow().UtcDateTime is var now && from <= now + TimeSpan.FromMinutes(1) && now < until,
        };
        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = CheckAsync,
            OnChallenge = async context =>
            {
                context.HandleResponse();
                context.Response.Headers.WWWAuthenticate = "Bearer";
                await ApiErrors.WriteAsync(context.HttpContext, new Core.UnauthenticatedException(context.HttpContext.Items[CookieSessions.WhyOver] as string ?? "not_signed_in"));
            },
            OnForbidden = context => ApiErrors.WriteAsync(context.HttpContext, new Core.ForbiddenException("api")),
        };
    }

    private static async Task CheckAsync(TokenValidatedContext context)
    {
        var http = context.HttpContext;
        var sessions = http.RequestServices.GetRequiredService<SessionService>();
        var id = context.Principal?.FindFirst("sid")?.Value;
        var (session, why) = id is null ? (null, "session.ended") : await sessions.CheckAsync(id, http.RequestAborted);
        if (session is not { Kind: SessionKind.Api })
        {
            http.Items[CookieSessions.WhyOver] = why ?? "session.ended";
            context.Fail("The session is over.");
            return;
        }
        context.Principal = PmsClaims.Principal(session, http);
        await sessions.TouchAsync(session.Id, http.RequestAborted);
    }
}
