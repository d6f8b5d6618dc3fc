using System.Diagnostics;
using System.Net;
using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>Database, logs and keys lie on a disk that fills up: taps are refused and health says why, nothing acknowledged is lost, and with room again all goes on by itself.</summary>
internal sealed class DiskFull : FaultCase
{
    private const int People = 4, Taps = 20, Left = 2 << 20;

    public override string Name => "disk-full";
    public override string What => "the disk of the database, logs and keys has 2 MB left, which taps fill up";

    public override async Task<Outcome> RunAsync(Options options)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return new(true, "not run: only root may mount a small disk");
        var disk = Directory.CreateDirectory(TestRun.NewPath("disk")).FullName;
        if (Programs.Run("/bin/mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk) is { Length: > 0 } refusal)
            return new(true, $"not run: {refusal.Trim()}");
        try
        {
            var plant = await FaultPlant.MakeAsync(Options.Parse(["--data", disk]), People);
            await using (plant)
            {
                using var pms = await plant.StartAsync();
                await using var storm = new Storm(() => pms.Address, People, TimeSpan.FromMilliseconds(20));
                await storm.UntilAsync(Taps);
                var filler = Path.Combine(disk, "filler");
                Fill(filler, new DriveInfo(disk).AvailableFreeSpace - Left);
                var before = storm.Acknowledged.Count;
                await FullAsync(storm, filler);
                var fitted = storm.Acknowledged.Count - before;
                using var http = new HttpClient { BaseAddress = pms.Address };
                using var health = await http.GetAsync(new Uri("/api/health", UriKind.Relative));
                using var alive = await http.GetAsync(new Uri("/api/health/live", UriKind.Relative));
                File.Delete(filler);
                var back = Stopwatch.GetTimestamp();
                await storm.UntilAsync(Taps);
                var again = Stopwatch.GetElapsedTime(back);
                await storm.StopAsync();
                var busy = storm.Refused.Where(r => r.Key is HttpStatusCode.ServiceUnavailable or HttpStatusCode.InsufficientStorage).Sum(r => r.Value);
                return Outcome.Of([
                    (true, $"{fitted} taps into 2 MB"), (busy > 0, $"refused {busy} times ({string.Join(", ", storm.Refused.Keys.Select(c => (int)c))})"), (health.StatusCode == HttpStatusCode.ServiceUnavailable, $"health says {(int)health.StatusCode}"), (alive.IsSuccessStatusCode, "alive meanwhile"),
                    (true, $"taps again {again.TotalSeconds:0.0} s after there was room"), .. await plant.TallyAsync(storm)]);
            }
        }
        finally
        {
            Programs.Run("/bin/umount", "--lazy", disk);
        }
    }

    /// <summary>Waits until nothing can be stored: taps fill the disk, and after a while, or where somebody gave some free again, the filler does.</summary>
    private static async Task FullAsync(Storm storm, string filler)
    {
        for (var began = Stopwatch.GetTimestamp(); storm.Refused.IsEmpty; await Task.Delay(50))
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
                throw new TimeoutException("Taps are still acknowledged on a full disk.");
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(8))
                Fill(filler, long.MaxValue);
        }
        await Task.Delay(TimeSpan.FromSeconds(3));   // it stays so for a while
    }

    private static void Fill(string path, long bytes)
    {
        var block = new byte[4096];
        try
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
            for (; bytes > 0; bytes -= block.Length)
                file.Write(block);
        }
        catch (IOException)
        {
            return;   // full
        }
    }
}
