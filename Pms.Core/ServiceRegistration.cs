using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Pms.Core.Audit;
using Pms.Core.Audit.Retention;
using Pms.Core.Capacity;
using Pms.Core.Compliance;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Events;
using Pms.Core.Files;
using Pms.Core.Floor;
using Pms.Core.Floor.JobBoard;
using Pms.Core.Floor.Losses;
using Pms.Core.Floor.People;
using Pms.Core.Floor.Phases;
using Pms.Core.Floor.ShiftStart;
using Pms.Core.Floor.WallBoards;
using Pms.Core.Health;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Screens;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Core.Imports;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Jobs.Stops;
using Pms.Core.Jobs.Time;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Core.Notifications;
using Pms.Core.OrderBooks;
using Pms.Core.Orders;
using Pms.Core.Planning;
using Pms.Core.Orders.Goods;
using Pms.Core.Planning.Exceptions;
using Pms.Core.Planning.Outlooks;
using Pms.Core.Planning.Promises;
using Pms.Core.Planning.Releases;
using Pms.Core.Planning.Suggestions;
using Pms.Core.Products;
using Pms.Core.Search;
using Pms.Core.Settings;
using Pms.Core.Sheets;
using StackExchange.Redis;

namespace Pms.Core;

/// <summary>Every service of the core, once: the table of contents.</summary>
public static class ServiceRegistration
{
    public static IServiceCollection AddPmsCore(this IServiceCollection services, CoreSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(sp => new PlantClock(sp.GetRequiredService<TimeProvider>(), settings.Zone));
        services.AddSingleton(new LiveSettings(settings.Plant with { Zone = settings.Zone.Id }));

        // Data
        services.AddSingleton(settings.Database);
        services.AddSingleton<Db>();
        services.AddSingleton<Commands>();
        services.AddSingleton<Leases>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<PoolMeter>();
        services.AddSingleton<Telemetry>();
        services.AddSingleton<WorkBeats>();
        services.AddPurge("idempotency.purge", TimeSpan.FromMinutes(15), (sp, ct) => sp.GetRequiredService<Commands>().PurgeAsync(ct));

        // Events
        services.AddSingleton<InProcessEventBus>();
        services.AddSingleton<OutboxDispatcher>().AddSingleton<OutboxRepository>();
        services.AddPeriodicWork(OutboxRound);
        services.AddPurge("outbox.purge", TimeSpan.FromHours(1), (sp, ct) => sp.GetRequiredService<OutboxDispatcher>().PurgeAsync(ct));

        // Sheets
        services.AddSingleton<SheetExport>();

        // Audit
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AuditKey>();
        services.AddSingleton<AuditChainRepository>();
        services.AddSingleton<AuditRoots>();
        services.AddSingleton<AuditVerifier>();
        services.AddSingleton<AuditSealer>();
        services.AddHostedService(sp => sp.GetRequiredService<AuditSealer>());
        services.AddSingleton<ChangeQueries>();
        services.AddSingleton<RecordNameQueries>();
        services.AddSingleton<Changes>();
        services.AddSingleton<AuditCheckRepository>();
        services.AddSingleton<AuditChecks>();
        services.AddSingleton<AuditKeeping>();
        services.AddSingleton<RetentionRepository>();
        services.AddSingleton<ArchiveFiles>();
        services.AddSingleton<AuditArchiver>();
        services.AddPeriodicWork(sp => new("audit.archive", TimeSpan.FromHours(24), TimeSpan.FromHours(24), OncePerPeriod: true, IsDue: null,
            (lease, ct) => sp.GetRequiredService<AuditArchiver>().RunAsync(() => lease.RenewAsync(ct), ct)));

        // Identity
        services.TryAddSingleton(sp => new IdentitySettings(sp.GetRequiredService<LiveSettings>()));
        services.AddSingleton<AccessQueries>();
        services.AddSingleton<AccessService>();
        services.AddSingleton<ApiKeyRepository>();
        services.AddSingleton<ApiKeyService>();
        services.AddSingleton<FieldCatalog>();
        services.AddSingleton<FieldPermissionRepository>();
        services.AddSingleton<FieldPermissionService>();
        services.AddSingleton<FieldRules>();
        services.AddSingleton<FieldReach>();
        services.AddSingleton<HistoryService>();
        services.AddSingleton<RightsQueries>();
        services.AddSingleton<Rights>();
        services.AddSingleton<SecurityEvents>();
        services.AddSingleton<RoleQueries>();
        services.AddSingleton<RoleRepository>();
        services.AddSingleton<RoleSeed>();
        services.AddSingleton<RoleService>();
        services.AddSingleton<ScreenChoiceRepository>();
        services.AddSingleton<ScreenChoices>();
        services.AddSingleton<SecondFactorRepository>();
        services.AddSingleton<SecondFactorSecrets>();
        services.AddSingleton<SecondFactorService>();
        services.AddSingleton<SessionRepository>();
        services.AddSingleton<SessionService>();
        services.AddSingleton<SessionWatch>();
        services.AddSingleton<TerminalRepository>();
        services.AddSingleton<TerminalService>();
        services.AddSingleton<UserRepository>();
        services.AddSingleton<UserService>();
        services.AddSingleton(UserService.Fields);
        services.AddSingleton<Hashing>();
        services.AddSingleton<FailureRepository>();
        services.AddSingleton<SignInRepository>();
        services.AddSingleton<SignInService>();
        services.AddSingleton<EmployeeCredentials>();
        services.AddSingleton<SetupService>();
        services.AddPurge("sign_in.purge", TimeSpan.FromHours(1), (sp, ct) => sp.GetRequiredService<FailureRepository>().PurgeAsync(ct));
        services.AddPurge("known_devices.purge", TimeSpan.FromHours(24), (sp, ct) => sp.GetRequiredService<SignInRepository>().PurgeDevicesAsync(sp.GetRequiredService<PlantClock>().Now.AddDays(-400), ct));
        services.AddPurge("sessions.purge", TimeSpan.FromHours(6), (sp, ct) => sp.GetRequiredService<SessionService>().PurgeAsync(ct));

        // Settings
        services.AddSingleton<SettingsRepository>();
        services.AddSingleton<SettingsStore>();
        services.AddSingleton<SecretBox>();
        services.AddSingleton<MailSender>();
        services.AddSingleton<SettingsService>();

        // Files
        services.AddSingleton<FileRepository>();
        services.AddSingleton<FileStore>();
        services.AddSingleton<FileService>();
        services.AddPurge("files.purge", TimeSpan.FromHours(24), (sp, ct) => sp.GetRequiredService<FileService>().PurgeAsync(ct));

        // Imports
        services.AddSingleton<ImportFiles>();
        services.AddSingleton<ImportRepository>();
        services.AddSingleton<ImportService>();
        services.AddSingleton<ImportRunner>();
        services.AddPeriodicWork(sp => new("imports.run", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), OncePerPeriod: false, sp.GetRequiredService<ImportRunner>().IsDueAsync, sp.GetRequiredService<ImportRunner>().RunAsync));
        services.AddPurge("imports.purge", TimeSpan.FromHours(6), (sp, ct) => sp.GetRequiredService<ImportRunner>().PurgeAsync(ct));
        // Compliance
        services.AddSingleton<ComplianceQueries>();
        services.AddSingleton<ComplianceService>();

