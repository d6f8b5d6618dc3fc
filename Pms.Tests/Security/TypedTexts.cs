using System.Collections;
using System.Reflection;
using Pms.Core;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Machines;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;
using Pms.Core.Jobs.Holds;
using Pms.Core.Maintenance;
using Pms.Core.Orders;
using Pms.Tests.Identity;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Security;

/// <summary>One text that somebody may type: of a record, or of each entry of one of its lists.</summary>
internal sealed record TypedText(Type Record, PropertyInfo? List, PropertyInfo Property)
{
    public string Name => $"{Record.Name}.{(List is null ? "" : List.Name + ".")}{Property.Name}";

    public string? Of(object record) => (string?)Property.GetValue(List is null ? record : ((IEnumerable)List.GetValue(record)!).Cast<object>().First());

    /// <summary>The record with this text.</summary>
    public object With(object record, string? text)
    {
        var copy = Copy(record);
        if (List is null)
        {
            Property.SetValue(copy, text);
            return copy;
        }
        var entries = ((IEnumerable)List.GetValue(record)!).Cast<object>().ToList();
        entries[0] = Copy(entries[0]);
        Property.SetValue(entries[0], text);
        var typed = Array.CreateInstance(Entry(List)!, entries.Count);
        for (var i = 0; i < entries.Count; i++)
            typed.SetValue(entries[i], i);
        List.SetValue(copy, typed);
        return copy;
    }

    /// <summary>Every text of every record of the core that has a version, and so is somebody's to change; found by their types.</summary>
    public static IReadOnlyList<TypedText> All { get; } =
    [
        .. typeof(IVersioned).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && (t.IsPublic || t.IsNestedPublic) && t.IsAssignableTo(typeof(IVersioned))).Where(t => !TypedRecords.Elsewhere.Contains(t.Name))
            .OrderBy(t => t.Name, StringComparer.Ordinal).SelectMany(Of).Where(t => !TypedRecords.Closed.Contains(t.Name)),
    ];

    private static IEnumerable<TypedText> Of(Type type) => Texts(type).Select(p => new TypedText(type, null, p))
        .Concat(type.GetProperties().Where(p => p.CanWrite && Entry(p) is not null).SelectMany(list => Texts(Entry(list)!).Select(p => new TypedText(type, list, p))));

    private static IEnumerable<PropertyInfo> Texts(Type type) => type.GetProperties()
        .Where(p => p.CanWrite && p.PropertyType == typeof(string) && !p.IsDefined(typeof(NotAuditedAttribute)) && !p.IsDefined(typeof(SecretAttribute)));

    private static Type? Entry(PropertyInfo list) => list.PropertyType is { IsGenericType: true } t && t.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && t.GetGenericArguments()[0] is { IsClass: true } of && of != typeof(string) ? of : null;

    private static object Copy(object record) => typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(record, null)!;
}

/// <summary>How a record with typed texts is read and saved again; one that can only be made is made anew each time.</summary>
internal sealed record TypedRecord(Func<Task<object>> Read, Func<object, Task<object>> Save);

internal static class TypedRecords
{
    /// <summary>Texts that nobody types: names of what did it, codes from a closed list, what is fixed once made.</summary>
    public static readonly HashSet<string> Closed =
        ["ApiKey.Prefix", "Hold.OpenedBy", "Hold.EndedBy", "Reason.Icon", "RoleFieldRules.Entity", "Role.Code", "User.UserName", "User.Culture", "User.Language", "Stage.Checks", "Reason.Code"];

    /// <summary>Settings are set by name, each with a check of its own (SettingsTests); a policy names kinds of records from a closed list; a decision shows others' names and takes one reason once.</summary>
    public static readonly HashSet<string> Elsewhere = ["SettingsPicture", "RetentionPolicy", "OrderDecision"];

    /// <summary>One of each, by type; a record with texts that is new gets its line here.</summary>
    public static async Task<IReadOnlyDictionary<Type, TypedRecord>> MakeAsync(Func<Type, object> service, Plant plant)
    {
        T Get<T>() => (T)service(typeof(T));
        var system = TestPms.System;
        var made = new Dictionary<Type, TypedRecord>();
        foreach (var example in await FieldExample.MakeAsync(service, plant))
            made[example.Other.GetType()] = new(() => example.Read(system), r => example.Save(system, r));
        void Add<T>(Func<Task<T>> read, Func<T, Task<T>> save) where T : class => made[typeof(T)] = new(async () => await read(), async r => await save((T)r));

        var (calendar, reasons, roles, holds, keys) = (Get<CalendarService>(), Get<ReasonService>(), Get<RoleService>(), Get<HoldService>(), Get<ApiKeyService>());
        var shift = (await calendar.SaveAsync(system, new Shift { DepartmentId = plant.Packing.Id, Name = "Early", LengthMinutes = 60, Days = Shift.Weekdays })).Id;
        Add(async () => (await calendar.ShiftsAsync(system, plant.Packing.Id, null)).Single(s => s.Id == shift), s => calendar.SaveAsync(system, s));
        var closed = (await calendar.SaveAsync(system, new CalendarException { DepartmentId = plant.Packing.Id, OnDay = new(2026, 4, 6), Reason = "Easter" })).Id;
        Add(async () => (await calendar.ExceptionsAsync(system, plant.Packing.Id, null)).Single(e => e.Id == closed), e => calendar.SaveAsync(system, e));
        var reason = await reasons.SaveAsync(system, new Reason { List = ReasonList.Scrap, DepartmentId = plant.Packing.Id, Code = "TORN", Word = "Torn", Icon = ReasonIcons.All.First() });
        Add(async () => (await reasons.AllAsync(system)).Single(r => r.Id == reason.Id), r => reasons.SaveAsync(system, r));
        var role = await roles.SaveAsync(system, new SaveRole { Name = "Clerk" });
        Add(() => roles.GetAsync(system, role), async r => await roles.GetAsync(system, await roles.SaveAsync(system, new SaveRole { Id = r.Id, Version = r.Version, Name = r.Name })));
        var order = (await Get<OrderService>().ListAsync(system, new PageRequest())).Items[0].Id;
        var hold = await holds.OpenAsync(system, new OpenHoldRequest(order, HoldKind.Other, "Wait", false));
        Add(() => holds.GetAsync(system, order, hold), async h =>
        {
            await holds.ChangeAsync(system, h.Id, h.Version, h.Note, h.ExpectedOn);
            return await holds.GetAsync(system, order, hold);
        });
        var windows = Get<MachineWindowService>();
        var from = Get<PlantClock>().Now.AddDays(1);
        var window = (await windows.SaveAsync(system, new MachineWindow { MachineId = plant.Press.Id, StartsAt = from, EndsAt = from.AddHours(1), Reason = "Service" })).Id;
        Add(() => windows.GetAsync(system, window), w => windows.SaveAsync(system, w));
        var maker = new Actor { Name = "maker", UserId = (await Get<UserService>().CreateAsync(system, new CreateUser { UserName = "maker", DisplayName = "Maker", RoleIds = [(await roles.ListAsync(system)).Single(r => r.IsAdmin).Id] })).UserId };
        Add(async () => new ApiKey { Name = "ERP", Permissions = [Permissions.OrdersView] }, async k => (await keys.CreateAsync(maker, new CreateApiKey { Name = k.Name, Permissions = k.Permissions, ExpiresOn = Get<PlantClock>().Today.AddDays(3) })).Key);
        return made;
    }
}
