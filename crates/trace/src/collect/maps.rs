//! The memory map: mappings of the address space with their resident parts, grouped by what they are for.

use crate::event::Mapping;

/// The mappings of this process. `arenas` are the ranges that the interpreter's allocator holds: a mapping that contains
/// some is theirs.
pub fn gather(executable: &str, arenas: &[(u64, u64)]) -> Vec<Mapping> {
    let text = std::fs::read("/proc/self/smaps").unwrap_or_default();
    parse(&String::from_utf8_lossy(&text), executable, arenas)
}

/// Reads the kernel's text.
pub fn parse(text: &str, executable: &str, arenas: &[(u64, u64)]) -> Vec<Mapping> {
    let mut map: Vec<Mapping> = Vec::new();
    for line in text.lines() {
        if let Some(mapping) = first_line(line) {
            map.push(mapping);
        } else if let (Some(rest), Some(last)) = (line.strip_prefix("Rss:"), map.last_mut()) {
            let kilobytes: u64 = rest.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0);
            last.resident = kilobytes * 1024;
        }
    }
    let mut previous_is_executable = false;
    for mapping in &mut map {
        mapping.group = group(mapping, executable, arenas, previous_is_executable).to_owned();
        previous_is_executable = mapping.name == executable || (previous_is_executable && mapping.group == "data");
    }
    map
}

fn first_line(line: &str) -> Option<Mapping> {
    let mut words = line.split_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
    let access = words.next()?.to_owned();
    // Offset, device and inode come before the name, which may hold spaces.
    let name = words.skip(3).collect::<Vec<_>>().join(" ");
    Some(Mapping { start, end, access, name, group: String::new(), resident: 0 })
}

fn group(mapping: &Mapping, executable: &str, arenas: &[(u64, u64)], after_executable: bool) -> &'static str {
    if arenas.iter().any(|(start, size)| *start < mapping.end && start + size > mapping.start) {
        return "arenas";
    }
    match mapping.name.as_str() {
        name if name == executable && mapping.access.contains('x') => "code",
        name if name == executable => "data",
        "[heap]" => "heap",
        name if name.starts_with("[stack") => "stack",
        "[vdso]" | "[vvar]" | "[vsyscall]" | "[vvar_vclock]" => "kernel",
        name if name.contains(".so") => "library",
        name if name.contains("oriel-recording") => "recorder",
        "" if after_executable && mapping.access.starts_with("rw") => "data",
        "" if mapping.access.starts_with("---") => "other",
        // Threads' stacks and the process allocator's segments have no names of their own.
        "" => "heap",
        name if name.starts_with("[anon") => "heap",
        name if name.starts_with('/') => "file",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    const SAMPLE: &str = "\
5500-5600 r--p 00000000 08:01 11 /bin/oriel\nRss:   4 kB\n5600-5700 r-xp 00001000 08:01 11 /bin/oriel\nRss:   8 kB\n\
5700-5800 rw-p 00002000 08:01 11 /bin/oriel\nRss:   4 kB\n5800-5900 rw-p 00000000 00:00 0\nRss:   0 kB\n\
5900-6900 rw-p 00000000 00:00 0 [heap]\nRss:  16 kB\n7000-9000 rw-p 00000000 00:00 0\nRss:  64 kB\n\
a000-b000 r-xp 00000000 08:01 12 /lib/libc.so.6\nRss:  32 kB\nf000-ff00 rw-p 00000000 00:00 0 [stack]\nRss:  12 kB\n";

    #[test]
    fn groups_follow_names_and_arenas() {
        let map = parse(SAMPLE, "/bin/oriel", &[(0x8000, 0x1000)]);
        let groups: Vec<&str> = map.iter().map(|mapping| mapping.group.as_str()).collect();
        assert_eq!(groups, ["data", "code", "data", "data", "heap", "arenas", "library", "stack"]);
        assert_eq!(map[1].resident, 8 << 10);
    }
}
