using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Pms.Core.Identity.Fields;

namespace Pms.Web.Shared;

/// <summary>How the API reads and writes JSON: enums by name, and null is taken only where the contract allows it, in lists too (else 400, never a fault of ours). A field that the caller may not see is left out of the answer.</summary>
public static class ApiJson
{
    public static IServiceCollection AddApiJson(this IServiceCollection services) => services.ConfigureHttpJsonOptions(o =>
    {
        o.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        o.SerializerOptions.RespectNullableAnnotations = true;
        o.SerializerOptions.TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(static info =>
        {
            // Asked of what comes in only: an answer is never refused because of what it holds.
            foreach (var property in info.Properties.Where(p => !p.PropertyType.IsValueType))
                property.IsGetNullable = true;
        }).WithAddedModifier(DemandNoNullInLists);
    }).AddOptions<JsonOptions>().Configure<FieldCatalog, FieldRules>((o, catalog, rules) =>
        o.SerializerOptions.TypeInfoResolver = o.SerializerOptions.TypeInfoResolver!.WithAddedModifier(info => LeaveOut(info, catalog, rules))).Services;

    private static void LeaveOut(JsonTypeInfo info, FieldCatalog catalog, FieldRules rules)
    {
        if (catalog.Find(info.Type) is null)
            return;
        foreach (var property in info.Properties)
            if (property.AttributeProvider is PropertyInfo own)
                property.ShouldSerialize = (record, _) => !rules.Blanked(record, own.Name);
    }

    /// <summary>The serializer sees null where a value is one of an object's own, not inside its lists; there it is refused here.</summary>
    private static void DemandNoNullInLists(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object)
            return;
        var nullability = new NullabilityInfoContext();
        var lists = info.Properties.Where(p => p.Get is not null && p.PropertyType != typeof(string) && p.PropertyType.IsAssignableTo(typeof(IEnumerable))
            && p.AttributeProvider is PropertyInfo own && nullability.Create(own).GenericTypeArguments is [{ Type.IsValueType: false, WriteState: not NullabilityState.Nullable }]).ToList();
        if (lists.Count == 0)
            return;
        var before = info.OnDeserialized;
        info.OnDeserialized = made =>
        {
            before?.Invoke(made);
            foreach (var list in lists)
                if (list.Get!(made) is IEnumerable values && values.Cast<object?>().Contains(null))
                    throw new JsonException($"{list.Name} holds null.");
        };
    }
}