        // Departments
        services.AddSingleton<CalendarQueries>();
        services.AddSingleton<Calendars>();
        services.AddSingleton<CalendarRepository>();
        services.AddSingleton<CalendarService>();
        services.AddSingleton<DepartmentRepository>();
        services.AddSingleton<DepartmentService>();
        services.AddSingleton(DepartmentFields.Department);
        services.AddSingleton(DepartmentFields.Stage);
        services.AddSingleton<IImportDefinition, DepartmentImport>();
        services.AddSingleton<ReasonRepository>();
        services.AddSingleton<ReasonService>();

        // Employees
        services.AddSingleton<EmployeeRepository>();
        services.AddSingleton<EmployeeService>();
        services.AddSingleton(EmployeeFields.Employee);
        services.AddSingleton(EmployeeFields.Absence);
        services.AddSingleton<IImportDefinition, EmployeeImport>();
        services.AddSingleton<IFileOwner, EmployeeFiles>();

        // Machines
        services.AddSingleton<AllocationRepository>();
        services.AddSingleton<AllocationService>();
        services.AddSingleton<MachineHoursService>();
        services.AddSingleton<MachineRepository>();
        services.AddSingleton<MachineService>();
        services.AddSingleton<MachineWindowRepository>();
        services.AddSingleton<MachineWindowService>();
        services.AddSingleton(MachineFields.Machine);
        services.AddSingleton(MachineFields.WorkCentre);
        services.AddSingleton<IImportDefinition, MachineImport>();
        services.AddSingleton<IFileOwner, MachineFiles>();

