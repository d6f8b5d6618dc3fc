using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Mvc;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Pms.Bench.Support;
using Pms.Core.Data;

namespace Pms.Bench.Floors;

/// <summary>The bare program beside PMS's API: a minimal API that checks a signed token and writes the same rows in one database call.</summary>
internal static class BareApi
{
    /// <summary>The word that makes this program be the bare API; the bench starts itself with it.</summary>
    public const string Command = "bare-api";

    private sealed record StartBody(long? MachineId);

    private sealed record FinishBody(decimal Good);

    private sealed record Answer(long JobId, string Status, string? Phase, int Version);

    public static async Task RunAsync(Options options)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(options.Text("url")!);
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(o =>
        {
            o.MapInboundClaims = false;
            o.TokenValidationParameters = new TokenValidationParameters { ValidIssuer = Command, ValidAudience = Command, IssuerSigningKey = KeyOf(options.Text("secret")!) };
        });
        builder.Services.AddAuthorization();
        await using var floor = await CommandFloor.OpenAsync(new DbSettings { Dialect = Dialect.Named(options.Text("engine")!), ConnectionString = options.Text("database")! });
        await using var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/", () => "ready");
        var jobs = app.MapGroup("/api/v1/jobs").RequireAuthorization();
        jobs.MapPost("/{id:long}/start", async (ClaimsPrincipal user, long id, StartBody body, [FromHeader(Name = "Idempotency-Key")] string key) =>
        {
            await floor.TapAsync(Tap.Start, id / Seed.Stages, StageOf(id), body.MachineId ?? PersonOf(user), key, reported: false);
            return new Answer(id, "Running", "Run", 2);
        });
        jobs.MapPost("/{id:long}/finish", async (ClaimsPrincipal user, long id, FinishBody body, [FromHeader(Name = "Idempotency-Key")] string key) =>
        {
            await floor.TapAsync(Tap.Finish, id / Seed.Stages, StageOf(id), PersonOf(user), key, reported: body.Good < Seed.Quantity);
            return new Answer(id, "Finished", null, 3);
        });
        await app.RunAsync();
    }

    /// <summary>A token for one person.</summary>
    public static string TokenOf(long person, string secret) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Command, Audience = Command, Expires = DateTime.UtcNow.AddHours(1), Subject = new ClaimsIdentity([new Claim("sub", $"{person}")]),
        SigningCredentials = new SigningCredentials(KeyOf(secret), SecurityAlgorithms.HmacSha256),
    });

    private static SymmetricSecurityKey KeyOf(string secret) => new(Encoding.UTF8.GetBytes(secret));

    private static int StageOf(long job) => (int)(job % Seed.Stages) + 1;

    private static long PersonOf(ClaimsPrincipal user) => long.Parse(user.FindFirstValue("sub")!, System.Globalization.CultureInfo.InvariantCulture);
}
