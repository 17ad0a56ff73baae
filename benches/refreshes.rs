//! A thousand refreshes in a row: what each costs, and whether memory stays flat.
//!
//! Prints a line of JSON for each number of currencies:
//! `{"currencies", "cpu_ms", "resident_early_mb", "resident_late_mb"}`.

use crypto_rates_benches::{SIZES, body, refresh, state};
use procfs::process::Process;

/// Enough for the allocator to settle.
const EARLY: u32 = 100;
const REFRESHES: u32 = 1_000;

fn main() -> procfs::ProcResult<()> {
    for size in SIZES {
        let (state, body) = (state(), body(size));
        // A thousand of the larger ones take too long, so those only measure the cost.
        let refreshes = if size == SIZES[0] { REFRESHES } else { EARLY };
        let run = |times: u32| (0..times).for_each(|_| refresh(&state, &body));
        run(EARLY / 10);
        let begun = cpu_ms()?;
        run(EARLY - EARLY / 10);
        let early = resident_mb()?;
        run(refreshes - EARLY);
        let measured = f64::from(refreshes - EARLY / 10);
        println!(
            r#"{{"currencies": {size}, "cpu_ms": {:.3}, "resident_early_mb": {early:.1}, "resident_late_mb": {:.1}}}"#,
            (cpu_ms()? - begun) / measured,
            resident_mb()?
        );
    }
    Ok(())
}

/// Returns the milliseconds of processor time that this process has used.
fn cpu_ms() -> procfs::ProcResult<f64> {
    // In nanoseconds.
    let schedstat = Process::myself()?.schedstat()?;
    #[expect(clippy::cast_precision_loss, reason = "of a process that runs for minutes")]
    Ok(schedstat.sum_exec_runtime as f64 / 1e6)
}

fn resident_mb() -> procfs::ProcResult<f64> {
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    Ok((Process::myself()?.stat()?.rss * procfs::page_size()) as f64 / 1e6)
}
