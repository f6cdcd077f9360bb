//! The views of a recording against the formats that they claim.

use super::{FIRST, LIMIT, traced};
use crate::support::{oriel, run};
use oriel_trace::view::report::{Options, report};
use oriel_trace::view::{folded, perfetto, speedscope};
use serde_json::Value;
use std::process::Command;

const CALLS: &str = "def a():\n    return b() + b()\ndef b():\n    return sum(range(100))\ndef g():\n    yield a()\n    yield b()\nprint(list(g()))\n";

#[test]
fn the_report_fits_a_hundred_columns() {
    let recorded = traced("report", FIRST, &["--memory"]);
    let text = report(&recorded.recording, &Options { full: true, ..Options::default() });
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    for words in
        ["0  COMMAND", "integer fast path", "BINARY_OP *", "MODULE", "TEARDOWN", "10\\n", "dispatch", "exit status"]
    {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours where there is no terminal");
    let coloured = report(&recorded.recording, &Options { colour: true, ..Options::default() });
    assert!(coloured.contains("\u{1b}["));
}

#[test]
fn speedscope_opens_and_closes_in_pairs() {
    let recorded = traced("speedscope", CALLS, &[]);
    let file: Value = serde_json::from_str(&speedscope::speedscope(&recorded.recording)).unwrap();
    assert_eq!(file["$schema"], "https://www.speedscope.app/file-format-schema.json");
    let frames = file["shared"]["frames"].as_array().unwrap();
    assert!(frames.iter().all(|frame| frame["name"].is_string()));
    let profiles = file["profiles"].as_array().unwrap();
    assert!(!profiles.is_empty());
    for profile in profiles {
        assert_eq!((profile["type"].as_str(), profile["unit"].as_str()), (Some("evented"), Some("nanoseconds")));
        let (mut open, mut last) = (Vec::new(), profile["startValue"].as_u64().unwrap());
        for event in profile["events"].as_array().unwrap() {
            let (frame, at) = (event["frame"].as_u64().unwrap(), event["at"].as_u64().unwrap());
            assert!(at >= last && at <= profile["endValue"].as_u64().unwrap());
            assert!((frame as usize) < frames.len());
            last = at;
            match event["type"].as_str() {
                Some("O") => open.push(frame),
                Some("C") => assert_eq!(open.pop(), Some(frame)),
                other => panic!("{other:?}"),
            }
        }
        assert!(open.is_empty());
    }
    let folded = folded::folded(&recorded.recording);
    assert!(folded.lines().any(|line| line.contains("<module>;g;a;b")), "{folded}");
    assert!(folded.lines().all(|line| line.rsplit_once(' ').is_some_and(|(_, n)| n.parse::<u64>().is_ok())));
}

/// The fields that we use of Perfetto's messages, by number, as `perfetto_trace.proto` declares them: v a number, s a
/// string, and the name of a message.
fn field(message: &str, number: u64) -> &'static str {
    match (message, number) {
        ("Trace", 1) => "TracePacket",
        ("TracePacket", 8 | 10 | 13) => "v",
        ("TracePacket", 11) => "TrackEvent",
        ("TracePacket", 60) => "TrackDescriptor",
        ("TrackDescriptor", 1 | 5) => "v",
        ("TrackDescriptor", 2) => "s",
        ("TrackDescriptor", 3) => "ProcessDescriptor",
        ("TrackDescriptor", 4) => "ThreadDescriptor",
        ("TrackDescriptor", 8) => "CounterDescriptor",
        ("ProcessDescriptor", 1) => "v",
        ("ProcessDescriptor", 6) => "s",
        ("ThreadDescriptor", 1 | 2) => "v",
        ("ThreadDescriptor", 5) => "s",
        ("CounterDescriptor", 3) => "v",
        ("TrackEvent", 9 | 11 | 30) => "v",
        ("TrackEvent", 22 | 23) => "s",
        ("TrackEvent", 4) => "DebugAnnotation",
        ("TrackEvent", 33) => "SourceLocation",
        ("DebugAnnotation", 6 | 10) => "s",
        ("SourceLocation", 2) => "s",
        ("SourceLocation", 4) => "v",
        _ => panic!("{message} has no field {number} of ours"),
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().expect("a whole number");
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return value;
        }
    }
    panic!("a number of more than 64 bits")
}

/// Reads a message by the schema; calls `seen` for each packet's event.
fn check(message: &str, mut bytes: &[u8], numbers: &mut Vec<(String, u64, u64)>) {
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        match (field(message, key >> 3), key & 7) {
            ("v", 0) => {
                let value = varint(&mut bytes);
                numbers.push((message.to_owned(), key >> 3, value));
            }
            (inner, 2) if inner != "v" => {
                let length = varint(&mut bytes) as usize;
                let (content, rest) = bytes.split_at(length);
                bytes = rest;
                if inner == "s" {
                    std::str::from_utf8(content).expect("text");
                } else {
                    check(inner, content, numbers);
                }
            }
            (inner, wire) => panic!("{message}.{}: {inner} cannot have wire type {wire}", key >> 3),
        }
    }
}

#[test]
fn perfetto_reads_by_its_schema() {
    let recorded = traced("perfetto", CALLS, &[]);
    let mut numbers = Vec::new();
    check("Trace", &perfetto::perfetto(&recorded.recording), &mut numbers);
    let events = |wanted| numbers.iter().filter(|(m, f, v)| m == "TrackEvent" && *f == 9 && *v == wanted).count();
    assert!(events(1) > 10 && events(1) == events(2), "{} begin, {} end", events(1), events(2));
    assert!(events(3) >= 1, "the write is an instant");
}

#[test]
fn a_view_is_made_later_from_the_recording_alone() {
    let recorded = traced("later", FIRST, &[]);
    std::fs::remove_file(recorded.folder.0.join("script.py")).unwrap();
    let view = |arguments: &[&str]| {
        run(
            Command::new(oriel()).current_dir(&recorded.folder.0).args(["view", "run.jsonl"]).args(arguments),
            b"",
            LIMIT,
        )
    };
    let tokens = view(&["--stage", "tokens"]);
    assert!(tokens.stdout.contains("1,4-1,10:           NAME           'double'"), "{}", tokens.stdout);
    let bytecode = view(&["--stage", "bytecode", "--function", "double"]);
    assert!(bytecode.stdout.contains("BINARY_OP") && !bytecode.stdout.contains("MAKE_FUNCTION"), "{}", bytecode.stdout);
    let files = view(&["--html", "a.html", "--perfetto", "a.pb", "--speedscope", "a.json", "--folded", "a.txt"]);
    assert_eq!((files.code, files.stdout.as_str()), (Some(0), ""), "{}", files.stderr);
    for name in ["a.html", "a.pb", "a.json", "a.txt"] {
        assert!(std::fs::metadata(recorded.folder.0.join(name)).unwrap().len() > 20, "{name}");
    }
}
