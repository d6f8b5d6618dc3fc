namespace Pms.Web.Departments;

/// <summary>The words of the departments pages (DepartmentsTexts.resx).</summary>
public sealed class DepartmentsTexts;
