namespace Pms.Web.Employees;

/// <summary>The words of the employees pages (EmployeesTexts.resx).</summary>
public sealed class EmployeesTexts;
