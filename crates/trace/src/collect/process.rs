//! Stage 1: the process as the operating system sees it.

use super::{maps, text_of};
use crate::event::{Process, Segment};
use std::collections::BTreeMap;

/// The process at a moment.
pub fn gather(moment: &str, arenas: &[(u64, u64)]) -> Process {
    let executable = std::fs::read_link("/proc/self/exe").map(|path| path.display().to_string()).unwrap_or_default();
    let status = fields(&text_of("/proc/self/status"));
    let kilobytes = |name: &str| number(status.get(name)).saturating_mul(1024);
    let stat = text_of("/proc/self/stat");
    // The command's name may hold anything; what follows its closing parenthesis are numbers.
    let numbers: Vec<&str> =
        stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    let stat_number = |field: usize| numbers.get(field).and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
    Process {
        moment: moment.to_owned(),
        pid: std::process::id(),
        ppid: std::os::unix::process::parent_id(),
        segments: segments(&executable),
        map: maps::gather(&executable, arenas),
        executable,
        descriptors: descriptors(),
        scheduling: scheduling(&status, &numbers),
        auxiliary: auxiliary(),
        resident: kilobytes("VmRSS"),
        peak: kilobytes("VmHWM"),
        faults: (stat_number(7), stat_number(9)),
        switches: (number(status.get("voluntary_ctxt_switches")), number(status.get("nonvoluntary_ctxt_switches"))),
        threads: number(status.get("Threads")) as u32,
    }
}

fn fields(text: &str) -> BTreeMap<String, String> {
    text.lines().filter_map(|line| line.split_once(':')).map(|(k, v)| (k.to_owned(), v.trim().to_owned())).collect()
}

