namespace Pms.Core.Demo;

/// <summary>Small seeded random numbers (SplitMix64): the same seed throws the same on every machine and .NET version, which <see cref="Random"/> doesn't promise.</summary>
internal sealed class Dice
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private readonly ulong seed;
    private ulong state;

    public Dice(ulong seed) => this.seed = state = seed;

    /// <summary>Dice of their own for one thing: what they throw doesn't depend on how often others were thrown.</summary>
    public Dice Fork(long stream) => new(Mix(seed + Golden) ^ Mix(unchecked((ulong)stream * Golden)));

    /// <summary>0 … limit − 1.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>Both ends included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>0 ≤ x &lt; 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + (high - low) * Share();

    /// <summary>Around the middle more often than at the ends.</summary>
    public double Mostly(double low, double high) => low + (high - low) * (Share() + Share() + Share()) / 3;

    public bool Chance(double share) => Share() < share;

    public T Pick<T>(IReadOnlyList<T> of) => of[Below(of.Count)];

    /// <summary>The index drawn by weight.</summary>
    public int Weighted(IReadOnlyList<double> weights)
    {
        var at = Share() * weights.Sum();
        for (var i = 0; i < weights.Count - 1; i++)
            if ((at -= weights[i]) < 0)
                return i;
        return weights.Count - 1;
    }

    public List<T> Shuffle<T>(IEnumerable<T> of)
    {
        var all = of.ToList();
        for (var i = all.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (all[i], all[j]) = (all[j], all[i]);
        }
        return all;
    }

    private ulong Next() => Mix(state += Golden);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