        // Products
        services.AddSingleton<ProductRepository>();
        services.AddSingleton<ProductService>();
        services.AddSingleton(ProductFields.Category);
        services.AddSingleton(ProductFields.Product);
        services.AddSingleton<IImportDefinition, ProductImport>();
        services.AddSingleton<IFileOwner, ProductFiles>();

        // Orders
        services.AddSingleton<OrderProgress>();
        services.AddSingleton<OrderQueries>();
        services.AddSingleton<OrderRepository>();
        services.AddSingleton<OrderService>();
        services.AddSingleton(OrderFields.Customer);
        services.AddSingleton<GoodsRepository>();
        services.AddSingleton<GoodsService>();
        services.AddSingleton<ReadinessService>();
        services.AddSingleton(OrderFields.Order);
        services.AddSingleton(OrderFields.Item);
        services.AddSingleton<IFileOwner, OrderFiles>();
        // Capacity
        services.AddSingleton<CapacityBooks>();
        services.AddSingleton<CapacityGuard>();
        services.AddSingleton<CapacityQueries>();
        services.AddSingleton<CapacityRepository>();
        services.AddSingleton<CapacityService>();
        services.AddSingleton<CapacityWarningRepository>();
        services.AddSingleton<CapacityWarnings>();
        services.AddPeriodicWork(sp => new("capacity.warn", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), OncePerPeriod: true, IsDue: null, (_, ct) => sp.GetRequiredService<CapacityWarnings>().SweepAsync(ct)));

        // Jobs
        services.AddSingleton<HoldRepository>();
        services.AddSingleton<HoldClosing>();
        services.AddSingleton<HoldRelief>();
        services.AddPeriodicWork(sp => new("holds.free", TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), OncePerPeriod: false, sp.GetRequiredService<HoldRelief>().IsDueAsync, (_, ct) => sp.GetRequiredService<HoldRelief>().SweepAsync(ct)));
        services.AddSingleton<HoldService>();
        services.AddSingleton<JobQueries>();
        services.AddSingleton<JobRepository>();
        services.AddSingleton<JobSituationQueries>();
        services.AddSingleton<JobService>();
        services.AddSingleton<CancelService>();
        services.AddSingleton<CloseService>();
        services.AddSingleton<ItemService>();
        services.AddSingleton<StopQueries>();
        services.AddSingleton<StopService>();
        services.AddSingleton<JobPlacement>();
        services.AddSingleton<JobPlanningService>();
        services.AddSingleton<TimeRepository>();
        services.AddSingleton<TimeService>();
        services.AddSingleton<ForgottenTaps>();
        services.AddPeriodicWork(sp => new("time.forgotten_taps", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), OncePerPeriod: false, IsDue: null, (_, ct) => sp.GetRequiredService<ForgottenTaps>().SweepAsync(ct)));

        // Order books
        services.AddSingleton<OrderBookQueries>();
        services.AddSingleton<OrderDecisionQueries>();
        services.AddSingleton<OrderDecisionRepository>();
        services.AddSingleton<OrderDecisionService>();
        services.AddSingleton<IImportDefinition, OrderImport>();

        // Maintenance
        services.AddSingleton<TicketRepository>();
        services.AddSingleton<MaintenanceService>();

        // Planning
        services.AddSingleton<IMachineBlocks, TicketBlockQueries>();
        services.AddSingleton<IMachineBlocks, WindowBlockQueries>();
        services.AddSingleton<ScheduleQueries>();
        services.AddSingleton<ScheduleService>();
        services.AddSingleton<IssueQueries>();
        services.AddSingleton<IssueBoard>();
        services.AddSingleton<IssueService>();
        services.AddSingleton<OpenItemQueries>();
        services.AddSingleton<PresentOutlook>();
        services.AddSingleton<PromiseService>();
        services.AddSingleton<ReleaseService>();
        services.AddSingleton<SuggestionService>();

        // Notifications
        services.AddSingleton<NotificationRepository>();
        services.AddSingleton<RecipientQueries>();
        services.AddSingleton<NotificationService>();
        services.AddSingleton<IOutboxHandler, FloorNotices>();
        services.AddPurge("notifications.purge", TimeSpan.FromHours(6), (sp, ct) => sp.GetRequiredService<NotificationService>().PurgeAsync(ct));

        // Floor
        services.AddSingleton<FloorBoards>();
        services.AddSingleton<FloorQueries>();
        services.AddSingleton<FloorService>();
        services.AddSingleton<JobBoardQueries>();
        services.AddSingleton<JobBoardService>();
        services.AddSingleton<LossQueries>();
        services.AddSingleton<LossService>();
        services.AddSingleton<PeopleQueries>();
        services.AddSingleton<PeopleService>();
        services.AddSingleton<PhaseQueries>();
        services.AddSingleton<PhaseService>();
        services.AddSingleton<ShiftStartService>();
        services.AddSingleton<WallBoardRepository>();
        services.AddSingleton<WallBoardService>();

        // Search
        services.AddSingleton<SearchQueries>();
        services.AddSingleton<SearchService>();

        // Health
        services.AddSingleton<HealthQueries>();

        // Demo

        if (settings.RedisUrl is { Length: > 0 } url)
        {
            services
                .AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect(RedisOptions(url)))
                .AddSingleton<IEventBus, RedisEventBus>();
        }
        else
        {
            services.AddSingleton<IEventBus>(sp => sp.GetRequiredService<InProcessEventBus>());
        }
        return services;
    }

    private static PeriodicWork.Plan OutboxRound(IServiceProvider services)
    {
        var dispatcher = services.GetRequiredService<OutboxDispatcher>();
        return new("outbox.dispatch", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), OncePerPeriod: false, dispatcher.IsDueAsync, dispatcher.DispatchAsync);
    }

    /// <summary>Takes <c>redis://user:password@host:port/db</c>, <c>rediss://…</c> or StackExchange's own form.</summary>
    private static ConfigurationOptions RedisOptions(string url)
    {
        ConfigurationOptions options;
        if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "redis" or "rediss")
        {
            options = new ConfigurationOptions { Ssl = uri.Scheme == "rediss" };
            options.EndPoints.Add(uri.Host, uri.Port > 0 ? uri.Port : 6379);
            if (uri.UserInfo.Split(':', 2) is [var user, var password])
                (options.User, options.Password) = (user.Length == 0 ? null : Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
            if (int.TryParse(uri.AbsolutePath.TrimStart('/'), out var db))
                options.DefaultDatabase = db;
        }
        else
        {
            options = ConfigurationOptions.Parse(url);
        }
        // A database number parts keys but not channels; so does this, and each plant on a shared server hears itself alone.
        if (options.ChannelPrefix.IsNullOrEmpty)
            options.ChannelPrefix = RedisChannel.Literal(string.Create(CultureInfo.InvariantCulture, $"{options.DefaultDatabase ?? 0}:"));
        options.AbortOnConnectFail = false;   // the plant works on without Redis; only other nodes' screens wait
        options.ConnectTimeout = 2000;
        return options;
    }
}

/// <summary>What the core needs to know before it starts; made from the checked configuration.</summary>
public sealed record CoreSettings
{
    public required DbSettings Database { get; init; }
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Null: events stay on this node.</summary>
    public string? RedisUrl { get; init; }

    /// <summary>Everything PMS writes by itself lies under it: SQLite file, uploads, keys, logs, audit roots.</summary>
    public required string DataFolder { get; init; }

    /// <summary>What the settings are where nobody set them on the page; the zone counts apart.</summary>
    public PlantSettings Plant { get; init; } = new();

    /// <summary>What files, environment or command line set, and the page therefore doesn't.</summary>
    public IReadOnlyList<FixedSetting> Fixed { get; init; } = [];

    /// <summary>bcrypt work factor; 12 or more outside tests.</summary>
    public int PasswordWorkFactor { get; init; } = 12;
}
