//! Checks the views that other programs read against what those programs publish: Perfetto's protobuf schema (the package
//! `perfetto` of PyPI) and speedscope's JSON schema (the package `speedscope` of npm). Both come into a cache folder.

use crate::{places, process};
use anyhow::{Context as _, Result, ensure};
use lexopt::Arg::{Long, Value};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(300);

/// Reads a trace by the schema and a profile by its schema; says what is in them.
const CHECK: &str = r#"
import glob, json, sys
from google.protobuf.unknown_fields import UnknownFieldSet
from perfetto.protos.perfetto.trace import perfetto_trace_pb2
import jsonschema

def unknown(message, path):
    found = [f"{path}.{field.field_number}" for field in UnknownFieldSet(message)]
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        repeated = isinstance(value, (list, tuple)) or hasattr(value, "add")
        for one in value if repeated else [value]:
            found += unknown(one, f"{path}.{field.name}")
    return found

trace_file, profile_file, schema_file = sys.argv[1:]
trace = perfetto_trace_pb2.Trace()
trace.ParseFromString(open(trace_file, "rb").read())
assert trace.IsInitialized()
strangers = unknown(trace, "trace")
assert not strangers, strangers[:5]
tracks = {p.track_descriptor.uuid for p in trace.packet if p.HasField("track_descriptor")}
event = perfetto_trace_pb2.TrackEvent
depth, last = {}, {}
begins = 0
for packet in trace.packet:
    if not packet.HasField("track_event"):
        continue
    one = packet.track_event
    assert one.track_uuid in tracks, one
    assert packet.HasField("timestamp") and packet.HasField("trusted_packet_sequence_id")
    assert packet.timestamp >= last.get(one.track_uuid, 0), "time runs back on a track"
    last[one.track_uuid] = packet.timestamp
    if one.type == event.TYPE_SLICE_BEGIN:
        begins += 1
        depth[one.track_uuid] = depth.get(one.track_uuid, 0) + 1
    elif one.type == event.TYPE_SLICE_END:
        depth[one.track_uuid] -= 1
        assert depth[one.track_uuid] >= 0, "an end without a beginning"
assert begins and not any(depth.values()), depth
profile = json.load(open(profile_file))
schema = json.load(open(schema_file))
jsonschema.validators.validator_for(schema).check_schema(schema)
jsonschema.validate(profile, schema)
print(f"{len(trace.packet)} packets, {begins} slices; {len(profile['profiles'])} profiles")
"#;

/// `cargo xtask formats`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut scripts, mut oriel, mut build) = (Vec::new(), None, true);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(path) => scripts.push(std::fs::canonicalize(path)?),
            Long("python") => oriel = Some(std::fs::canonicalize(parser.value()?)?),
            Long("no-build") => build = false,
            other => return Err(other.unexpected().into()),
        }
    }
    if scripts.is_empty() {
        scripts = crate::differential::scripts_in(&places::root().join("examples"))?;
    }
    let oriel = match oriel {
        Some(path) => path,
        None => places::oriel(build)?,
    };
    let folder = places::results("formats")?;
    let (python, schema) = (python(&folder)?, schema(&folder)?);
    let mut good = true;
    for script in &scripts {
        let (trace, profile) = (folder.join("trace.pb"), folder.join("profile.json"));
        let mut command = Command::new(&oriel);
        command.args(["trace", "--quiet", "--perfetto"]).arg(&trace).arg("--speedscope").arg(&profile).arg(script);
        process::run(&mut command, LIMIT)?;
        let mut check = Command::new(&python);
        check.args(["-c", CHECK]).args([&trace, &profile, &schema]);
        let outcome = process::run(&mut check, LIMIT)?;
        let said = if outcome.success() { &outcome.stdout } else { &outcome.stderr };
        let said = String::from_utf8_lossy(said);
        let name = script.file_name().unwrap_or_default().to_string_lossy();
        println!("{name}: {}", said.lines().last().unwrap_or("nothing was said"));
        good &= outcome.success();
    }
    Ok(good)
}

/// A Python with the packages that read both formats.
fn python(folder: &Path) -> Result<PathBuf> {
    let home = folder.join("python");
    let python = home.join("bin/python");
    if !home.join("whole").exists() {
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&home)).context("Debian's package python3-venv")?;
        succeed(Command::new(&python).args(["-m", "pip", "install", "--quiet", "perfetto", "jsonschema"]))?;
        std::fs::write(home.join("whole"), "")?;
    }
    Ok(python)
}

/// speedscope's schema of its files.
fn schema(folder: &Path) -> Result<PathBuf> {
    let schema = folder.join("package/dist/release/file-format-schema.json");
    if !schema.exists() {
        succeed(Command::new("npm").args(["pack", "--silent", "speedscope"]).current_dir(folder))?;
        let listing = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
        let archive = listing.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "tgz"));
        let archive = archive.context("npm packed nothing")?;
        succeed(Command::new("tar").arg("-xzf").arg(archive).current_dir(folder))?;
    }
    Ok(schema)
}

fn succeed(command: &mut Command) -> Result<()> {
    let outcome = process::run(command, LIMIT)?;
    ensure!(outcome.success(), "{command:?}: {} {}", outcome.end(), String::from_utf8_lossy(&outcome.stderr));
    Ok(())
}
