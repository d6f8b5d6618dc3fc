namespace Pms.Web.Machines;

/// <summary>The words of the machines pages (MachinesTexts.resx).</summary>
public sealed class MachinesTexts;
