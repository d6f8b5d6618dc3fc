using System.Diagnostics;
using Pms.Core;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.SignIns;
using Pms.Tests.Support;

namespace Pms.Tests.Configuration;

/// <summary>The program's own commands, run as people run them.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public async Task Check_config_ends_with_0_when_all_is_well_and_1_when_not()
    {
        var (good, output, _) = await RunAsync("Development", "check-config", "--Plant:Name=Lakeside");
        Assert.Equal(0, good);
        Assert.Contains("Lakeside", output, StringComparison.Ordinal);
        Assert.Contains("command line", output, StringComparison.Ordinal);

        var (bad, _, errors) = await RunAsync("Production", "check-config", "--DB_PORT=x");
        Assert.Equal(1, bad);
        Assert.Contains("DB_PORT", errors, StringComparison.Ordinal);
        Assert.Contains("JWT_SECRET_KEY", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_without_migrating_is_refused_until_the_migrate_command_ran_and_the_audit_verifies()
    {
        var folder = TestRun.NewPath("migrate");
        var (refused, _, errors) = await RunAsync("Development", $"--Data:Folder={folder}", "--Database:MigrateAtStart=false", "--urls=http://127.0.0.1:0");
        Assert.Equal(1, refused);
        Assert.Contains("migrate", errors, StringComparison.Ordinal);

        var (ran, output, _) = await RunAsync("Development", "migrate", $"--Data:Folder={folder}");
        Assert.Equal(0, ran);
        Assert.Contains("0001_ground", output, StringComparison.Ordinal);

        var (again, second, _) = await RunAsync("Development", "migrate", $"--Data:Folder={folder}");
        Assert.Equal((0, true), (again, second.Contains("up to date", StringComparison.Ordinal)));

        var (whole, said, _) = await RunAsync("Development", "audit", "verify", $"--Data:Folder={folder}");
        Assert.Equal((0, true), (whole, said.Contains("WHOLE", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "audit")).FullName, "2026-01-05.json"), "{}");
        var (broken, why, _) = await RunAsync("Development", "audit", "verify", $"--Data:Folder={folder}");
        Assert.Equal((1, true), (broken, why.Contains("2026-01-05.json has no valid signature", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_last_administrator_without_phone_and_codes_gets_back_in_by_the_server()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        var (signIn, service) = (app.Get<SignInService>(), app.Get<SecondFactorService>());
        var me = (await signIn.WithPasswordAsync("chief", Visitors.Password, new() { Ip = "192.0.2.1" })).Session.ToActor(Channel.Page, null, null, null);
        var secret = (await service.StartAsync(me, Visitors.Password)).Secret;
        await service.ConfirmAsync(me, TimeCodes.At(secret, app.Get<PlantClock>().Now));
        await Assert.ThrowsAsync<SecondFactorNeededException>(() => signIn.WithPasswordAsync("chief", Visitors.Password, new() { Ip = "192.0.2.1" }));

        string[] here = [$"--Data:Folder={app.DataFolder}", "--Database:Kind=sqlite", $"--Database:ConnectionString={app.Database.ConnectionString}"];
        var (unknown, said, _) = await RunAsync("Development", ["user", "reset-second-factor", "nobody", .. here]);
        Assert.Equal((1, true), (unknown, said.Contains("There is no user nobody", StringComparison.Ordinal)));
        var (reset, done, errors) = await RunAsync("Development", ["user", "reset-second-factor", "Chief", .. here]);
        Assert.True(reset == 0, done + errors);
        Assert.Contains("chief", done, StringComparison.Ordinal);
        await signIn.WithPasswordAsync("chief", Visitors.Password, new() { Ip = "192.0.2.1" });
        Assert.Equal("Console", (await app.Get<Pms.Core.Data.Db>().ListAsync<string>("SELECT channel FROM audit WHERE action = 'mfa.reset'")).Single());
        Assert.Equal(1, (await RunAsync("Development", ["user", "reset-second-factor", "chief", .. here])).Code);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string environment, params string[] args)
    {
        if (!args.Any(a => a.StartsWith("--Data:Folder", StringComparison.Ordinal)))
            args = [.. args, $"--Data:Folder={TestRun.NewPath("data")}"];
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = TestRun.Repository };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("DB_", StringComparison.Ordinal) || k is "REDIS_URL" or "JWT_SECRET_KEY").ToList())
            start.Environment.Remove(name);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail("It did not end: " + await output);
        }
        return (process.ExitCode, await output, await errors);
    }
}
