using System.Text;
using Microsoft.Playwright;
using Pms.Core.Departments;
using Pms.Core.Machines;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Imports;

/// <summary>A person takes a file into the machines, corrects a row, applies, and prints the labels.</summary>
[Collection(Browser.SecondLine)]
public sealed class ImportPageTests
{
    [Fact]
    public async Task A_file_is_taken_in_step_by_step_on_a_phone()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        await app.Get<DepartmentService>().SaveAsync(TestPms.System, new Department { Code = "CUT", Name = "Cutting" });
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone, dark: false);
        await browser.SignInAsync("nomsa", "/admin/import/machine");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await Browser.GiveFileAsync(browser.Page.Locator("input[type=file]"), new FilePayload
        {
            Name = "machines.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("Machine No;Description;Dept\nM-1;\"\"\"><img src=x onerror=1>\";Cutting\nM-2;Two;Moon\n"),
        }, browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Which column is what" }));
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Check the rows" }).ClickAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Correct row 3" }).ClickAsync();
        await browser.AccessibleAsync();
        await browser.Page.GetByLabel("Department").FillAsync("CUT");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Check this row" }).ClickAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Apply rows: 2" }).ClickAsync();
        await Expect(browser.Page.GetByText("2 rows are stored.")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        Assert.Equal(2, (await app.Get<MachineService>().ListAsync(TestPms.System, new Core.PageRequest())).Total);

        await browser.GoToAsync("/admin/labels/machine");
        await Expect(browser.Page.Locator(".label")).ToHaveCountAsync(2);
        await browser.AccessibleAsync();
        await browser.FitsAsync();
    }
}