fn number(field: Option<&String>) -> u64 {
    field.and_then(|text| text.split_whitespace().next()).and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// What a descriptor is.
pub fn descriptor(number: i32) -> String {
    match std::fs::read_link(format!("/proc/self/fd/{number}")) {
        Ok(target) => target.display().to_string(),
        Err(_) => "closed".to_owned(),
    }
}

fn descriptors() -> Vec<(i32, String)> {
    let Ok(folder) = std::fs::read_dir("/proc/self/fd") else { return Vec::new() };
    let mut list: Vec<(i32, String)> = folder
        .flatten()
        .filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
        .map(|number| (number, descriptor(number)))
        // The folder is open while it is read.
        .filter(|(_, target)| !target.ends_with("/fd") && target != "closed")
        .collect();
    list.sort();
    list
}

fn scheduling(status: &BTreeMap<String, String>, stat: &[&str]) -> Vec<(String, String)> {
    let field = |index: usize| stat.get(index).copied().unwrap_or("?");
    let policy = match field(38) {
        "0" => "SCHED_OTHER",
        "1" => "SCHED_FIFO",
        "2" => "SCHED_RR",
        "3" => "SCHED_BATCH",
        "5" => "SCHED_IDLE",
        "6" => "SCHED_DEADLINE",
        _ => "unknown",
    };
    let mut list = vec![
        ("policy".to_owned(), policy.to_owned()),
        ("priority".to_owned(), field(15).to_owned()),
        ("nice".to_owned(), field(16).to_owned()),
        ("last processor".to_owned(), field(36).to_owned()),
        ("state".to_owned(), field(0).to_owned()),
    ];
    if let Some(allowed) = status.get("Cpus_allowed_list") {
        list.push(("processors allowed".to_owned(), allowed.clone()));
    }
    let schedstat = text_of("/proc/self/schedstat");
    let words: Vec<&str> = schedstat.split_whitespace().collect();
    if let [on, waiting, slices] = words[..] {
        list.push(("time on a processor".to_owned(), format!("{on} ns")));
        list.push(("time waiting for one".to_owned(), format!("{waiting} ns")));
        list.push(("time slices".to_owned(), slices.to_owned()));
    }
    list
}

/// Names of the kernel's auxiliary vector, by number.
const AUXILIARY: &[(u64, &str)] = &[
    (3, "AT_PHDR (program headers)"),
    (4, "AT_PHENT (bytes of one)"),
    (5, "AT_PHNUM (how many)"),
    (6, "AT_PAGESZ (bytes of a page)"),
    (7, "AT_BASE (the dynamic loader)"),
    (9, "AT_ENTRY (first instruction)"),
    (11, "AT_UID"),
    (12, "AT_EUID"),
    (13, "AT_GID"),
    (14, "AT_EGID"),
    (16, "AT_HWCAP (processor features)"),
    (17, "AT_CLKTCK (clock ticks a second)"),
    (23, "AT_SECURE"),
    (25, "AT_RANDOM (16 random bytes)"),
    (31, "AT_EXECFN (name of the executable)"),
    (33, "AT_SYSINFO_EHDR (the vDSO)"),
    (51, "AT_MINSIGSTKSZ"),
];

fn auxiliary() -> Vec<(String, String)> {
    let bytes = std::fs::read("/proc/self/auxv").unwrap_or_default();
    let mut list = Vec::new();
    for pair in bytes.chunks_exact(16) {
        let word = |at: usize| pair[at..at + 8].try_into().map(u64::from_ne_bytes).unwrap_or(0);
        let (key, value) = (word(0), word(8));
        if let Some((_, name)) = AUXILIARY.iter().find(|(number, _)| *number == key) {
            let shown =
                if matches!(key, 3 | 7 | 9 | 16 | 25 | 31 | 33) { format!("{value:#x}") } else { value.to_string() };
            list.push(((*name).to_owned(), shown));
        }
    }
    list
}

/// The program headers of an ELF file of 64 bits, little-endian.
fn segments(executable: &str) -> Vec<Segment> {
    use std::io::{Read, Seek, SeekFrom};
    let Ok(mut file) = std::fs::File::open(executable) else { return Vec::new() };
    let mut header = [0u8; 64];
    if file.read_exact(&mut header).is_err() || header[..6] != *b"\x7fELF\x02\x01" {
        return Vec::new();
    }
    let half = |bytes: &[u8], at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let word = |bytes: &[u8], at: usize| bytes[at..at + 4].try_into().map(u32::from_le_bytes).unwrap_or(0);
    let long = |bytes: &[u8], at: usize| bytes[at..at + 8].try_into().map(u64::from_le_bytes).unwrap_or(0);
    let (start, size, count) = (long(&header, 32), half(&header, 54), half(&header, 56));
    if usize::from(size) < 56 || file.seek(SeekFrom::Start(start)).is_err() {
        return Vec::new();
    }
    let mut table = vec![0u8; usize::from(size) * usize::from(count)];
    if file.read_exact(&mut table).is_err() {
        return Vec::new();
    }
    table
        .chunks_exact(usize::from(size))
        .map(|entry| {
            let flags = word(entry, 4);
            let access = [(4, 'r'), (2, 'w'), (1, 'x')].map(|(bit, c)| if flags & bit != 0 { c } else { '-' });
            Segment {
                kind: segment_kind(word(entry, 0)),
                offset: long(entry, 8),
                address: long(entry, 16),
                file_size: long(entry, 32),
                memory_size: long(entry, 40),
                access: access.iter().collect(),
            }
        })
        .collect()
}

fn segment_kind(number: u32) -> String {
    let name = match number {
        1 => "LOAD",
        2 => "DYNAMIC",
        3 => "INTERP",
        4 => "NOTE",
        6 => "PHDR",
        7 => "TLS",
        0x6474_e550 => "GNU_EH_FRAME",
        0x6474_e551 => "GNU_STACK",
        0x6474_e552 => "GNU_RELRO",
        0x6474_e553 => "GNU_PROPERTY",
        other => return format!("{other:#x}"),
    };
    name.to_owned()
}
