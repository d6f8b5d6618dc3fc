using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Primitives;
using Pms.Core;

namespace Pms.Web.Shared;

/// <summary>Words and numbers are chosen apart: words by the languages that have a resx, numbers and dates by the reader's own country.</summary>
public static class PmsCultures
{
    /// <summary>Languages with texts. Another one: add its name, and an .xx.resx beside every file of texts but the API's.</summary>
    public static IReadOnlyList<string> Languages => PlantSettings.Languages;

    public const string Cookie = "pms-culture";

    /// <summary>Countries whose way of writing numbers and dates is known; the first is the default.</summary>
    public static readonly string[] Formats =
    [
        "en-GB", "en-ZA", "en-US", "en-AU", "en-CA", "en-IE", "en-IN", "en-NZ", "en", "af-ZA", "zu-ZA", "xh-ZA", "de-DE", "de-AT", "de-CH", "de", "fr-FR", "fr-BE", "fr-CH", "fr",
        "nl-NL", "nl-BE", "nl", "es-ES", "es-MX", "es", "pt-PT", "pt-BR", "pt", "it-IT", "it", "pl-PL", "pl", "cs-CZ", "cs", "sv-SE", "sv", "da-DK", "da", "nb-NO", "fi-FI", "tr-TR", "tr",
    ];

    public static void Configure(RequestLocalizationOptions options)
    {
        options.DefaultRequestCulture = new RequestCulture(Formats[0], Languages[0]);
        options.SupportedCultures = [.. Formats.Select(CultureInfo.GetCultureInfo)];
        options.SupportedUICultures = [.. Languages.Select(CultureInfo.GetCultureInfo)];
        // The user's own choice (cookie) before the browser's; no culture in addresses, so that a link reads the same for everybody.
        options.RequestCultureProviders =
        [
            new CookieRequestCultureProvider { CookieName = Cookie },
            // Then the plant's own way, where an administrator chose one: browsers often speak for the country they were installed from.
            new CustomRequestCultureProvider(async http =>
            {
                var plant = http.RequestServices.GetRequiredService<LiveSettings>().Now;
                var asked = await new AcceptLanguageHeaderRequestCultureProvider { Options = options }.DetermineProviderCultureResult(http);
                IList<StringSegment> Or(string chosen, IList<StringSegment>? otherwise, string last) => chosen.Length > 0 ? [chosen] : otherwise is { Count: > 0 } ? otherwise : [last];
                return new ProviderCultureResult(Or(plant.Culture, asked?.Cultures, Formats[0]), Or(plant.Language, asked?.UICultures, Languages[0]));
            }),
        ];
    }

    /// <summary>
    /// What somebody chose goes into the browser they sign in with. Without a choice of theirs, a screen of many (<paramref name="shared"/>) forgets the one before, and a browser of one's own keeps what it has.
    /// </summary>
    public static void Remember(HttpContext http, string? culture, string? language, bool shared = false)
    {
        var options = new CookieOptions { MaxAge = TimeSpan.FromDays(365), Path = "/", HttpOnly = true, IsEssential = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps };
        (culture, language) = (Formats.Contains(culture) ? culture : null, language is not null && Languages.Contains(language) ? language : null);
        var now = http.Features.GetRequiredFeature<IRequestCultureFeature>().RequestCulture;
        if (culture is not null || language is not null)
            http.Response.Cookies.Append(Cookie, CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(culture ?? now.Culture.Name, language ?? now.UICulture.Name)), options);
        else if (shared)
            http.Response.Cookies.Delete(Cookie, options);
    }
}
