using Pms.Core.Demo;
using Pms.Web.Compliance;
using Pms.Web.Configuration;
using Pms.Web.Floor;
using Pms.Web.Floor.WallBoards;
using Pms.Web.Identity;
using Pms.Web.Jobs;
using Pms.Web.Security;
using Pms.Web.Shared;
using Pms.Web.Shared.Api.Docs;

var mode = RunMode.Parse(args);
var builder = WebApplication.CreateBuilder(WebShell.Options([.. mode.Rest]));
if (builder.ReadPmsConfiguration(mode, out var exitCode) is not { } configuration)
    return exitCode;
builder.AddPmsConfiguration(configuration);
builder.AddPmsShell();
builder.AddPmsIdentity(configuration);
builder.Services.AddApiJson();
builder.Services.AddApiDocument();
builder.AddPmsCompliance();
builder.AddPmsJobs();
if (mode.IsDemo)
    builder.Services.AddPmsDemo(configuration.Demo);

var app = builder.Build();
app.UsePmsConfiguration();
app.UsePmsShell();
app.UsePlainHttpRule();
app.UsePmsIdentity();
app.UseUnknownBoards();
app.UseLogLines();
app.UseAntiforgery();
app.MapPmsShell();
app.MapPmsIdentity();
app.MapPmsCompliance();
app.MapMasterDataApi();
app.MapPmsJobs();
app.MapFloorApi();
app.MapApiDocument();
if (await app.PrepareAsync() is { GoOn: false } end)
    return end.ExitCode;
await app.RunAsync();
return 0;

/// <summary>The web host; public so that tests can start it.</summary>
public partial class Program;
