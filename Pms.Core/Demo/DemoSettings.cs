namespace Pms.Core.Demo;

/// <summary>How large the demo plant is and how fast its people work. The defaults are what the README shows; tests take a smaller one.</summary>
public sealed record DemoSettings
{
    /// <summary>Same seed and same moment, same plant.</summary>
    public int Seed { get; init; } = 7;

    /// <summary>Days of finished work before the moment of seeding.</summary>
    public int HistoryDays { get; init; } = 90;

    /// <summary>Orders that are not completed yet; at least 40.</summary>
    public int OpenOrders { get; init; } = 300;

    /// <summary>1: the people work at the pace of their standards; 10: ten times as fast.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>False leaves the floor as it was seeded.</summary>
    public bool Simulate { get; init; } = true;

    /// <summary>Order items that are between their first and last step at any moment; together with the machines it decides the throughput.</summary>
    internal int ItemsInWork => OpenOrders / 2;
}
