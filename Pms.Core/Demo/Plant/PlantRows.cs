namespace Pms.Core.Demo.Plant;

/// <summary>A department of the demo plant; its target counts good pieces at its items' last step there.</summary>
internal sealed record PlantDepartment(long Id, string Code, string Name, string Kind, int DailyTarget);

/// <summary>A stage; minutes are the plant's standards and what the products' own standards vary around.</summary>
internal sealed record PlantStage(long Id, long DepartmentId, int Position, string Name, string Kind, decimal RunMinutes, int SetupMinutes, decimal ScrapShare, string Checks = "", int? Transfer = null)
{
    public bool IsBench => Kind == "Bench";
}

internal sealed record PlantWorkCentre(long Id, long DepartmentId, string Code, string Name);

internal sealed record PlantMachine(long Id, string Number, string Name, long DepartmentId, long WorkCentreId, string Type, string Manufacturer, string Model, string Serial, DateOnly PurchasedOn,
    decimal Speed, int Slots, bool Unattended, IReadOnlyList<long> Stages);

internal sealed record PlantReason(long Id, string List, long? DepartmentId, string Code, string Word, string Icon, int Position, string? KpiClass = null, bool OpensTicket = false, bool EndsLabour = true);

internal sealed record PlantPerson(long Id, string Number, string FirstName, string LastName, long DepartmentId, string Position, string Kind, int Slots, DateOnly HiredOn)
{
    public string Name => $"{FirstName} {LastName}";

    /// <summary>A: 06–14, B: 14–22, N: 22–06; the shift this person is on.</summary>
    public char Team { get; init; } = 'A';
    public IReadOnlyList<long> Stages { get; init; } = [];
}

internal sealed record PlantAbsence(long EmployeeId, DateTimeOffset From, DateTimeOffset To, string Kind);

internal sealed record PlantAllocation(long EmployeeId, long MachineId, string Level, long? ShiftId);

internal sealed record PlantCategory(long Id, long? ParentId, string Name);

internal sealed record PlantVariant(long Id, string Size, string Colour, int Position);

/// <summary>A product with its path; the steps' minutes are its own standards.</summary>
internal sealed record PlantProduct(long Id, string Code, string Name, long CategoryId, IReadOnlyList<(string Name, string Value, string? Unit)> Specifications, decimal Price, int Least, int Most,
    IReadOnlyList<PlantProductStep> Steps, IReadOnlyList<PlantVariant> Variants, IReadOnlyList<(long? StageId, string Text)> Instructions);

internal sealed record PlantProductStep(int Position, PlantStage Stage, int SetupMinutes, decimal RunMinutes, decimal ScrapShare);

internal sealed record PlantCustomer(long Id, string Name);
