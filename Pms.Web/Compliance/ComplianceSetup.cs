using Pms.Web.Shared.Lists;

namespace Pms.Web.Compliance;

/// <summary>The audit's pages, and what leaves the house as files.</summary>
public static class ComplianceSetup
{
    public static WebApplicationBuilder AddPmsCompliance(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuditWords>().AddSingleton<AuditReports>().AddSingleton<ListExports>().AddSingleton<Machines.PhaseExport>();
        return builder;
    }

    public static void MapPmsCompliance(this IEndpointRouteBuilder routes)
    {
        AuditReports.Map(routes);
        ListExports.Map(routes);
        Machines.PhaseExport.Map(routes);
    }
}
