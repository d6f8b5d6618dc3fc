using Microsoft.Extensions.DependencyInjection;
using Pms.Core.Demo.Simulation;

namespace Pms.Core.Demo;

/// <summary>The services of the demo, added only when the program is started as one.</summary>
public static class DemoRegistration
{
    public static IServiceCollection AddPmsDemo(this IServiceCollection services, DemoSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<DemoProgress>()
        .AddSingleton<DemoMasterRepository>()
        .AddSingleton<DemoRepository>()
        .AddSingleton<DemoSeeder>()
        .AddSingleton<DemoFloorQueries>()
        .AddSingleton<Simulator>()
        .AddHostedService<DemoHost>()
        .AddHostedService(sp => sp.GetRequiredService<Simulator>());
}
