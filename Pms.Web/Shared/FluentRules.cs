using System.Collections;
using System.Reflection;
using FluentValidation;
using FluentValidation.Internal;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Pms.Core;

namespace Pms.Web.Shared;

/// <summary>Inside an EditForm it lets the model's FluentValidation validator speak: everything on submit, one field when it changes; nested and indexed paths (<c>Lines[2].Quantity</c>) reach their fields.</summary>
public sealed class FluentRules : ComponentBase, IDisposable
{
    private ValidationMessageStore _messages = default!;
    private EditContext? _form;

    [CascadingParameter] private EditContext Form { get; set; } = default!;
    [Inject] private RefusalWords Words { get; set; } = default!;
    [Inject] private IServiceProvider Services { get; set; } = default!;

    /// <summary>Used instead of the registered validator of the model's type.</summary>
    [Parameter] public IValidator? Validator { get; set; }

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_form, Form))
        {
            return;
        }

        Dispose();
        _form = Form ?? throw new InvalidOperationException("FluentRules stands inside an EditForm.");
        _messages = new ValidationMessageStore(_form);
        _form.OnValidationRequested += All;
        _form.OnFieldChanged += One;
    }

    private void All(object? sender, ValidationRequestedEventArgs e)
    {
        _messages.Clear();
        foreach (var (field, message) in Faults())
        {
            _messages.Add(field, message);
        }

        _form!.NotifyValidationStateChanged();
    }

    private void One(object? sender, FieldChangedEventArgs e)
    {
        _messages.Clear(e.FieldIdentifier);
        foreach (var (field, message) in Faults().Where(f => f.Field.Equals(e.FieldIdentifier)))
        {
            _messages.Add(field, message);
        }

        _form!.NotifyValidationStateChanged();
    }

    private IEnumerable<(FieldIdentifier Field, string Message)> Faults()
    {
        var model = _form!.Model;
        var rules = Validator ?? (IValidator)(Services.GetService(typeof(IValidator<>).MakeGenericType(model.GetType()))
            ?? throw new InvalidOperationException($"No validator for {model.GetType().Name} is registered."));
        return Validation.Faults(rules.Validate(new ValidationContext<object>(model))).Select(f => (Find(model, f.Field), Words.Of(f.Why)));
    }

    /// <summary>The object and property that a path of FluentValidation ends at; a part that is missing stops at its owner.</summary>
    public static FieldIdentifier Find(object model, string path)
    {
        var parts = path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length - 1; i++)
        {
            var next = parts[i] is ['[', .. var index, ']']
                ? int.TryParse(index, out var at) ? (model as IEnumerable)?.Cast<object?>().ElementAtOrDefault(at) : null
                : model.GetType().GetProperty(parts[i], BindingFlags.Public | BindingFlags.Instance)?.GetValue(model);
            if (next is null)
            {
                return new FieldIdentifier(model, parts[i]);
            }

            model = next;
        }

        return new FieldIdentifier(model, parts.Length == 0 ? "" : parts[^1]);
    }

    public void Dispose()
    {
        if (_form is not null)
        {
            _form.OnValidationRequested -= All;
            _form.OnFieldChanged -= One;
        }
    }

    /// <summary>The same rules for MudForm: <c>&lt;MudForm Model="model" Validation="FluentRules.For(validator, words)"&gt;</c> asks for one property at a time.</summary>
    public static Func<object, string, Task<IEnumerable<string>>> For<T>(IValidator<T> validator, RefusalWords words) => async (model, property) =>
    {
        var context = new ValidationContext<T>((T)model, new PropertyChain(), ValidatorOptions.Global.ValidatorSelectors.MemberNameValidatorSelectorFactory([property]));
        var result = await validator.ValidateAsync(context);
        return Validation.Faults(result).Select(f => words.Of(f.Why));
    };
}
