//! What Linux says of this process.

use std::fs;

/// The process as its host sees it; what cannot be read is not told.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Memory in use, in bytes.
    pub resident: Option<u64>,
    /// Open files and sockets.
    pub open_files: Option<u64>,
    /// How many of them there may be.
    pub max_files: Option<u64>,
}

impl Process {
    /// Reads `/proc/self`.
    pub fn read() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let open_files = fs::read_dir("/proc/self/fd").ok().map(Iterator::count);
        Self {
            open_files: open_files.and_then(|count| u64::try_from(count).ok()),
            ..Self::of(&status, &limits)
        }
    }

    fn of(status: &str, limits: &str) -> Self {
        let number_after = |text: &str, label: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(label))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        Self {
            resident: number_after(status, "VmRSS:").map(|kibibytes| kibibytes * 1024),
            max_files: number_after(limits, "Max open files"),
            open_files: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Process;

    #[test]
    fn what_linux_writes_is_read_and_what_it_does_not_write_is_not_told() {
        let status = "Name:\tx\nVmPeak:\t  9 kB\nVmRSS:\t   1234 kB\n";
        let limits =
            "Limit    Soft Limit  Hard Limit  Units\nMax open files   1024    524288   files\n";
        let process = Process::of(status, limits);
        assert_eq!(process.resident, Some(1234 * 1024));
        assert_eq!(process.max_files, Some(1024));
        assert_eq!(Process::of("", ""), Process::default());
        assert!(Process::read().open_files.is_some_and(|count| count > 2));
    }
}
