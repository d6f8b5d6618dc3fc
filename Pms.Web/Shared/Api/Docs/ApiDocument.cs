using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Pms.Web.Shared.Api.Docs;

/// <summary>The document as it is served and read by the page: made once, for the endpoints don't change while the program runs.</summary>
public sealed class ApiDocument([FromKeyedServices(ApiDocumentSetup.Name)] IOpenApiDocumentProvider provider)
{
    private readonly SemaphoreSlim making = new(1);
    private string? text;
    private JsonObject? root;

    public async Task<string> JsonAsync(CancellationToken ct)
    {
        if (text is null)
        {
            await making.WaitAsync(ct);
            try
            {
                text ??= await (await provider.GetOpenApiDocumentAsync(ct)).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, ct);
            }
            finally
            {
                making.Release();
            }
        }
        return text;
    }

    /// <summary>For reading only: it is shared.</summary>
    public async Task<JsonObject> RootAsync(CancellationToken ct) => root ??= (JsonObject)JsonNode.Parse(await JsonAsync(ct))!;
}
