namespace Pms.Web.Jobs;

/// <summary>What the operator's pages and their API add to the web.</summary>
public static class JobsSetup
{
    public static WebApplicationBuilder AddPmsJobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<JobWords>();
        return builder;
    }

    public static WebApplication MapPmsJobs(this WebApplication app)
    {
        app.MapJobsApi();
        return app;
    }
}
