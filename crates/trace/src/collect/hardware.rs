//! The machine: processor, caches, memory, and whether its counters may be read.

use super::text_of;
use crate::event::{Cache, Hardware};

/// What the system tells about the machine.
pub fn gather() -> Hardware {
    let info = text_of("/proc/cpuinfo");
    let field = |names: &[&str]| {
        info.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| names.contains(&key.trim()))
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    };
    let uname = rustix::system::uname();
    let memory = text_of("/proc/meminfo")
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0);
    Hardware {
        processor: field(&["model name", "Processor", "CPU part"]),
        architecture: uname.machine().to_string_lossy().into_owned(),
        processors: info.lines().filter(|line| line.starts_with("processor")).count() as u32,
        allowed: std::thread::available_parallelism().map_or(1, |count| count.get() as u32),
        megahertz: field(&["cpu MHz"]).parse().unwrap_or(0.0),
        caches: caches(),
        page: rustix::param::page_size() as u64,
        memory: memory * 1024,
        kernel: format!("{} {}", uname.sysname().to_string_lossy(), uname.release().to_string_lossy()),
        counters: counters(),
    }
}

fn caches() -> Vec<Cache> {
    let mut list = Vec::new();
    for index in 0..8 {
        let folder = format!("/sys/devices/system/cpu/cpu0/cache/index{index}");
        let read = |name: &str| text_of(&format!("{folder}/{name}"));
        let level = read("level");
        let Ok(level) = level.parse() else { continue };
        list.push(Cache {
            level,
            kind: read("type"),
            size: size(&read("size")),
            line: read("coherency_line_size").parse().unwrap_or(0),
            shared: read("shared_cpu_list"),
        });
    }
    list
}

fn size(text: &str) -> u64 {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.as_bytes().last() {
        Some(b'K') => 1 << 10,
        Some(b'M') => 1 << 20,
        Some(b'G') => 1 << 30,
        _ => 1,
    };
    digits.parse::<u64>().unwrap_or(0) * unit
}

/// Whether the kernel would let this process count hardware events, as far as it can be told without asking it to.
fn counters() -> String {
    let level = text_of("/proc/sys/kernel/perf_event_paranoid");
    if level.is_empty() {
        return "not available: the kernel has no performance counters".to_owned();
    }
    let devices = std::path::Path::new("/sys/bus/event_source/devices/cpu").exists()
        || std::path::Path::new("/sys/bus/event_source/devices/armv8_pmuv3_0").exists();
    if !devices {
        return "not available: the processor shows no counters here (a virtual machine without them)".to_owned();
    }
    let root = rustix::process::geteuid().is_root();
    match level.parse::<i32>() {
        Ok(level) if level <= 2 || root => format!("available (perf_event_paranoid is {level})"),
        Ok(level) => format!("not allowed: perf_event_paranoid is {level}; an administrator can set it to 2"),
        Err(_) => format!("unknown: perf_event_paranoid says {level}"),
    }
}
