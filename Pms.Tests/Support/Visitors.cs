using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;

namespace Pms.Tests.Support;

/// <summary>Invented users of the running program, and how tests sign in as them: by the page or by the API, as people and programs do.</summary>
public static class Visitors
{
    public const string Password = "nine quiet looms";

    /// <summary>Makes a user with this role; returns the id.</summary>
    public static async Task<long> UserAsync(this WebApp app, string name, string role = SeededRole.Admin, long? employeeId = null, IReadOnlyList<long>? departments = null)
    {
        var roles = await app.Get<RoleService>().ListAsync(TestPms.System);
        var made = await app.Get<UserService>().CreateAsync(TestPms.System, new CreateUser
        {
            UserName = name, DisplayName = char.ToUpperInvariant(name[0]) + name[1..] + " Dube", RoleIds = [roles.Single(r => r.Code == role).Id], EmployeeId = employeeId, DepartmentIds = departments ?? [],
        }, Password);
        return made.UserId;
    }

    /// <summary>Signs the browser in on the sign-in page and goes to <paramref name="path"/>, live where the page is.</summary>
    public static async Task SignInAsync(this Browser browser, string name, string path = "/", bool interactive = true)
    {
        await browser.Page.GotoAsync("/login?returnUrl=" + Uri.EscapeDataString(path));
        await browser.Page.Locator("#name").FillAsync(name);
        await browser.Page.Locator("#password").FillAsync(Password);
        await browser.Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await browser.Page.WaitForURLAsync(url => !url.Contains("/login", StringComparison.Ordinal));
        if (interactive)
            await browser.InteractiveAsync();
    }

    /// <summary>A client of the API that carries the user's access token.</summary>
    public static async Task<HttpClient> ApiAsync(this WebApp app, string name, string password = Password)
    {
        var http = app.Client();
        using var answer = await http.PostAsJsonAsync(new Uri("/api/v1/auth/login", UriKind.Relative), new { userName = name, password });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString());
        return http;
    }
}
